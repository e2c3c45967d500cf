#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Open policies with everyday tools: parameters, texts, loading and unloading.

# shellcheck source=functions.sh disable=SC2154,SC2317
. "$(dirname "$0")/functions.sh"

require_root
require_command modprobe rmmod tail timeout
require_helper klab_helper
require_module klab_chardev_policy

module=klab_chardev_policy
node=/dev/klab-policy
class=/sys/class/klab-policy/klab-policy
klab=${KLAB_COMMAND:-klab}

# needs_klab() - the klab command, without which a test is skipped
needs_klab() {
	command -v "$klab" >/dev/null || skip "no command klab"
}

# attribute(device, name)
attribute() {
	cat "$class$1/$2"
}

# is(device, name, value) - does an attribute have it
is() {
	[ "$(attribute "$1" "$2")" = "$3" ]
}

test_a_device_for_each_policy() {
	local policies=(none exclusive instance wait timeout) i

	load "$module"
	for i in 0 1 2 3 4; do
		expect_eq "policy of $i" "$(attribute "$i" policy)" \
			"${policies[i]}"
		expect_eq "mode of $i" "$(stat -c %a "$node$i")" 666
	done
	[ ! -e "${node}5" ] || fail "a sixth device"
	expect_eq "timeout" "$(attribute 4 timeout_ms)" 1000
}

test_policies_can_be_given() {
	load "$module" policies=wait,wait,none timeout_ms=7 node_mode=0600
	expect_eq "policy of 1" "$(attribute 1 policy)" wait
	expect_eq "policy of 2" "$(attribute 2 policy)" none
	expect_eq "timeout" "$(attribute 0 timeout_ms)" 7
	expect_eq "mode" "$(stat -c %a "${node}0")" 600
	[ ! -e "${node}3" ] || fail "a fourth device"
}

# test_refused(regex of the log, parameter)
test_refused() {
	refused 'Invalid argument' "${modprobe[@]}" "$module" "$2"
	expect_log "$module: .*$1"
	expect_gone "$module"
	[ ! -e "${node}0" ] || fail "there is a node"
}

test_too_many_are_refused() {
	local policies

	policies=$(printf 'none,%.0s' {1..65})
	refused 'Invalid argument' "${modprobe[@]}" "$module" \
		"policies=${policies%,}"
	expect_gone "$module"
}

test_echo_and_cat() {
	load "$module"
	succeeds cat "${node}0"
	expect_eq "first text" "$out" "shared: nothing written"
	echo "Hello, world!" >"${node}0"
	succeeds cat "${node}0"
	expect_eq "text" "$out" "Hello, world!"
	printf %s "no newline" >"${node}0"
	succeeds cat "${node}0"
	expect_eq "text" "$out" "no newline"
}

# Each of the two commands has had an instance of its own.
test_echo_and_cat_have_nothing_in_common() {
	load "$module"
	echo "Hello, world!" >"${node}2"
	succeeds cat "${node}2"
	expect_eq "text" "$out" "own: nothing written"
	exec {fd}<>"${node}2"
	echo "Hello, world!" >&"$fd"
	expect_eq "text of the same" "$(cat <&"$fd")" "Hello, world!"
	exec {fd}>&-
}

# One text for both, the last one.
test_two_shared() {
	needs_klab
	load "$module"
	succeeds "$klab" two "${node}0"
	expect_match "two" "$out" 'first: read 6 bytes: 22222'
	expect_match "two" "$out" 'second: read 6 bytes: 22222'
	expect_eq "which is first" "$(grep -m 1 'read 6' <<<"$out" |
		cut -d : -f 1)" first
	succeeds "$klab" two --reverse "${node}0"
	expect_eq "which is first" "$(grep -m 1 'read 6' <<<"$out" |
		cut -d : -f 1)" second
}

# say(device) - two lines to it
say() {
	printf 'one\ntwo\n' | timeout "$bound" "$klab" talk "$1"
}

# A line is written and read back; the device is open all the time.
test_talk_has_it_open() {
	needs_klab
	load "$module"
	succeeds say "${node}2"
	expect_eq "talk" "$out" "> one"$'\n'"> two"$'\n'"> "
}

# say_long(device) - a line that is longer than a text
say_long() {
	printf '%0300d\n' 0 | timeout "$bound" "$klab" talk "$1"
}

test_talk_of_a_long_line() {
	needs_klab
	load "$module"
	refused 'Message too long' say_long "${node}0"
	succeeds cat "${node}0"
	expect_eq "text" "$out" "shared: nothing written"
}

# talkers(number) - so many have it open, each at its prompt
talkers() {
	[ "$(attribute 0 inside)" = "$1" ]
}

test_talk_of_many() {
	local i pids=()

	needs_klab
	load "$module"
	mkfifo "$TMP/fifo"
	exec {typed}<>"$TMP/fifo"
	for i in 1 2 3; do
		"$klab" talk "${node}0" <"$TMP/fifo" >/dev/null 2>&1 &
		pids+=($!)
		within 10 talkers "$i" || fail "talk $i has not opened it"
		# Two for each: the file operations and the cdev.
		expect_eq "users" "$(users_of "$module")" $((2 * i))
	done
	for i in 2 1 0; do
		kill -9 "${pids[i]}"
		wait "${pids[i]}" 2>/dev/null
		expect_eq "inside" "$(attribute 0 inside)" "$i"
		expect_eq "users" "$(users_of "$module")" $((2 * i))
	done
	exec {typed}>&-
}

# What fails is seen in what follows: no descriptor, nothing to write to.
test_two_exclusive() {
	needs_klab
	load "$module"
	refused 'second: .*resource busy' "$klab" two "${node}1"
	expect_match "two" "$out" 'second: write: Bad file descriptor'
	expect_match "two" "$out" 'first: read 8 bytes: 1111111'
	expect_match "two" "$out" 'second: read: Bad file descriptor'
	refused 'second: .*resource busy' "$klab" two --reverse "${node}1"
	expect_match "two" "$out" 'first: read 8 bytes: 1111111'
}

test_two_instances() {
	local order

	needs_klab
	load "$module"
	for order in "" --reverse; do
		# shellcheck disable=SC2086 # nothing, or one word
		succeeds "$klab" two $order "${node}2"
		expect_match "two" "$out" 'first: read 8 bytes: 1111111'
		expect_match "two" "$out" 'second: read 6 bytes: 22222'
	done
}

test_one_opener_only() {
	load "$module"
	exec {fd}<"${node}1"
	refused 'resource busy' cat "${node}1"
	exec {fd}<&-
	succeeds cat "${node}1"
}

# tail has it open; who does not want to wait is told that it would.
test_tail_blocks_the_second() {
	local pid

	needs_klab
	load "$module"
	echo last >"${node}3"
	succeeds "$klab" pcat "${node}3"
	expect_match "pcat" "$out" 'read 5 bytes: last'
	tail -f "${node}3" >/dev/null &
	pid=$!
	within 10 is 3 inside 1 || fail "tail has not opened it"
	refused "${node}3: Open would block" "$klab" pcat "${node}3"
	run timeout 1 cat "${node}3"
	expect_eq "status of a cat that waits" "$status" 124
	kill "$pid"
	wait "$pid" 2>/dev/null
	succeeds "$klab" pcat "${node}3"
	expect_match "pcat" "$out" 'read 5 bytes: last'
}

test_time_is_over() {
	load "$module" timeout_ms=50
	exec {fd}<"${node}4"
	refused 'timed out' cat "${node}4"
	expect_eq "timed_out" "$(attribute 4 statistics/timed_out)" 1
	exec {fd}<&-
	succeeds cat "${node}4"
}

# set_policy(device, policy)
set_policy() {
	echo "$2" >"${class}$1/policy"
}

test_policy_can_be_changed() {
	load "$module"
	exec {fd}<"${node}0"
	refused 'resource busy' set_policy 0 exclusive
	exec {fd}<&-
	succeeds set_policy 0 exclusive
	exec {fd}<"${node}0"
	refused 'resource busy' cat "${node}0"
	exec {fd}<&-
}

test_zero_byte_in_an_attribute_is_refused() {
	load "$module"
	zero_byte_is_refused "${class}0/policy" wait
	zero_byte_is_refused "${class}0/timeout_ms" 5
}

# Who waits in open() has no descriptor yet, and holds the module all the same.
test_unload_is_refused_while_open_or_waiting() {
	local pid

	load "$module"
	exec {fd}<"${node}3"
	refused 'in use' rmmod "$module"
	cat "${node}3" {fd}<&- >/dev/null &
	pid=$!
	within 10 is 3 waiting 1 || fail "nobody waits"
	expect_eq "users" "$(users_of "$module")" 4
	refused 'in use' rmmod "$module"
	kill -9 "$pid"
	wait "$pid" 2>/dev/null
	expect_eq "waiting" "$(attribute 3 waiting)" 0
	expect_eq "users" "$(users_of "$module")" 2
	exec {fd}<&-
	unload "$module"
}

test_calls_in_the_log() {
	load "$module" debug=1
	exec {one}<>"${node}2"
	exec {two}<>"${node}2"
	echo abc >&"$one"
	cat <&"$two" >/dev/null
	exec {one}>&-
	exec {two}>&-
	expect_eq "nodes" "$(log_since_start |
		sed -n 's/.*inode \([0-9]*\) opens.*/\1/p' | sort -u | wc -l)" 1
	expect_eq "files" "$(log_since_start |
		sed -n 's/.*file \([0-9]*\) of .* opens.*/\1/p' | sort -u |
		wc -l)" 2
	expect_log 'file 1 writes 4 bytes'
	expect_log 'file 2 reads 21 bytes'
	expect_log 'file 2 reads 0 bytes'
	expect_log 'file 2 of inode [0-9]+ closes, own text, 2 references'
}

test_silent_unless_asked() {
	load "$module"
	echo text >"${node}0"
	expect_no_log klab-policy
}

test_nothing_left_after_unload() {
	local before

	expedite_rcu
	load "$module"
	unload "$module"
	before=$(traces)
	for _ in 1 2 3 4 5; do
		succeeds "${modprobe[@]}" "$module" policies=wait,instance
		echo text >"${node}1"
		unload "$module"
	done
	expect_same "what there is" "$(traces)" "$before"
}

add_test a_device_for_each_policy
add_test policies_can_be_given
add_test unknown_policy_is_refused \
	test_refused 'policies=...first...' policies=none,first
add_test too_many_are_refused
add_test no_time_is_refused test_refused 'timeout_ms=0' timeout_ms=0
add_test too_much_time_is_refused test_refused 'timeout_ms=60001' timeout_ms=60001
add_test mode_is_refused test_refused 'node_mode' node_mode=1666
add_test echo_and_cat
add_test echo_and_cat_have_nothing_in_common
add_test two_shared
add_test two_exclusive
add_test two_instances
add_test talk_has_it_open
add_test talk_of_a_long_line
add_test talk_of_many
add_test one_opener_only
add_test tail_blocks_the_second
add_test time_is_over
add_test policy_can_be_changed
add_test zero_byte_in_an_attribute_is_refused
add_test unload_is_refused_while_open_or_waiting
add_test calls_in_the_log
add_test silent_unless_asked
add_test nothing_left_after_unload
run_tests
