#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The bridge from interrupts to programs: nothing is lost by any of its ways,
# whoever shares, closes or is killed, and the module goes when nobody uses it.

# shellcheck source=functions.sh disable=SC2154,SC2317
. "$(dirname "$0")/functions.sh"

module=klab_irq_bridge
watch=$KLAB_HELPERS/klab_irq_watch
node=/dev/klab-irq

require_root
require_command modprobe rmmod setpriv timeout
require_helper klab_irq_watch
require_module "$module"
keep_core

without_admin=(setpriv --bounding-set=-sys_admin --inh-caps=-sys_admin)

# test_way(argument...) - all interrupts come
test_way() {
	load "$module"
	succeeds "$watch" "$@"
	note "$out"
}

test_burst_is_merged() {
	local runs

	load "$module"
	succeeds "$watch" poll 1000 100
	runs=$(sed -n 's/.*runs //p' <<<"$out")
	[ "$runs" -le 10 ] || fail "$runs runs for 10 bursts"
	expect_match "result" "$out" 'poll: 1000 in'
}

# What an eventfd is still owed is handed on later, as no interrupts of their own.
test_eventfd_is_owed_no_runs() {
	load "$module"
	succeeds "$watch" eventfd 1000 1000
	expect_eq "runs" "$(sed -n 's/.*runs //p' <<<"$out")" 1
	expect_match "result" "$out" 'eventfd: 1000 in'
}

test_unload_refused_while_open() {
	load "$module"
	exec 7<>"$node" || fail "cannot open $node"
	refused 'in use' rmmod "$module"
	exec 7>&-
	unload "$module"
	[ ! -e "$node" ] || fail "$node is still there"
}

test_unload_after_killed_holder() {
	local line

	load "$module"
	coproc HOLD { exec "$watch" hold; }
	defer kill -9 "$HOLD_PID"
	read -r -t 30 line <&"${HOLD[0]}" || fail "no answer"
	expect_eq "holder" "$line" ready
	refused 'in use' rmmod "$module"
	kill -9 "$HOLD_PID"
	wait "$HOLD_PID" 2>/dev/null
	unload "$module"
	! grep -q 'klab-irq' /proc/interrupts || fail "$(cat /proc/interrupts)"
}

test_listener_needs_the_capability() {
	load "$module"
	succeeds "$watch" join
	refused 'EPERM' "${without_admin[@]}" "$watch" join
	cp "$watch" "$TMP/watch" && chmod 755 "$TMP/watch"
	refused 'EPERM' "${nobody[@]}" "$TMP/watch" join
}

test_line_needs_the_capability() {
	load "$module"
	refused 'EPERM' "${without_admin[@]}" "$watch" line 0
	# Not that of the machine, which nobody listens to by this.
	succeeds "${without_admin[@]}" "$watch" read 10
}

test_nobody_opens_the_node() {
	load "$module"
	refused 'Permission denied' "${nobody[@]}" cat "$node"
}

# Every line of the machine takes a guest or says why not.
test_lines_of_the_machine() {
	local line

	load "$module"
	for line in 0 1 4 9 10 11; do
		run timeout 20 "$watch" line "$line"
		expect_match "line $line" "$out" \
			"^line $line: ([0-9]+ interrupts|E(BUSY|NXIO|INVAL))\$"
		note "$out"
	done
	! grep -q 'klab-irq' /proc/interrupts || fail "$(cat /proc/interrupts)"
}

test_nothing_stays() {
	local before

	before=$(traces)
	load "$module"
	succeeds "$watch" all 50
	unload "$module"
	"${modprobe[@]}" -r klab_irq_line 2>/dev/null
	expect_same "what there is" "$(traces)" "$before"
}

add_test read test_way read 1000
add_test read_from_a_storm test_way read 2000 8 50000
add_test poll test_way poll 1000
add_test poll_a_storm test_way poll 2000 8 50000
add_test signal test_way signal 1000
add_test signal_from_a_storm test_way signal 2000 8 50000
add_test eventfd test_way eventfd 1000
add_test eventfd_large_bursts test_way eventfd 3000 500
add_test netlink test_way netlink 500
add_test netlink_from_a_storm test_way netlink 2000 8 50000
add_test all_at_once test_way all 500
add_test all_from_a_storm test_way all 2000 8 50000
add_test burst_is_merged
add_test eventfd_is_owed_no_runs
add_test shared_by_fork test_way fork 2000
add_test receiver_killed test_way killed 2000
add_test two_fire_at_once test_way two 2000
add_test closed_under_storm test_way closed 50
add_test netlink_overrun_shows test_way overrun 2000
add_test errors test_way errors
add_test unload_refused_while_open
add_test unload_after_killed_holder
add_test listener_needs_the_capability
add_test line_needs_the_capability
add_test nobody_opens_the_node
add_test lines_of_the_machine
add_test nothing_stays
run_tests
