#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Observers of interrupt lines, and the order in which handlers are called.

# shellcheck source=functions.sh disable=SC2154,SC2317
. "$(dirname "$0")/functions.sh"

module=klab_irq_observe
dir=/sys/class/klab-irq/klab-irq-observe
proc=/proc/klab-irq-observe

require_root
require_command modprobe rmmod
require_module "$module" klab_irq_dispatch
keep_core

put() {
	printf '%s\n' "$2" >"$dir/$1"
}

calls() {
	cat "$dir/calls"
}

# proc_sum() - calls of all observers by /proc
proc_sum() {
	awk 'NR > 1 { n += $4 } END { print n + 0 }' "$proc"
}

# in_interrupts() - lines of /proc/interrupts with an observer
in_interrupts() {
	grep -c klab-observer /proc/interrupts
}

test_counts_in_proc_and_sys() {
	load "$module"
	succeeds put attach "synthetic 3"
	succeeds put fire 100
	expect_eq "calls by /sys" "$(calls)" 300
	expect_eq "calls by /proc" "$(proc_sum)" 300
	expect_eq "rows" "$(tail -n +2 "$proc" | wc -l)" 3
	succeeds put fire 11
	expect_eq "calls by /sys" "$(calls)" 333
	expect_eq "calls by /proc" "$(proc_sum)" 333
}

test_names_stand_in_order() {
	load "$module"
	succeeds put attach "synthetic 3"
	grep -q 'klab-owner, klab-observer-01, klab-observer-02, klab-observer-03$' \
		/proc/interrupts || fail "$(cat /proc/interrupts)"
	succeeds put fire 5
	expect_eq "order" "$(awk 'NR > 1 { print $3 }' "$proc" | xargs)" "1 2 3"
	succeeds put detach synthetic
	expect_eq "lines observed" "$(in_interrupts)" 0
	# What was counted stays counted.
	expect_eq "calls" "$(calls)" 15
}

test_parameters() {
	load "$module" irq=-1 handlers=2
	expect_eq "lines observed" "$(in_interrupts)" 1
	succeeds put fire 7
	expect_eq "calls" "$(calls)" 14
	unload "$module"
	expect_log "$module: observed 14 calls"
	expect_eq "lines observed" "$(in_interrupts)" 0
}

# test_load_refused(regex, parameter...) - and nothing stays
test_load_refused() {
	local regex=$1

	shift
	refused "$regex" "${modprobe[@]}" "$module" "$@"
	expect_gone "$module"
	expect_eq "lines observed" "$(in_interrupts)" 0
	[ ! -e "$proc" ] || fail "$proc is there"
	[ ! -e /sys/class/klab-irq ] || fail "/sys/class/klab-irq is there"
}

# test_attach_refused(regex, text)
test_attach_refused() {
	load "$module"
	refused "$1" put attach "$2"
	expect_eq "lines observed" "$(in_interrupts)" 0
	expect_eq "calls" "$(calls)" 0
}

# What is behind a zero byte is not passed over.
test_hidden_by_zero_byte() {
	load "$module"
	refused 'Invalid argument' put_bytes "$dir/attach" 'synthetic\0x'
	expect_eq "lines observed" "$(in_interrupts)" 0
	succeeds put attach synthetic
	refused 'Invalid argument' put_bytes "$dir/fire" '5\0x'
	expect_eq "calls" "$(calls)" 0
	refused 'Invalid argument' put_bytes "$dir/detach" 'synthetic\0x'
	succeeds put detach synthetic
}

test_attach_twice() {
	load "$module"
	succeeds put attach synthetic
	refused 'File exists' put attach "synthetic 2"
	succeeds put detach synthetic
	refused 'No such file' put detach synthetic
	refused 'No such file' put fire 1
	succeeds put attach "synthetic 2"
}

test_unload_while_firing() {
	local i shooter

	for i in 1 2 3; do
		load "$module" irq=-1 handlers=9
		(put fire 200000) 2>/dev/null &
		shooter=$!
		within 20 fired || fail "it does not fire"
		unload "$module"
		wait "$shooter"
		expect_eq "lines observed" "$(in_interrupts)" 0
	done
}

fired() {
	[ "$(calls)" -gt 0 ]
}

test_killed_while_firing() {
	local shooter

	load "$module" irq=-1
	# bash itself writes, so that the signal meets it there.
	(put fire 1000000) 2>/dev/null &
	shooter=$!
	within 20 fired || fail "it does not fire"
	kill -9 "$shooter"
	wait "$shooter" 2>/dev/null
	unload "$module"
}

# Every line of the machine takes an observer or says why not; its owner goes
# on as before.
test_lines_of_the_machine() {
	local line taken=0 refused=0

	load "$module"
	while read -r line; do
		run put attach "$line 2"
		if [ "$status" -eq 0 ]; then
			taken=$((taken + 1))
			succeeds put detach "$line"
		else
			expect_match "line $line" "$out" \
				'busy|No such device or address'
			refused=$((refused + 1))
		fi
	done < <(sed -n 's/^ *\([0-9]*\):.*/\1/p' /proc/interrupts)
	note "$taken lines are shared, $refused are not"
	expect_eq "lines observed" "$(in_interrupts)" 0
}

test_experiment_observe() {
	load "$module"
	experiment irq/observe handlers=4 count=500
	expect_eq "claimed" "$(remark claimed)" 500
	expect_eq "unclaimed" "$(remark unclaimed)" 0
	expect_eq "calls" "$(cell klab-observer-04 calls)" 500
	expect_eq "position" "$(cell klab-observer-04 position)" 4
	expect_eq "position" "$(cell klab-observer-01 position)" 1
}

test_experiment_without_owner() {
	load "$module"
	experiment irq/observe owner=0 count=100
	[ "$(remark unclaimed)" -gt 0 ] || fail "nothing is unclaimed"
	expect_eq "claimed" "$(remark claimed)" 0
}

# The kernel's own order, requested anew, and the dispatcher's.
test_order() {
	load klab_irq_dispatch
	experiment irq/order handlers=5 count=200
	expect_eq "first come" "$(cell "requested 1 first" called)" 12345
	expect_eq "anew" "$(cell "freed, requested 1 last" called)" 54321
	expect_eq "by priority" "$(cell "dispatcher, 1 lowest" called)" 54321
	expect_eq "moved" "$(cell "dispatcher, 1 raised" called)" 15432
	expect_eq "missed or doubled" "$(remark missed_or_doubled)" 0
	[ "$(remark changes)" -gt 1 ] || fail "the order did not change"
}

add_test counts_in_proc_and_sys
add_test names_stand_in_order
add_test parameters
add_test load_without_handlers test_load_refused 'Invalid argument' \
	irq=-1 handlers=0
add_test load_many_handlers test_load_refused 'Invalid argument' \
	irq=-1 handlers=10
add_test load_no_such_line test_load_refused 'Invalid argument' irq=2147483647
add_test load_same_line_twice test_load_refused 'Invalid argument' irq=-1,-1
add_test attach_no_such_line test_attach_refused 'Invalid argument' 2147483647
add_test attach_negative test_attach_refused 'Invalid argument' -1
add_test attach_word test_attach_refused 'Invalid argument' first
add_test attach_nothing test_attach_refused 'Invalid argument' ''
add_test attach_none test_attach_refused 'Invalid argument' 'synthetic 0'
add_test attach_ten test_attach_refused 'Invalid argument' 'synthetic 10'
add_test attach_three_words test_attach_refused 'Invalid argument' \
	'synthetic 1 1'
add_test attach_overflow test_attach_refused 'out of range' \
	'99999999999999999999'
add_test attach_long test_attach_refused 'Invalid argument' \
	'synthetic                              1'
add_test hidden_by_zero_byte
add_test attach_twice
add_test unload_while_firing
add_test killed_while_firing
add_test lines_of_the_machine
add_test experiment_observe
add_test experiment_without_owner
add_test order
run_tests
