#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Softwork as user space sees it: counters, /proc, trace events; and modules
# that come and go in the middle of a storm of hard interrupts on all CPUs.

# shellcheck source=functions.sh disable=SC2154,SC2317
. "$(dirname "$0")/functions.sh"

counters=/sys/kernel/debug/softwork
tracing=/sys/kernel/tracing
storm=klab_test_softwork

require_root
require_command awk insmod modprobe rmmod setpriv
[ -e "$counters" ] || skip_all "no CONFIG_SOFTWORK"
require_fixture "$storm"

# start_storm(parameter...) - sets before to the counters
start_storm() {
	before=$(cat "$counters")
	defer rmmod "$storm"
	succeeds insmod "$(fixture "$storm")" "$@"
}

runs_of_storm() {
	cat "/sys/module/$storm/parameters/runs"
}

has_run() {
	[ "$(runs_of_storm)" -ge "$1" ]
}

# wait_for_runs(number) - so many more functions have been called
wait_for_runs() {
	within 20 has_run $(($(runs_of_storm) + $1)) ||
		fail "no $1 more runs: $(runs_of_storm)"
}

# stop_storm() - in the middle of it; sets what the module has counted
stop_storm() {
	local line

	succeeds rmmod "$storm"
	line=$(log_since_start | sed -n "s/.*$storm: \(accepted=.*\)/\1/p" |
		tail -n 1)
	expect_match "last words" "$line" '^accepted=[0-9]+ runs='
	accepted=$(expr "$line" : 'accepted=\([0-9]*\)')
	runs=$(expr "$line" : '.* runs=\([0-9]*\)')
	canceled=$(expr "$line" : '.* canceled=\([0-9]*\)')
	expect_match "concurrent" "$line" 'concurrent=0$'
	expect_eq "answers" $((runs + canceled)) "$accepted"
}

# total(column, table) - of all CPUs
total() {
	awk -F '\t' -v column="$1" '
		NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next }
		{ sum += $at[column] }
		END { print sum + 0 }' <<<"$2"
}

# grown(column) - of the counters, since the storm began
grown() {
	echo $(($(total "$1" "$(cat "$counters")") - $(total "$1" "$before")))
}

put() {
	echo "$2" >"$1"
}

test_counters_have_a_line_for_each_cpu() {
	local possible

	possible=$(ls -d /sys/devices/system/cpu/cpu[0-9]* 2>/dev/null | wc -l)
	[ "$possible" -gt 0 ] || possible=1
	expect_eq "header" "$(head -n 1 "$counters")" \
		$'cpu\truns\tcanceled\tagain\tcut\ttakeover'
	expect_eq "lines" "$(tail -n +2 "$counters" |
		grep -c -P '^\d+(\t\d+){5}$')" "$possible"
	expect_eq "numbers of CPUs" \
		"$(tail -n +2 "$counters" | cut -f 1 | sort -nu | wc -l)" \
		"$possible"
}

test_counters_are_for_root() {
	expect_eq "mode" "$(stat -c %a "$counters")" 400
	# The file has to stand by itself.
	defer chmod "$(stat -c %a /sys/kernel/debug)" /sys/kernel/debug
	chmod 755 /sys/kernel/debug
	refused 'Permission denied' "${nobody[@]}" cat "$counters"
	refused 'Invalid argument' put "$counters" 0
}

# All runs are counted, those of the sentinels of the barrier too.
test_runs_are_counted_exactly() {
	start_storm
	wait_for_runs 1000
	stop_storm
	expect_eq "runs counted" "$(grown runs)" $((runs + $(nproc)))
}

test_proc_softirqs_names_it() {
	expect_eq "lines" "$(awk '$1 ~ /:$/ { print $1 }' /proc/softirqs |
		grep -A 1 -B 1 SOFTWORK | paste -s -d ' ')" \
		"IRQ_POLL: SOFTWORK: TASKLET:"
}

# column(name) - of the line softirq in /proc/stat, as the kernel orders them
column() {
	local nr

	nr=$(awk '$1 ~ /:$/ { print $1 }' /proc/softirqs | grep -n "^$1:" |
		cut -d : -f 1)
	awk -v nr="$nr" '$1 == "softirq" { print $(nr + 2) }' /proc/stat
}

# passes() - what /proc/softirqs has
passes() {
	awk '$1 == "SOFTWORK:" { for (i = 2; i <= NF; i++) n += $i; print n }' \
		/proc/softirqs
}

test_proc_stat_has_its_column() {
	local low high stat

	expect_eq "columns" "$(awk '$1 == "softirq" { print NF - 2 }' /proc/stat)" \
		"$(grep -c : /proc/softirqs)"
	start_storm
	wait_for_runs 100
	low=$(passes)
	stat=$(column SOFTWORK)
	high=$(passes)
	[ "$low" -gt 0 ] || fail "no pass in /proc/softirqs"
	[ "$stat" -ge "$low" ] && [ "$stat" -le "$high" ] ||
		fail "/proc/stat has $stat, /proc/softirqs $low to $high"
}

# trace(event...) - record them while a storm rages, stop by itself; sets events
trace() {
	local event

	[ -d "$tracing/events" ] || mount -t tracefs none "$tracing" 2>/dev/null
	[ -d "$tracing/events" ] || skip "no trace events"
	[ -d "$tracing/events/softwork" ] || fail "no events of softwork"
	defer sh -c "echo 0 >$tracing/tracing_on; echo 0 >$tracing/events/enable
		echo >$tracing/trace; echo 1 >$tracing/tracing_on"
	# A small buffer, as reading it takes time; what is lost is the oldest.
	defer put "$tracing/buffer_size_kb" \
		"$(grep -o -m 1 '^[0-9]*' "$tracing/buffer_size_kb")"
	echo 64 >"$tracing/buffer_size_kb"
	echo 0 >"$tracing/tracing_on"
	echo >"$tracing/trace"
	for event; do
		echo 1 >"$tracing/events/$event/enable" ||
			fail "no event $event"
	done
	start_storm
	echo 1 >"$tracing/tracing_on"
	wait_for_runs 200
	echo 0 >"$tracing/tracing_on"
	events=$(grep -v '^#' "$tracing/trace")
}

test_softirq_events_name_it() {
	local format

	trace irq/softirq_entry irq/softirq_exit irq/softirq_raise
	format=$(cat "$tracing/events/irq/softirq_entry/format")
	expect_match "format" "$format" \
		'\{ 5, "IRQ_POLL" \}, \{ 6, "SOFTWORK" \}, \{ 7, "TASKLET" \}'
	for event in entry exit raise; do
		grep -q "softirq_$event: vec=6 \[action=SOFTWORK\]" \
			<<<"$events" || fail "no softirq_$event of SOFTWORK"
	done
}

# On a CPU, each exit comes after an entry of the same item, both in a pass.
test_events_tell_what_happens_to_items() {
	local odd

	trace softwork irq/softirq_entry irq/softirq_exit
	for event in queue entry; do
		grep -q -E "softwork_$event: work=[^ ]+ func=klab_test_softwork_(shared|percpu)" \
			<<<"$events" || fail "no softwork_$event"
	done
	odd=$(awk '
		{ match($0, /\[[0-9]+\]/); cpu = substr($0, RSTART, RLENGTH) }
		/softirq_entry: vec=6 / { pass[cpu] = known[cpu] = 1 }
		/softirq_exit: vec=6 / { pass[cpu] = 0 }
		!known[cpu] { next }
		{ match($0, /work=[^ ]+/); work = substr($0, RSTART, RLENGTH) }
		/softwork_entry: / { if (!pass[cpu] || in_[cpu]) print
			in_[cpu] = work; n++ }
		/softwork_exit: / { if (in_[cpu] != work) print
			in_[cpu] = "" }
		END { if (n < 100) print n " entries" }' <<<"$events")
	[ -z "$odd" ] || fail "not in order: $odd"
}

# test_unload_in_a_storm(parameter...)
test_unload_in_a_storm() {
	local i

	expedite_rcu
	for ((i = 0; i < 5; i++)); do
		start_storm "$@"
		wait_for_runs 20
		stop_storm
		expect_gone "$storm"
	done
	[ "$(grown canceled)" -ge "$canceled" ] ||
		fail "$canceled canceled, not counted"
}

# run_cases(pattern) - of the suite
run_cases() {
	local results=/sys/kernel/debug/kunit/softwork/results
	local filter=/sys/module/kunit/parameters/filter_glob

	modprobe -n softwork_kunit 2>/dev/null || skip "no softwork_kunit"
	[ -w "$filter" ] || skip "no filter for KUnit"
	defer sh -c "printf '*' >$filter"
	printf 'softwork.softwork_test_%s' "$1" >"$filter"
	defer modprobe -q -r softwork_kunit
	succeeds modprobe softwork_kunit
	[ "$(grep '^    ok' "$results" | grep -vc '# SKIP')" -gt 0 ] ||
		fail "no results: $(cat "$results")"
	! grep '^ *not ok' "$results" || fail "a case fails"
	succeeds modprobe -r softwork_kunit
}

# Another module with items is loaded and unloaded meanwhile: it has its own.
test_suite_in_a_storm() {
	start_storm period=2000
	run_cases '*storm*'
	wait_for_runs 20
	stop_storm
}

# expect_counted(case, column, number) - the case makes the counter grow by that
expect_counted() {
	before=$(cat "$counters")
	run_cases "$1"
	expect_eq "$2 by $1" "$(grown "$2")" "$3"
}

# By cases that make a known number of things happen.
test_counters_tell_what_happened() {
	expect_counted order_is_fifo runs $((255 + $(nproc)))
	[ "$(grown cut)" -ge 3 ] || fail "cut: $(grown cut)"
	expect_counted cancel_in_own_function canceled 1
	if [ "$(nproc)" -gt 1 ]; then
		expect_counted queue_while_running_elsewhere again 1
		expect_counted barrier_waits_for_item_left_elsewhere again 1
	fi
	if [ -n "$(ls /sys/devices/system/cpu/cpu[1-9]*/online 2>/dev/null)" ]; then
		expect_counted cpu_offline_moves_queue takeover 1
	fi
}

test_cpu_goes_offline_in_a_storm() {
	local cpu i

	cpu=$(ls -d /sys/devices/system/cpu/cpu[1-9]*/online 2>/dev/null |
		tail -n 1)
	[ -n "$cpu" ] || skip "no CPU that can go offline"
	defer sh -c "echo 1 >$cpu"
	start_storm
	for ((i = 0; i < 3; i++)); do
		echo 0 >"$cpu" || fail "$cpu stays online"
		wait_for_runs 20
		echo 1 >"$cpu" || fail "$cpu stays offline"
		wait_for_runs 20
	done
	stop_storm
}

add_test counters_have_a_line_for_each_cpu
add_test counters_are_for_root
add_test runs_are_counted_exactly
add_test counters_tell_what_happened
add_test proc_softirqs_names_it
add_test proc_stat_has_its_column
add_test softirq_events_name_it
add_test events_tell_what_happens_to_items
add_test unload_waits_in_a_storm test_unload_in_a_storm
add_test unload_cancels_in_a_storm test_unload_in_a_storm cancel=1
add_test suite_in_a_storm
add_test cpu_goes_offline_in_a_storm
run_tests
