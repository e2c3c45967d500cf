#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# What "klab uevents" hears when modules and devices come, go and change, and
# what it does not take for the kernel's.

# shellcheck source=functions.sh disable=SC2154,SC2317
. "$(dirname "$0")/functions.sh"

require_root
require_command modprobe rmmod setpriv awk paste
require_helper chardev_uevents
require_module klab_chardev_control klab_core klab_chardev_register \
	klab_chardev_policy klab_chardev_queue klab_chardev_channels

module=klab_chardev_control
klab=${KLAB_COMMAND:-klab}
command -v "$klab" >/dev/null || skip_all "no command klab"

listening() {
	grep -q 'uevents: listening' "$TMP/said"
}

# listen(argument...) - "klab uevents" in the background; sets pid
listen() {
	: >"$TMP/said"
	: >"$TMP/heard"
	"$klab" uevents --verbose --timeout "$bound" "$@" \
		>"$TMP/heard" 2>"$TMP/said" &
	pid=$!
	defer kill -9 "$pid"
	within 20 listening || fail "it does not listen: $(<"$TMP/said")"
}

# heard() - waits for its end; sets out to what it has printed
heard() {
	wait "$pid" || fail "it ended with $?: $(<"$TMP/said")"
	out=$(<"$TMP/heard")
}

# change(argument) - a change event of klab_core, made by hand
change() {
	echo "change $1" >/sys/module/klab_core/uevent
}

uuid=12345678-1234-1234-1234-123456789abc

test_module_comes_and_goes() {
	listen --subsystem module --match "/module/$module" --count 2
	load "$module"
	unload "$module"
	heard
	expect_match first "${out%%$'\n'*}" \
		"^[0-9]+ add module /module/$module\$"
	expect_match second "${out##*$'\n'}" \
		"^[0-9]+ remove module /module/$module\$"
}

test_device_says_what_its_node_is() {
	listen --match "*/misc/klab-control" --action add --variables --count 1
	load "$module"
	heard
	expect_match event "$out" 'add misc /devices/virtual/misc/klab-control'
	expect_match name "$out" '  DEVNAME=klab-control'
	expect_match mode "$out" '  DEVMODE=0644'
	expect_match number "$out" '  MAJOR=10'
}

# test_nodes(pattern, number of nodes, module, parameter...)
test_nodes() {
	local pattern=$1 nr=$2

	shift 2
	listen --match "*/$pattern" --count $((nr * 2))
	load "$@"
	unload "$1"
	heard
	expect_eq "nodes that were added" \
		"$(awk '$2 == "add" { print $4 }' <<<"$out" | sort -u | wc -l)" "$nr"
	expect_eq "nodes that were removed" \
		"$(awk '$2 == "remove" { print $4 }' <<<"$out" | sort -u | wc -l)" \
		"$nr"
}

# Those of the file are told of late, those of a reload at once.
test_nodes_of_channels() {
	echo chan=klab-one >"$TMP/channels.conf"
	listen --match '*/klab-chan/klab-*' --action add --count 3
	load klab_chardev_channels path="$TMP/channels.conf"
	printf 'chan=klab-%s\n' one two three >"$TMP/channels.conf"
	echo 1 >/sys/class/klab-chan/reload
	heard
	expect_eq "nodes that were added" \
		"$(awk '{ print $4 }' <<<"$out" | sed 's|.*/||' | paste -sd ' ')" \
		"klab-one klab-two klab-three"
}

test_numbers_grow() {
	load klab_core
	listen --match /module/klab_core --count 5
	for _ in 1 2 3 4 5; do
		change "$uuid"
	done
	heard
	cut -d ' ' -f 1 <<<"$out" | sort -n -u >"$TMP/numbers"
	expect_eq "numbers" "$(cut -d ' ' -f 1 <<<"$out")" "$(<"$TMP/numbers")"
	expect_eq "how many" "$(wc -l <"$TMP/numbers")" 5
}

test_event_by_hand_says_so() {
	load klab_core
	listen --match /module/klab_core --variables --count 1
	change "$uuid WHO=me"
	heard
	expect_match uuid "$out" "  SYNTH_UUID=$uuid"
	expect_match argument "$out" '  SYNTH_ARG_WHO=me'
}

test_filters() {
	load klab_core
	listen --action change --match '/module/klab_cor?' --count 1
	echo "add $uuid" >/sys/module/klab_core/uevent
	change "$uuid"
	heard
	expect_match event "$out" '^[0-9]+ change module /module/klab_core$'
	expect_eq lines "$(wc -l <<<"$out")" 1
}

# A program may send to the group too, if it is root's; it has a number.
test_messages_of_programs_are_not_taken() {
	load klab_core
	listen --count 1
	succeeds "$KLAB_HELPERS/chardev_uevents" forge 3
	change "$uuid"
	heard
	expect_match event "$out" '^[0-9]+ change module /module/klab_core$'
	grep -q '3 messages were not the kernel' "$TMP/said" ||
		fail "not counted: $(<"$TMP/said")"
}

# Handed on by the kernel, it looks like its own but for who has sent it.
test_messages_by_way_of_the_kernel_are_not_taken() {
	load klab_core
	listen --count 1
	succeeds "$KLAB_HELPERS/chardev_uevents" inject 2
	change "$uuid"
	heard
	expect_match event "$out" '^[0-9]+ change module /module/klab_core$'
	grep -q '2 messages were not the kernel' "$TMP/said" ||
		fail "not counted: $(<"$TMP/said")"
}

stopped() {
	grep -q '^State:.T' "/proc/$pid/status"
}

# tell_until_heard() - there is no room again before all has been read
tell_until_heard() {
	echo "online $uuid" >/sys/module/klab_core/uevent
	[ -s "$TMP/heard" ]
}

# More than there is room for while it does not read: it says so and goes on.
test_lost_messages_are_told() {
	load klab_core
	listen --buffer 1 --match /module/klab_core --action online --count 1
	kill -STOP "$pid"
	within 20 stopped || fail "it does not stop"
	for _ in {1..100}; do
		change "$uuid"
	done
	kill -CONT "$pid"
	within 20 grep -q 'some were lost' "$TMP/said" ||
		fail "nothing said: $(<"$TMP/said")"
	within 20 tell_until_heard || fail "it does not go on"
	heard
	expect_match event "$out" 'online module /module/klab_core'
}

test_time_out() {
	run "$klab" uevents --timeout 1 --action nothing
	expect_eq "status without count" "$status" 0
	run "$klab" uevents --timeout 1 --action nothing --count 2
	expect_eq "status with count" "$status" 1
	expect_match message "$out" '2 more have not come in time'
}

test_anybody_may_listen() {
	cp "$(command -v "$klab")" "$TMP/klab" && chmod 755 "$TMP/klab"
	succeeds "${nobody[@]}" "$TMP/klab" uevents --timeout 1 --action nothing
}

test_wrong_usage() {
	local words

	for words in "--count 0" "--count x" "--count -1" "--timeout 0" \
		     "--buffer x" "--nonsense" "file"; do
		# shellcheck disable=SC2086 # several words
		run "$klab" uevents $words
		expect_eq "status of '$words'" "$status" 2
	done
}

test_listener_is_killed() {
	load klab_core
	listen --match /module/klab_core
	change "$uuid"
	kill -9 "$pid"
	wait "$pid" 2>/dev/null
	for _ in {1..20}; do
		change "$uuid"
	done
}

add_test module_comes_and_goes
add_test device_says_what_its_node_is
add_test nodes_of_a_cdev test_nodes 'klab-register[0-9]' 3 \
	klab_chardev_register style=cdev
add_test nodes_of_a_major test_nodes 'klab-register[0-9]' 3 \
	klab_chardev_register style=major
add_test nodes_of_misc test_nodes 'klab-register[0-9]' 3 \
	klab_chardev_register style=misc
add_test nodes_of_policies test_nodes 'klab-policy[0-9]' 5 klab_chardev_policy
add_test nodes_of_queues test_nodes 'klab-queue[0-9]' 2 klab_chardev_queue
add_test nodes_of_channels
add_test numbers_grow
add_test event_by_hand_says_so
add_test filters
add_test messages_of_programs_are_not_taken
add_test messages_by_way_of_the_kernel_are_not_taken
add_test lost_messages_are_told
add_test time_out
add_test anybody_may_listen
add_test wrong_usage
add_test listener_is_killed
run_tests
