#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The regulator with everyday tools: the loop closed by a shell, by klab and by
# the kernel, what its values take and refuse, loading and unloading.

# shellcheck source=functions.sh disable=SC2154,SC2317
. "$(dirname "$0")/functions.sh"

require_root
require_command modprobe rmmod timeout "${KLAB_COMMAND:-klab}"
require_helper klab_helper
require_module klab_attr_regulator
keep_core

module=klab_attr_regulator
proc=/proc/klab-regulator
sys=/sys/class/klab-regulator/klab-regulator
klab=${KLAB_COMMAND:-klab}
points=(value increment multiply target integral derivative period_ms carry
	sum error steps changes)

put() {
	printf '%s\n' "$2" >"$1"
}

# expect_both(point, value) - in /proc and in /sys
expect_both() {
	expect_eq "$1 in /proc" "$(cat "$proc/$1")" "$2"
	expect_eq "$1 in /sys" "$(cat "$sys/$1")" "$2"
}

test_all_points_are_in_both() {
	local point

	load "$module"
	for point in "${points[@]}"; do
		expect_eq "$point" "$(cat "$proc/$point")" "$(cat "$sys/$point")"
		expect_eq "mode of $point" "$(stat -c %a "$proc/$point")" \
			"$(stat -c %a "$sys/$point")"
	done
	expect_eq state "$(cut -f 1 "$proc/state")" \
		"$(printf '%s\n' "${points[@]}")"
}

test_value_is_one_in_both() {
	load "$module"
	put "$proc/value" 12.5
	expect_both value 12.500
	put "$sys/value" -3
	expect_both value -3.000
	put "$sys/increment" 2
	expect_both value -2.000
	expect_both increment 2.000
	expect_both changes 3
}

test_gain_is_a_parameter() {
	load "$module" multiply=0.25
	expect_both multiply 0.250
	expect_eq parameter "$(cat /sys/module/$module/parameters/multiply)" \
		0.250
	put "$proc/value" 8
	put "$proc/increment" -8
	expect_both value 6.000
}

# test_gain_refused(text)
test_gain_refused() {
	refused 'Invalid argument|out of range|esult too large|Unknown' \
		"${modprobe[@]}" "$module" "multiply=$1"
	expect_gone "$module"
}

# The loop as the exercise has it: read, difference, write, until nothing is left.
test_shell_closes_the_loop() {
	local value steps=0

	load "$module"
	put "$proc/value" 1000
	while value=$(cat "$proc/value"); [ "$value" != 0.000 ]; do
		case $value in
		-*) put "$proc/increment" "${value#-}" ;;
		*) put "$proc/increment" "-$value" ;;
		esac
		[ $((steps++)) -lt 100 ] || fail "no end: $value"
	done
	[ "$steps" -gt 15 ] || fail "$steps steps only"
}

# klab_regulate(argument...) - sets out to rows; all agree with the model
klab_regulate() {
	succeeds "$klab" regulate --tsv "$@"
	[ "$(cut -f 5 <<<"$out" | grep -c same)" -gt 0 ] || fail "no rows: $out"
	! grep -q differs <<<"$out" || fail "the model differs: $out"
}

# last(column) - of the last row
last() {
	awk -F '\t' -v column="$1" '
		/^#/ { next }
		!header { for (i = 1; i <= NF; i++) at[$i] = i; header = 1 }
		{ cell = $at[column] }
		END { print cell }' <<<"$out"
}

test_klab_closes_the_loop() {
	load "$module"
	klab_regulate --value 100
	expect_eq "value in the end" "$(last value)" 0.000
	expect_eq "at rest" "$(remark at_rest)" 1
	expect_both value 0.000
}

test_klab_closes_the_loop_through_sys() {
	load "$module"
	klab_regulate --value 100 "$sys"
	expect_eq "value in the end" "$(last value)" 0.000
}

test_klab_stops_after_steps() {
	load "$module"
	klab_regulate --value 1024 --steps 3
	expect_eq "value in the end" "$(last value)" 128.000
	expect_eq "at rest" "$(remark at_rest)" 0
}

# test_model(multiply, integral, derivative, value, target) - closed by the
# program and by the kernel, step by step as in the model
test_model() {
	load "$module"
	put "$proc/multiply" "$1"
	put "$proc/integral" "$2"
	put "$proc/derivative" "$3"
	put "$proc/target" "$5"
	klab_regulate --value "$4" --steps 60
	put "$proc/value" "$4"
	put "$proc/period_ms" 20
	klab_regulate --watch --steps 40
}

test_kernel_closes_the_loop() {
	load "$module"
	put "$proc/period_ms" 1
	put "$proc/value" 64
	succeeds "$klab" regulate --tsv --watch
	expect_eq "value in the end" "$(last value)" 0.000
	expect_eq "at rest" "$(remark at_rest)" 1
	[ "$(cat "$proc/steps")" -gt 10 ] || fail "$(cat "$proc/steps") steps"
}

# Steps that come while klab looks at the last one, which a program in its way
# makes likely.
test_watch_shows_a_step_once() {
	local rows=200 pid

	load "$module" multiply=0.001
	put "$proc/value" 1000000
	put "$proc/period_ms" 1
	(while :; do :; done) &
	pid=$!
	defer kill "$pid"
	succeeds nice -n 5 "$klab" regulate --tsv --watch --steps "$rows"
	out=$(grep -v '^#' <<<"$out" | cut -f 1 | tail -n +2)
	expect_eq rows "$(wc -l <<<"$out")" $((rows + 1))
	expect_eq "steps shown twice" "$(uniq -d <<<"$out")" ''
}

# At rest nothing is done any more.
test_rest_is_rest() {
	local steps

	load "$module"
	put "$proc/period_ms" 1
	put "$proc/value" 1
	succeeds "$klab" regulate --tsv --watch
	steps=$(cat "$proc/steps")
	put "$proc/target" 0
	expect_eq steps "$(cat "$proc/steps")" "$steps"
}

# Defect of many examples: garbage becomes 0, or the old text is lost first.
test_bad_input_keeps_the_old_value() {
	local dir text

	load "$module"
	put "$proc/value" 42.5
	for dir in "$proc" "$sys"; do
		for text in x '' - . .5 5. 1,5 1e3 0x10 '1 2' 1.2345 --1 \
			    1000000.001 -1000001 99999999999999999999; do
			refused 'Invalid argument|out of range' \
				put "$dir/value" "$text"
			expect_both value 42.500
		done
		refused 'Invalid argument' \
			dd if=/dev/zero of="$dir/value" bs=3 count=1 status=none
		refused 'out of range' put "$dir/multiply" 100.001
		refused 'out of range' put "$dir/period_ms" 60001
		refused 'Invalid argument' put "$dir/period_ms" 1.5
	done
	expect_both changes 1
}

# Defect of many examples: a long write is cut off, or taken in two.
test_long_input_is_refused_as_a_whole() {
	load "$module"
	put "$proc/value" 7
	refused 'Invalid argument' \
		put "$proc/value" 0000000000000000000000000000000000000001
	refused 'Invalid argument' \
		dd if=/dev/zero of="$proc/value" bs=1M count=1 status=none
	expect_both value 7.000
	refused 'Invalid argument' put "$proc/steps" 1
	refused 'Invalid argument' put "$proc/state" 1
	refused 'Permission denied|Input/output error' put "$sys/steps" 1
}

# Defect of many examples: the position is set back at the end, and a reader
# that reads on never ends.
test_read_in_pieces_ends() {
	load "$module"
	put "$proc/value" -123.456
	succeeds dd if="$proc/value" bs=1 status=none
	expect_eq text "$out" -123.456
	succeeds dd if="$proc/state" bs=7 status=none
	expect_eq state "$out" "$(cat "$proc/state")"
}

# Many at once: nothing is lost.
test_writers_at_once() {
	local i

	load "$module" multiply=1
	for i in 1 2 3 4; do
		for _ in {1..50}; do
			echo 1.001 >"$proc/increment" || exit 1
			echo -0.001 >"$sys/increment" || exit 1
		done &
	done
	wait -n && wait -n && wait -n && wait -n || fail "a writer failed"
	expect_both value 200.000
	expect_both changes 400
}

test_open_proc_file_holds_the_module() {
	local fd

	load "$module"
	exec {fd}<"$proc/value"
	refused 'in use' rmmod "$module"
	expect_eq "value" "$(cat <&"$fd")" 0.000
	exec {fd}<&-
	unload "$module"
	[ ! -e "$proc" ] || fail "$proc stays"
}

test_unload_with_open_sys_file() {
	local fd

	load "$module"
	exec {fd}<"$sys/value"
	unload "$module"
	out=$(cat <&"$fd" 2>&1) && fail "still readable: $out"
	expect_match error "$out" 'No such device'
	exec {fd}<&-
	[ ! -e "$sys" ] || fail "$sys stays"
}

# With a step due, one under way, and users in all files.
test_unload_while_it_runs() {
	local pid i

	expedite_rcu
	while :; do
		cat "$proc"/* "$sys"/*
		for file in "$sys/value" "$sys/increment"; do
			[ ! -e "$file" ] || echo "$RANDOM" >>"$file"
		done
	done >/dev/null 2>&1 &
	pid=$!
	defer kill "$pid"
	for i in {1..15}; do
		succeeds "${modprobe[@]}" "$module"
		put "$sys/period_ms" 1
		put "$sys/value" 1000
		within 30 rmmod "$module" 2>/dev/null ||
			fail "cannot be unloaded"
	done
	expect_gone "$module"
}

test_nothing_stays_after_unload() {
	local before

	before=$(traces)
	load "$module"
	put "$proc/period_ms" 1
	put "$proc/value" 100
	unload "$module"
	expect_same "what there is" "$(traces)" "$before"
}

test_klab_says_what_is_wrong() {
	refused 'No such file' "$klab" regulate --tsv
	load "$module"
	refused 'period_ms is 0' "$klab" regulate --tsv --watch
	refused 'Invalid argument' "$klab" regulate --tsv --value x
	put "$proc/period_ms" 1000
	refused 'use --watch' "$klab" regulate --tsv
	refused 'of one moment' "$klab" regulate --tsv --watch "$sys"
	refused 'usage' "$klab" regulate --steps 0
}

test_klab_prints_json() {
	load "$module"
	succeeds "$klab" regulate --json --value 4
	expect_match json "$out" '"verdict": *"same"'
	succeeds "$klab" regulate --value 4 --steps 2
	expect_match table "$out" 'increment +model +verdict'
}

add_test all_points_are_in_both
add_test value_is_one_in_both
add_test gain_is_a_parameter
add_test gain_100_001 test_gain_refused 100.001
add_test gain_word test_gain_refused half
add_test gain_nothing test_gain_refused ''
add_test shell_closes_the_loop
add_test klab_closes_the_loop
add_test klab_closes_the_loop_through_sys
add_test klab_stops_after_steps
add_test model_proportional test_model 0.5 0 0 1000 0
add_test model_slow test_model 0.03 0 0 100 50.505
add_test model_swings test_model 1.9 0 0 -777.777 0.001
add_test model_unstable test_model 2.5 0 0 1 0
add_test model_integral test_model 0.3 0.05 0 0 250
add_test model_derivative test_model 0.4 0.01 0.2 -1000000 1000000
add_test model_runs_away test_model -100 100 -100 1 -1000000
add_test kernel_closes_the_loop
add_test watch_shows_a_step_once
add_test rest_is_rest
add_test bad_input_keeps_the_old_value
add_test long_input_is_refused_as_a_whole
add_test read_in_pieces_ends
add_test writers_at_once
add_test open_proc_file_holds_the_module
add_test unload_with_open_sys_file
add_test unload_while_it_runs
add_test nothing_stays_after_unload
add_test klab_says_what_is_wrong
add_test klab_prints_json
run_tests
