#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# One value through six channels, and the major number of the nodes.

# shellcheck source=functions.sh disable=SC2154,SC2317
. "$(dirname "$0")/functions.sh"

module=klab_basics_channels
text=/dev/klab-channels
raw=/dev/klab-channels-raw
proc=/proc/klab-channels
sys=/sys/class/klab-channels/klab-channels/value
parameter=/sys/module/$module/parameters/major

require_root
require_command insmod modprobe rmmod ip od setpriv
require_helper klab_helper
require_module "$module"
keep_core

raw_value() {
	od -A n -t u8 "$raw" | tr -d ' '
}

net_name() {
	experiment basics/channels
	awk -F '\t' '$1 == "net" { sub(" .*", "", $2); print $2 }' <<<"$out"
}

net_value() {
	ip -s link show dev "$(net_name)" |
		awk '/RX:/ { getline; print $2 }'
}

logged_value() {
	log_since_start | sed -n 's/.*klab-channels: value //p' | tail -n 1
}

# expect_everywhere(value)
expect_everywhere() {
	local channel

	expect_eq "node of text" "$(cat "$text")" "$1"
	expect_eq "node of 8 bytes" "$(raw_value)" "$1"
	expect_eq "proc" "$(cat "$proc")" "$1"
	expect_eq "sysfs" "$(cat "$sys")" "$1"
	expect_eq "network interface" "$(net_value)" "$1"
	expect_eq "log" "$(logged_value)" "$1"
	experiment basics/channels
	for channel in log dev proc sys net debugfs; do
		expect_eq "experiment: $channel" \
			"$(cell "$channel" value)" "$1"
	done
}

put() {
	printf '%s\n' "$2" >"$1"
}

test_all_agree_at_first() {
	load "$module"
	expect_everywhere 0
}

# test_set_by(file, text, value)
test_set_by() {
	load "$module"
	succeeds put "$1" "$2"
	expect_everywhere "$3"
}

test_set_by_raw() {
	load "$module"
	printf '\x2a\0\0\0\0\0\0\0' >"$TMP/value"
	[ "$(od -A n -t u8 "$TMP/value" | tr -d ' ')" = 42 ] ||
		printf '\0\0\0\0\0\0\0\x2a' >"$TMP/value"
	cat "$TMP/value" >"$raw" || fail "write failed"
	expect_everywhere 42
}

test_set_by_experiment() {
	load "$module"
	experiment basics/channels value=0x10
	expect_everywhere 16
}

# test_refused_by(file, text, message)
test_refused_by() {
	load "$module"
	succeeds put "$proc" 5
	refused "$3" put "$1" "$2"
	expect_everywhere 5
}

test_raw_refuses_other_lengths() {
	load "$module"
	refused 'Invalid argument' put "$raw" 1234
	refused 'Invalid argument' dd if="$raw" of=/dev/null bs=7 count=1
}

test_partial_reads_make_the_whole() {
	load "$module"
	succeeds put "$proc" 12345
	expect_eq "text by bytes" "$(dd if="$text" bs=1 2>/dev/null)" 12345
	expect_eq "proc by bytes" "$(dd if="$proc" bs=1 2>/dev/null)" 12345
	expect_eq "sysfs by bytes" "$(dd if="$sys" bs=1 2>/dev/null)" 12345
	expect_eq "large read" \
		"$(dd if="$text" bs=1M count=1 2>/dev/null)" 12345
}

# A text begun is read to its end, even if the value changes meanwhile.
test_a_read_begun_stays_whole() {
	local first rest

	load "$module"
	succeeds put "$proc" 111111
	exec 7<"$text"
	first=$(dd bs=1 count=3 <&7 2>/dev/null)
	succeeds put "$proc" 222222
	rest=$(cat <&7)
	exec 7<&-
	expect_eq "text" "$first$rest" 111111
}

test_seek() {
	load "$module"
	succeeds put "$proc" 12345
	expect_eq "text" "$(dd if="$text" bs=1 skip=2 2>/dev/null)" 345
	expect_eq "proc" "$(dd if="$proc" bs=1 skip=2 2>/dev/null)" 345
	expect_eq "sysfs" "$(dd if="$sys" bs=1 skip=2 2>/dev/null)" 345
}

test_open_node_keeps_the_module() {
	local node

	load "$module"
	for node in "$text" "$raw"; do
		exec 7<"$node"
		[ "$(users_of "$module")" -gt 0 ] || fail "not held"
		refused 'in use' rmmod "$module"
		exec 7<&-
		expect_eq "users" "$(users_of "$module")" 0
	done
	unload "$module"
}

# An open file of /proc does not keep the module: it is closed by the removal.
test_open_proc_file_does_not_keep_it() {
	load "$module"
	exec 7<"$proc" 6<"$sys"
	unload "$module"
	refused 'Input/output error|No such device' sh -c 'cat <&7'
	exec 7<&- 6<&-
}

test_nothing_left_after_unload() {
	local name path

	load "$module"
	name=$(net_name)
	[ -e "/sys/class/net/$name" ] || fail "no interface $name"
	unload "$module"
	for path in "$text" "$raw" "$proc" /sys/class/klab-channels \
		    "/sys/class/net/$name"; do
		[ ! -e "$path" ] || fail "$path is still there"
	done
	! grep -q klab-channels /proc/devices || fail "still in /proc/devices"
}

test_interface_up_keeps_nothing() {
	local name

	load "$module"
	name=$(net_name)
	succeeds ip link set "$name" up
	unload "$module"
	[ ! -e "/sys/class/net/$name" ] || fail "$name is still there"
}

test_interface_can_be_renamed() {
	load "$module"
	succeeds ip link set "$(net_name)" name klab-other
	expect_eq "name" "$(net_name)" klab-other
	expect_everywhere 0
}

test_major_chosen_by_the_system() {
	local major

	load "$module"
	major=$(cat "$parameter")
	[ "$major" -gt 0 ] || fail "major is $major"
	expect_eq "/proc/devices" \
		"$(awk '$2 == "klab-channels" { print $1 }' /proc/devices)" \
		"$major"
	expect_eq "node" "$(stat -c %Hr "$text")" "$major"
	expect_eq "mode of the parameter" "$(stat -c %a "$parameter")" 444
}

test_major_as_told() {
	local major

	for ((major = 240; major < 255; major++)); do
		grep -q "^ *$major " /proc/devices || break
	done
	load "$module" "major=$major"
	expect_eq "major" "$(cat "$parameter")" "$major"
	expect_eq "node" "$(stat -c %Hr "$text")" "$major"
	expect_everywhere 0
}

# test_bad_major(major, message)
test_bad_major() {
	defer rmmod "$module"
	refused "$2" "${modprobe[@]}" "$module" "major=$1"
	expect_gone "$module"
	[ ! -e "$proc" ] || fail "$proc is there"
	# A refusal leaves nothing in the way of the next load.
	load "$module"
}

# The value of the beginning does not come over one that was written before.
test_written_while_it_loads() {
	local i writer

	for i in {1..20}; do
		(until echo 42 >"$proc"; do :; done) 2>/dev/null &
		writer=$!
		defer kill "$writer"
		load "$module"
		wait "$writer"
		expect_eq "proc, round $i" "$(cat "$proc")" 42
		expect_eq "log, round $i" "$(logged_value)" 42
		unload "$module"
	done
}

test_nobody_may_read_and_not_write() {
	load "$module"
	succeeds "${nobody[@]}" cat "$proc" "$sys"
	refused 'Permission denied' "${nobody[@]}" sh -c "echo 1 >$proc"
	refused 'Permission denied' "${nobody[@]}" sh -c "echo 1 >$sys"
	refused 'Permission denied' "${nobody[@]}" cat "$text"
	refused 'Permission denied' "${nobody[@]}" cat "$raw"
}

# One writer and four readers at once: each read is a value that was written.
test_readers_and_a_writer() {
	local i job jobs=()

	load "$module"
	for file in "$text" "$proc" "$sys" "$text"; do
		(
			for ((i = 0; i < 200; i++)); do
				[[ $(<"$file") =~ ^(0|7+)$ ]] || exit 1
			done
		) &
		jobs+=($!)
	done
	for ((i = 0; i < 200; i++)); do
		put "$proc" 7777777
		put "$sys" 0
	done
	for job in "${jobs[@]}"; do
		wait "$job" || fail "a reader saw what nobody wrote"
	done
}

add_test all_agree_at_first
while read -r name file value shown; do
	add_test "set_by_$name" test_set_by "${!file}" "$value" "$shown"
done <<EOT
text_node text 123 123
text_node_in_base_16 text 0xff 255
proc_file proc 18446744073709551615 18446744073709551615
sysfs sys 0 0
EOT
add_test set_by_raw
add_test set_by_experiment
while IFS='|' read -r name file value message; do
	add_test "refused_by_$name" test_refused_by "${!file}" "$value" \
		"$message"
done <<EOT
text_node|text|many|Invalid argument
text_node_empty|text||Invalid argument
text_node_too_large|text|18446744073709551616|Numerical result out of range
text_node_too_long|text|$(printf '%0100d' 1)|Invalid argument
proc|proc|-1|Invalid argument
sysfs|sys|1 2|Invalid argument
EOT
add_test raw_refuses_other_lengths
add_test partial_reads_make_the_whole
add_test a_read_begun_stays_whole
add_test seek
add_test open_node_keeps_the_module
add_test open_proc_file_does_not_keep_it
add_test nothing_left_after_unload
add_test interface_up_keeps_nothing
add_test interface_can_be_renamed
add_test major_chosen_by_the_system
add_test major_as_told
add_test major_too_large test_bad_major 512 'Invalid'
add_test major_negative test_bad_major -1 'Invalid'
# 1 is that of /dev/null; its minors are taken.
add_test major_taken test_bad_major 1 'Device or resource busy'
add_test nobody_may_read_and_not_write
add_test readers_and_a_writer
add_test written_while_it_loads
run_tests
