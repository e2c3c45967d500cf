#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# What is behind each number of a system call: klab audit against what the
# calls themselves answer.

# shellcheck source=functions.sh disable=SC2154,SC2317
. "$(dirname "$0")/functions.sh"

klab=${KLAB_COMMAND:-klab}

require_root
require_command "$klab"
require_module klab_core klab_syscall_table klab_syscall_log

# ends(status, command...) - the command must end so; sets out
ends() {
	local wanted=$1

	shift
	run "$@"
	expect_eq "status of '$*' ($out)" "$status" "$wanted"
}

has_line() {
	grep -Eq -- "$1" <<<"$out" || fail "no line '$1' in: $out"
}

audit() {
	load klab_syscall_table
	ends 0 "$klab" audit --tsv "$@"
}

test_kernel_has_no_alarm() {
	audit
	has_line '^# alarms=0$'
}

test_calls_are_listed() {
	audit native
	has_line $'^native\t[0-9]+\tgetpid\timplemented\t[a-z0-9_]*sys_getpid\t-\tyes\tok$'
	has_line $'^native\t600\tklab_null\timplemented\t[a-z0-9_]*sys_klab_null\t-\tyes\tok$'
	expect_eq "numbers" "$(grep -c '^native' <<<"$out")" 608
}

test_late_bound_call() {
	audit --match klab_log
	has_line $'^native\t601\tklab_log\tlate-bound, empty\t.*\t-\tyes\tok$'
	load klab_syscall_log
	audit --match klab_log
	has_line $'^native\t601\tklab_log\tlate-bound\t.*\t.*klab_log.*klab_syscall_log.*\tyes\tok$'
	unload klab_syscall_log
	audit --match klab_log
	has_line $'^native\t601\tklab_log\tlate-bound, empty\t.*\t-\tyes\tok$'
}

# numbers(state) - the first numbers with that state, and the last one
numbers() {
	awk -F '\t' -v state="$1" '$1 == "native" && $4 == state { print $2 }' \
		<<<"$list" | sed -n '1,8p; $p'
}

# A number that is said to be free answers so.
test_free_numbers_answer_enosys() {
	local list nr state

	audit native
	list=$out
	for state in hole retired 'configured out'; do
		for nr in $(numbers "$state"); do
			ends 1 "$klab" syscall "$nr" --tsv
			has_line $'\tENOSYS\t'
		done
	done
	[ -n "$(numbers hole)" ] || fail "no number is free"
}

test_late_bound_numbers_answer_enosys() {
	local nr

	for nr in 601 603 604 605 606 607; do
		ends 1 "$klab" syscall "$nr" 0 0 0 --tsv
		has_line $'\tENOSYS\t'
	done
}

test_states_are_counted() {
	local states

	audit --count
	states=$(awk -F '\t' '$1 == "native" { sum += $3 } END { print sum }' \
		<<<"$out")
	expect_eq "numbers in all states" "$states" 608
	has_line $'^native\thole\t[0-9]+$'
	has_line $'^native\timplemented\t[0-9]+$'
}

# As the kernel runs 32-bit programs or not.
test_calls_of_32_bit_programs() {
	load klab_syscall_table
	if zgrep -q '^CONFIG_COMPAT=y' /proc/config.gz; then
		ends 0 "$klab" audit compat --tsv
		has_line $'^compat\t600\tklab_null\timplemented\t'
		! grep -q '^native' <<<"$out" || fail "$out"
	else
		ends 3 "$klab" audit compat
		has_line '^klab: .*no 32-bit programs'
	fi
}

test_syscall_null() {
	ends 0 "$klab" syscall null --count 100 --time --tsv
	has_line $'^klab_null\t600\t100\t0\t0\t'
}

test_syscall_log() {
	load klab_syscall_log
	ends 0 "$klab" syscall log 'here we go'
	expect_log 'klab_log: pid [0-9]+ uid 0: here we go'
	unload klab_syscall_log
	ends 1 "$klab" syscall log 'not any more'
	has_line ' ENOSYS '
}

keep_core
add_test kernel_has_no_alarm
add_test calls_are_listed
add_test late_bound_call
add_test free_numbers_answer_enosys
add_test late_bound_numbers_answer_enosys
add_test states_are_counted
add_test calls_of_32_bit_programs
add_test syscall_null
add_test syscall_log
run_tests
