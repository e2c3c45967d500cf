#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# What calls of printk become: records of /dev/kmsg, each with its level.

# shellcheck source=functions.sh disable=SC2154,SC2317
. "$(dirname "$0")/functions.sh"

require_root
require_command modprobe dmesg
require_module klab_basics_printk
keep_core

# emit() - runs the experiment; sets records to the lines of /dev/kmsg that are
# its own: level, tab, text
emit() {
	load klab_basics_printk
	experiment basics/printk loudest="${1:-2}"
	marker=$(remark marker)
	[ -n "$marker" ] || fail "no marker in: $out"
	records=$(records_since_start | grep -F "$marker")
}

test_each_level_is_kept() {
	local level

	emit 2
	for level in 2 3 4 5 6 7; do
		grep -q "^$level.*$marker level $level\$" <<<"$records" ||
			fail "no record of level $level in: $records"
	done
	for level in 0 1; do
		! grep -q "level $level\$" <<<"$records" ||
			fail "level $level was not asked for"
	done
}

test_old_prefix_is_text() {
	emit 7
	grep -q "^6.<4>$marker old prefix\$" <<<"$records" ||
		fail "records: $records"
}

test_joined_text_is_one_record() {
	emit 7
	expect_eq "records of parts" "$(grep -c "$marker parts" <<<"$records")" 1
	grep -q "^6.*$marker parts 1 2 3\$" <<<"$records" ||
		fail "records: $records"
}

test_experiment_lists_what_it_emits() {
	local level text

	emit 4
	while IFS=$'\t' read -r level _ text; do
		[ "$level" = 7 ] || grep -qF "$text" <<<"$records" ||
			fail "'$text' is not in the log"
	done <<<"$(grep -v '^#' <<<"$out" | tail -n +2)"
}

test_runs_can_be_told_apart() {
	local first

	emit 7
	first=$marker
	experiment basics/printk loudest=7
	[ "$first" != "$(remark marker)" ] || fail "both are $first"
}

# dmesg -n sets up to which level the console shows records; the log has all.
test_console_level_does_not_filter_the_log() {
	local before

	before=$(cut -f 1 /proc/sys/kernel/printk)
	defer dmesg -n "$before"
	succeeds dmesg -n 1
	emit 5
	grep -q "$marker level 5" <<<"$records" || fail "records: $records"
}

add_test each_level_is_kept
add_test old_prefix_is_text
add_test joined_text_is_one_record
add_test experiment_lists_what_it_emits
add_test runs_can_be_told_apart
add_test console_level_does_not_filter_the_log
run_tests
