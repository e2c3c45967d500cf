#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Interrupt lines and softirqs: what the experiments say, held against the
# kernel's own files.

# shellcheck source=functions.sh disable=SC2154,SC2317
. "$(dirname "$0")/functions.sh"

module=klab_irq_lines

require_root
require_command modprobe rmmod
require_module "$module"
keep_core

test_registration() {
	load "$module"
	experiment irq/registration
	expect_eq "surprises" "$(remark surprises)" 0
	expect_eq "both shared" "$(cell both_shared got)" 0
	expect_eq "taken" "$(cell both_exclusive got)" EBUSY
	expect_eq "no cookie" "$(cell shared_without_cookie got)" EINVAL
	! grep -q klab-rule /proc/interrupts || fail "$(cat /proc/interrupts)"
}

test_control() {
	load "$module"
	experiment irq/control fire=4 rounds=10
	expect_eq "enabled" "$(cell enabled handled)" 4
	expect_eq "disabled" "$(cell disable_irq handled)" 0
	expect_eq "depth" "$(cell disable_irq_nosync depth)" 2
	expect_eq "kept" "$(cell "enable_irq again" handled)" 1
	expect_eq "kept by own" "$(cell "enable_irq after that" handled)" 1
	expect_match "local" "$(remark local_irq_save)" off
	expect_match "local" "$(remark local_irq_restore)" on
	expect_match "cost" "$(remark synchronize_irq)" '^median [0-9]+ ns'
}

test_context() {
	load "$module"
	experiment irq/context
	expect_eq "hard handler" "$(cell "never in a thread" context)" hardirq
	expect_eq "thread" "$(cell "thread only" context)" task
	expect_match "thread" "$(cell "thread only" task)" ^irq/
}

# count_in_interrupts(line) - sum over the CPUs
count_in_interrupts() {
	awk -v line="$1:" 'NR == 1 { cpus = NF; next }
		$1 == line { for (i = 2; i <= cpus + 1; i++) n += $i }
		END { print n + 0 }' /proc/interrupts
}

# Three files that count the same; each is read later than the one before.
test_counts_agree() {
	local line before count after looked=0

	load "$module"
	for line in $(sed -n 's/^ *\([0-9]*\):.*/\1/p' /proc/interrupts); do
		before=$(count_in_interrupts "$line")
		experiment irq/lines
		count=$(cell "$line" count)
		[ -n "$count" ] || continue
		after=$(awk -v field=$((line + 3)) '$1 == "intr" {
			print $field }' /proc/stat)
		[ "$before" -le "$count" ] && [ "$count" -le "$after" ] ||
			fail "line $line: $before, $count, $after"
		looked=$((looked + 1))
		[ "$looked" -lt 4 ] || break
	done
	[ "$looked" -gt 0 ] || fail "no line is in use"
}

# With several CPUs some line can be steered, with one there is nowhere to go.
test_steer() {
	local line steered=0 path=$KLAB_DEBUGFS/irq/lines fd

	load "$module"
	for line in $(sed -n 's/^ *\([0-9]*\):.*/\1/p' /proc/interrupts); do
		exec {fd}<>"$path"
		echo "steer=$line cpu=0" >&"$fd"
		if out=$(cat <&"$fd" 2>/dev/null); then
			expect_eq "steered" "$(remark steered)" "$line"
			note "line $line from $(remark from) to $(remark to)"
			steered=$((steered + 1))
		fi
		exec {fd}>&-
	done
	if [ "$(nproc)" -gt 1 ]; then
		[ "$steered" -gt 0 ] || fail "no line could be steered"
	else
		expect_eq "lines steered" "$steered" 0
	fi
}

test_softirqs_agree() {
	local before count after name

	load "$module"
	for name in TIMER RCU; do
		before=$(softirqs "$name")
		experiment irq/softirqs ms=1
		count=$(cell "$name" runs)
		after=$(softirqs "$name")
		[ "$before" -le "$count" ] && [ "$count" -le "$after" ] ||
			fail "$name: $before, $count, $after"
	done
	expect_eq "ksoftirqd" "$(remark ksoftirqd)" "$(remark cpus)"
	[ "$(remark kernel_threads)" -gt 5 ] || fail "too few kernel threads"
}

softirqs() {
	awk -v name="$1:" '$1 == name {
		for (i = 2; i <= NF; i++) n += $i; print n }' /proc/softirqs
}

# The kernel's names and klab's, line by line.
test_softirqs_have_the_names_of_the_kernel() {
	load "$module"
	experiment irq/softirqs ms=1
	expect_eq "vectors" \
		"$(grep -v '^#' <<<"$out" | tail -n +2 | cut -f 1 | xargs)" \
		"$(sed -n 's/^ *\([A-Z_]*\):.*/\1/p' /proc/softirqs | xargs)"
}

add_test registration
add_test control
add_test context
add_test counts_agree
add_test steer
add_test softirqs_agree
add_test softirqs_have_the_names_of_the_kernel
run_tests
