#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The LED trigger klab-blink, on an LED in user space that says what it shows.

# shellcheck source=functions.sh disable=SC2154,SC2317
. "$(dirname "$0")/functions.sh"

led=klab::test
dir=/sys/class/leds/$led

require_root
require_command modprobe rmmod setpriv
require_helper klab_helper
require_module klab_basics_led

# Makes the LED; its brightness can be read from descriptor LED[0] then.
make_led() {
	local line

	[ -c /dev/uleds ] || "${modprobe[@]}" -q uleds || modprobe -q uleds
	[ -c /dev/uleds ] || skip "no /dev/uleds"
	coproc LED { exec "$HELPER" led "$led" 255; }
	defer kill "$LED_PID"
	read -r -t 20 line <&"${LED[0]}" || fail "no LED"
	expect_eq "LED" "$line" ready
}

# next() - sets shown to what the LED shows next
next() {
	read -r -t 20 shown <&"${LED[0]}" || fail "the LED does not change"
}

# shows(brightness) - waits until it does
shows() {
	local i

	for ((i = 0; i < 10; i++)); do
		next
		[ "$shown" != "$1" ] || return 0
	done
	fail "the LED does not show $1"
}

blink() {
	load klab_basics_led
	make_led
	echo klab-blink >"$dir/trigger" || fail "no trigger klab-blink"
}

put() {
	printf '%s\n' "$2" >"$1"
}

trigger() {
	sed 's/.*\[\(.*\)\].*/\1/' "$dir/trigger"
}

test_blinks() {
	local i

	blink
	put "$dir/delay_on" 20
	put "$dir/delay_off" 20
	# A change that comes before the last one was read takes its place.
	for ((i = 0; i < 5; i++)); do
		shows 0
		shows 255
	done
}

test_defaults() {
	blink
	expect_eq "trigger" "$(trigger)" klab-blink
	expect_match "delay_on" "$(cat "$dir/delay_on")" '^[1-9][0-9]*$'
	expect_eq "delay_off" "$(cat "$dir/delay_off")" "$(cat "$dir/delay_on")"
}

# test_delay_refused(text, message)
test_delay_refused() {
	local name

	blink
	for name in delay_on delay_off; do
		succeeds put "$dir/$name" 100
		refused "$2" put "$dir/$name" "$1"
		expect_eq "$name" "$(cat "$dir/$name")" 100
	done
}

test_delay_hidden_by_zero_byte() {
	blink
	succeeds put "$dir/delay_on" 100
	refused 'Invalid argument' put_bytes "$dir/delay_on" '5\0x'
	expect_eq "delay_on" "$(cat "$dir/delay_on")" 100
}

test_delay_replaces_a_long_one() {
	blink
	succeeds put "$dir/delay_on" 10000
	succeeds put "$dir/delay_off" 10000
	succeeds put "$dir/delay_on" 20
	succeeds put "$dir/delay_off" 20
	shows 255
	shows 0
	shows 255
}

test_another_trigger_ends_it() {
	blink
	shows 255
	succeeds put "$dir/trigger" none
	shows 0
	[ ! -e "$dir/delay_on" ] || fail "delay_on is still there"
	expect_eq "brightness" "$(cat "$dir/brightness")" 0
	expect_eq "users" "$(users_of klab_basics_led)" 0
}

test_unload_while_blinking() {
	blink
	shows 255
	unload klab_basics_led
	shows 0
	expect_eq "trigger" "$(trigger)" none
	! grep -q klab-blink "$dir/trigger" || fail "klab-blink is on offer"
}

test_led_goes_while_blinking() {
	blink
	shows 255
	eval "exec ${LED[1]}>&-"
	wait "$LED_PID" 2>/dev/null
	[ ! -e "$dir" ] || fail "$dir is still there"
	unload klab_basics_led
}

test_given_and_taken_often() {
	local i

	blink
	put "$dir/delay_on" 10
	for ((i = 0; i < 100; i++)); do
		put "$dir/trigger" none
		put "$dir/trigger" klab-blink
	done
	shows 255
}

test_nobody_may_read_and_not_write() {
	local name

	blink
	for name in delay_on delay_off; do
		expect_eq "mode of $name" "$(stat -c %a "$dir/$name")" 644
		succeeds "${nobody[@]}" cat "$dir/$name"
		refused 'Permission denied' \
			"${nobody[@]}" sh -c "echo 1 >$dir/$name"
	done
}

test_trigger_loads_the_module_by_alias() {
	succeeds modinfo -F alias "$(module_file klab_basics_led)"
	expect_match "alias" "$out" 'ledtrig:klab-blink'
}

add_test blinks
add_test defaults
add_test delay_zero test_delay_refused 0 'Numerical result out of range'
add_test delay_too_long test_delay_refused 4294967295 \
	'Numerical result out of range'
add_test delay_overflows test_delay_refused 4294967296 \
	'Numerical result out of range'
add_test delay_no_number test_delay_refused fast 'Invalid argument'
add_test delay_negative test_delay_refused -5 'Invalid argument'
add_test delay_hidden_by_zero_byte
add_test delay_replaces_a_long_one
add_test another_trigger_ends_it
add_test unload_while_blinking
add_test led_goes_while_blinking
add_test given_and_taken_often
add_test nobody_may_read_and_not_write
add_test trigger_loads_the_module_by_alias
run_tests
