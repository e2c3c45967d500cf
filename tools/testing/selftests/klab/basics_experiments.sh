#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Experiments of the room basics that need no test of their own: run through
# the klab command, and their answers held against what user space knows.

# shellcheck source=functions.sh disable=SC2154,SC2317
. "$(dirname "$0")/functions.sh"

require_root
require_command modprobe "${KLAB_COMMAND:-klab}"
keep_core

# ask(module, experiment, parameter...) - runs it; sets out to the result
ask() {
	local module=$1

	shift
	module_file "$module" >/dev/null || skip "no module $module"
	load "$module"
	succeeds "${KLAB_COMMAND:-klab}" run --tsv "$@"
}

# row(column, keys) - a cell of the row that begins with two keys
row() {
	local column=$1

	awk -F '\t' -v column="$column" -v keys="$2" '
		/^#/ { next }
		!header { for (i = 1; i <= NF; i++) at[$i] = i; header = 1 }
		$1 " " $2 == keys { print $at[column]; exit }' <<<"$out"
}

test_jiffies() {
	local first

	ask klab_basics_jiffies basics/jiffies
	expect_log 'klab_basics_jiffies: jiffies=[0-9]+'
	expect_match "hz" "$(cell hz value)" '^(100|250|300|1000)$'
	expect_eq "tick" "$(($(cell tick value) * $(cell hz value)))" 1000000000
	expect_eq "width" "$(cell width value)" "$(getconf LONG_BIT)"
	first=$(cell jiffies_64 value)
	ask klab_basics_jiffies basics/jiffies
	[ "$(cell jiffies_64 value)" -ge "$first" ] || fail "went back"
}

test_calls_getpid() {
	ask klab_basics_calls basics/calls
	expect_match "pid" "$(row result 'getpid task_tgid_nr(current)')" \
		'^[1-9][0-9]*$'
}

# The numbers of one process: the shell, which reads the experiment itself.
test_calls_getpid_is_the_reader() {
	local text pid

	module_file klab_basics_calls >/dev/null || skip "no module"
	load klab_basics_calls
	# shellcheck disable=SC2016 # expanded by the other shell
	text=$(bash -c 'echo $$; IFS= read -r -d "" text <"$1"; echo "$text"' \
		- "$KLAB_DEBUGFS/basics/calls")
	pid=$(head -n 1 <<<"$text")
	out=$(tail -n +2 <<<"$text")
	expect_eq "pid" "$(row result 'getpid task_tgid_vnr(current)')" "$pid"
}

test_calls_write() {
	local length

	ask klab_basics_calls basics/calls
	length=$(row result 'write kernel_write()')
	[ "$length" -gt 0 ] || fail "kernel_write() returned $length"
	expect_eq "read back" "$(row meaning 'read kernel_read()')" \
		"the same text"
	expect_match "kernel pointer" \
		"$(row meaning 'write copy_from_user(kernel pointer)')" \
		'EFAULT|user address'
}

test_calls_mknod() {
	ask klab_basics_calls basics/calls
	expect_eq "right" "$(row meaning 'mknod vfs_mknod(MKDEV(247, 0))')" \
		"the node is 247:0"
	# What the decoding makes of a number that was never encoded.
	expect_match "wrong" \
		"$(row meaning 'mknod MKDEV(247, 0) taken for the user encoding')" \
		'0:63232'
}

test_usercopy() {
	ask klab_basics_usercopy basics/usercopy
	expect_eq "good" "$(row 'returned' 'copy_from_user good')" 0
	expect_eq "no access" "$(row returned 'copy_from_user no-access')" 16
	expect_eq "get_user" "$(row returned 'get_user no-access')" -14
	expect_eq "read-only" "$(row returned 'put_user read-only')" -14
	expect_eq "length" "$(row returned 'strncpy_from_user good')" 15
	expect_eq "size" "$(row returned 'strnlen_user good')" 16
	expect_match "crossing" "$(row returned 'copy_to_user crossing')" \
		'^([1-9]|1[0-5])$'
}

test_config_is_that_of_the_kernel() {
	local option state value wanted

	[ -r /proc/config.gz ] || skip "no /proc/config.gz"
	ask klab_basics_config basics/config
	while IFS=$'\t' read -r option state value; do
		wanted=$(zcat /proc/config.gz | sed -n "s/^$option=//p")
		case $state in
		builtin | module | set)
			expect_eq "$option" "$value" "$wanted"
			;;
		off)
			expect_eq "$option" "${wanted:-n}" n
			;;
		*)
			fail "$option is $state"
			;;
		esac
	done <<<"$(grep -v '^#' <<<"$out" | tail -n +2)"
}

test_taint_is_that_of_the_kernel() {
	local flags i=0 mask=0 kernel

	ask klab_basics_config basics/taint
	while IFS=$'\t' read -r _ _ kernel _ _; do
		[ "$kernel" = no ] || mask=$((mask | 1 << i))
		i=$((i + 1))
	done <<<"$(grep -v '^#' <<<"$out" | tail -n +2)"
	flags=$(cat /proc/sys/kernel/tainted)
	expect_eq "mask" "$mask" "$flags"
	expect_eq "staging" "$(cell staging module)" yes
	expect_eq "/sys/module" \
		"$(grep -c C /sys/module/klab_basics_config/taint)" 1
}

test_timing() {
	local method

	ask klab_basics_timing basics/timing events=6400 threads=4
	for method in untimed single racy_sum atomic_sum percpu_sum samples; do
		[ -n "$(cell "$method" method)" ] || fail "no row of $method"
	done
}

add_test jiffies
add_test calls_getpid
add_test calls_getpid_is_the_reader
add_test calls_write
add_test calls_mknod
add_test usercopy
add_test config_is_that_of_the_kernel
add_test taint_is_that_of_the_kernel
add_test timing
run_tests
