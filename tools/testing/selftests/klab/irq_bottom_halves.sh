#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Bottom halves side by side: nothing is lost, runs are fewer than events, and
# a run that is given up leaves nothing behind.

# shellcheck source=functions.sh disable=SC2154,SC2317
. "$(dirname "$0")/functions.sh"

require_root
require_command column modprobe rmmod
require_module klab_irq_bottom
keep_core

# What every kernel has; softwork is there where it is configured.
mechanisms=(hard threaded tasklet tasklet_hi bh_work bh_work_hi irq_work
	    work_system work_bound work_highpri work_unbound work_delayed
	    kthread_worker)
[ ! -e /sys/kernel/debug/softwork ] || mechanisms+=(softwork softwork_percpu)

ask() {
	load klab_irq_bottom
	experiment irq/bottom-halves "$@"
}

test_every_event_is_handled() {
	local name events runs channels

	ask count=20 rate=500
	channels=$(remark channels)
	expect_eq "rows" "$(grep -vc '^#' <<<"$out")" $((${#mechanisms[@]} + 1))
	for name in "${mechanisms[@]}"; do
		events=$(cell "$name" events)
		runs=$(cell "$name" runs)
		expect_eq "events of $name" "$events" $((20 * channels))
		[ "$runs" -ge 1 ] && [ "$runs" -le "$events" ] ||
			fail "$name: $runs runs for $events events"
	done
}

# In a burst, events come faster than most bottom halves can run: who counts
# runs has lost events.
test_bursts_coalesce() {
	local name

	ask count=160 burst=16 rate=100 cpus=0
	expect_eq "runs of hard" "$(cell hard runs)" 160
	for name in tasklet work_bound; do
		expect_eq "events of $name" "$(cell "$name" events)" 160
		[ "$(cell "$name" runs)" -lt 160 ] ||
			fail "$name has run for each event"
	done
}

test_quantiles_are_in_order() {
	local name min median p99 max

	ask count=50 rate=500 cpus=0
	for name in "${mechanisms[@]}"; do
		min=$(cell "$name" 'min[ns]')
		median=$(cell "$name" 'median[ns]')
		p99=$(cell "$name" 'p99[ns]')
		max=$(cell "$name" 'max[ns]')
		[ "$min" -le "$median" ] && [ "$median" -le "$p99" ] &&
			[ "$p99" -le "$max" ] ||
			fail "$name: $min $median $p99 $max"
		expect_match "histogram of $name" \
			"$(remark "histogram.latency.$name.cpu[0-9]*")" :
	done
}

test_tasks_queue_too() {
	ask from=task count=20 burst=5
	expect_eq "events of works" "$(cell work_bound events)" 100
	expect_eq "events of tasklets" "$(cell tasklet events)" 100
	expect_eq "handlers" "$(cell hard events)$(cell threaded events)" ""
	ask from=task_bh_off mechanism=tasklet count=20
	expect_eq "events" "$(cell tasklet events)" 20
}

# table(parameter...) - the answer as notes, for who reads the results
table() {
	ask histogram=0 "$@"
	note "$*"
	note "$(grep -v '^#' <<<"$out" | column -t -s $'\t')"
}

# The commands of the documentation, which takes its numbers from here.
test_numbers() {
	table
	table burst=16 count=1600
	table from=task
	table from=task_bh_off
	table from=task mechanism=work_bound burst=5
}

test_one_mechanism() {
	ask mechanism=work_unbound count=10 cpus=0
	expect_eq "rows" "$(grep -vc '^#' <<<"$out")" 2
	expect_eq "channels" "$(remark channels)" 1
}

# refuses(reason, parameter...)
refuses() {
	local reason=$1 fd text

	shift
	exec {fd}<>"$KLAB_DEBUGFS/irq/bottom-halves"
	if echo "$*" >&"$fd" && text=$(cat <&"$fd"); then
		fail "'$*' is accepted"
	fi 2>/dev/null
	text=$(cat <&"$fd")
	expect_match "reason for '$*'" "$text" "$reason"
	exec {fd}>&-
}

test_wrong_parameters() {
	load klab_irq_bottom
	refuses 'no list of CPUs' cpus=none
	refuses 'not all online|no list of CPUs' cpus=7
	refuses 'no list of CPUs|not all online' cpus=4095
	refuses 'a task cannot queue it' from=task mechanism=hard
	refuses 'at most 32 items' from=task burst=33
	refuses 'mechanism' mechanism=none
}

no_threads() {
	! grep -qs '^klab_bottom/' /proc/[0-9]*/comm
}

lines_left() {
	grep -c klab-bottom /proc/interrupts
}

# Years of interrupts, given up: the lines, threads and items are gone.
test_killed_run_leaves_nothing() {
	local fd reader

	load klab_irq_bottom
	exec {fd}<>"$KLAB_DEBUGFS/irq/bottom-halves"
	echo "rate=1 count=10000000 mechanism=kthread_worker" >&"$fd"
	cat <&"$fd" >/dev/null 2>&1 &
	reader=$!
	within 20 grep -q klab-bottom /proc/interrupts || fail "no interrupts"
	kill -9 "$reader"
	wait "$reader" 2>/dev/null
	exec {fd}>&-
	expect_eq "lines" "$(lines_left)" 0
	# Who has been stopped is still seen for a moment.
	within 10 no_threads || fail "threads are left"
	unload klab_irq_bottom
	expect_gone klab_irq_bottom
}

add_test every_event_is_handled
add_test bursts_coalesce
add_test quantiles_are_in_order
add_test tasks_queue_too
add_test numbers
add_test one_mechanism
add_test wrong_parameters
add_test killed_run_leaves_nothing
run_tests
