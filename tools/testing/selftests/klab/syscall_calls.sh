#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# System calls whose provider is a module: there when it is loaded, gone when it
# is not, brought by the first call where the system wants that. What the calls
# do with errors and under unloading is in syscall_callers.sh.

# shellcheck source=functions.sh disable=SC2154,SC2317
. "$(dirname "$0")/functions.sh"

autoload=/proc/sys/kernel/klab_call_autoload

require_root
require_command modprobe rmmod setpriv
require_helper klab_helper
require_module klab_syscall_log klab_syscall_strtrans klab_syscall_example \
	klab_syscall_empty
[ -e "$autoload" ] || skip_all "no late-bound system calls in this kernel"

cp "$HELPER" "$TMP/helper" && chmod 755 "$TMP/helper"

# call(number, argument...) - what a call returns, or the name of its error
call() {
	"$TMP/helper" call "$@"
}

put() {
	echo "$2" >"$1"
}

# autoload(0 or 1) - until the test ends
autoload() {
	defer put "$autoload" "$(cat "$autoload")"
	put "$autoload" "$1"
}

test_null_does_nothing() {
	expect_eq "klab_null" "$(call 600)" 0
}

test_numbers_behind_the_last_are_unknown() {
	expect_eq "608" "$(call 608)" ENOSYS
	expect_eq "599" "$(call 599)" ENOSYS
}

# test_comes_and_goes(module, number, result, argument...)
test_comes_and_goes() {
	local module=$1 nr=$2 result=$3

	shift 3
	expect_eq "before" "$(call "$nr" "$@")" ENOSYS
	load "$module"
	expect_eq "loaded" "$(call "$nr" "$@")" "$result"
	expect_eq "users" "$(users_of "$module")" 0
	unload "$module"
	expect_eq "after" "$(call "$nr" "$@")" ENOSYS
}

test_log_writes_a_line() {
	load klab_syscall_log
	expect_eq "result" "$(call 601 =hello 5 0)" 5
	records_since_start >"$TMP/records"
	grep -qE '^6	klab_log: pid [0-9]+ uid 0: hello$' "$TMP/records" ||
		fail "records: $(cat "$TMP/records")"
}

# The number before the comma is facility times eight plus level.
test_log_speaks_as_user() {
	load klab_syscall_log
	call 601 "=as-user-$$" 20 0 >/dev/null
	dd if=/dev/kmsg iflag=nonblock bs=16384 2>/dev/null |
		grep -q "^14,.*klab_log: .*as-user-$$" ||
		fail "no record of facility 1, level 6"
}

test_log_is_one_printable_line() {
	load klab_syscall_log
	# The two lines, the escape and the level are text.
	call 601 $'=<0>a\nb\e[31m\\' 12 0 >/dev/null
	log_since_start | grep -qF 'uid 0: <0>a\x0ab\x1b[31m\x5c' ||
		fail "log: $(log_since_start)"
}

# As many as a user may, and not one more; another user may.
test_log_is_limited_by_user() {
	local i

	load klab_syscall_log burst=3 interval=3600000
	for i in 1 2 3; do
		expect_eq "line $i" "$(call 601 =line 4 0)" 4
	done
	expect_eq "line 4" "$(call 601 =line 4 0)" EAGAIN
	expect_eq "another user" "$(setpriv --reuid=65534 --clear-groups \
		--inh-caps=+syslog --ambient-caps=+syslog \
		"$TMP/helper" call 601 =line 4 0)" 4
	expect_log 'klab_log: pid [0-9]* uid 65534: line'
}

test_log_is_not_for_nobody() {
	load klab_syscall_log
	expect_eq "nobody" "$("${nobody[@]}" "$TMP/helper" call 601 =x 1 0)" \
		EPERM
	expect_no_log 'klab_log: '
}

test_example_adds() {
	load klab_syscall_example nr=607
	expect_eq "sum" "$(call 607 40 2)" 42
	expect_eq "too much" "$(call 607 -1 1)" EOVERFLOW
	expect_eq "603" "$(call 603 40 2)" ENOSYS
}

test_second_provider_is_refused() {
	load klab_syscall_log
	refused 'busy' "${modprobe[@]}" klab_syscall_example nr=601
	expect_gone klab_syscall_example
	expect_eq "first one" "$(call 601 =x 1 0)" 1
}

test_numbers_of_others_are_refused() {
	local nr

	for nr in 0 600 608 4294967295; do
		refused 'Invalid argument' \
			"${modprobe[@]}" klab_syscall_example "nr=$nr"
	done
}

# has_alias() - whether the kernel's modprobe finds the modules
has_alias() {
	modprobe -n klab-call-603 2>/dev/null ||
		skip "modprobe does not know the modules"
}

test_autoload_is_off() {
	has_alias
	expect_eq "default" "$(cat "$autoload")" 0
	# Unloading in an earlier test has disarmed the number: arm it.
	put "$autoload" 0
	expect_eq "call" "$(call 603 1 1)" ENOSYS
	! loaded klab_syscall_example || fail "it has been loaded"
}

test_autoload_brings_the_module() {
	has_alias
	autoload 1
	defer rmmod klab_syscall_example
	expect_eq "call" "$(call 603 1 1)" 2
	loaded klab_syscall_example || fail "the module is not there"
}

test_autoload_is_not_for_nobody() {
	has_alias
	autoload 1
	expect_eq "nobody" "$("${nobody[@]}" "$TMP/helper" call 603 1 1)" ENOSYS
	! loaded klab_syscall_example || fail "it has been loaded"
}

# A capability in a user namespace of one's own is none of the system's.
test_autoload_is_not_for_root_of_a_namespace() {
	has_alias
	[ -e /proc/self/ns/user ] || skip "no user namespaces in this kernel"
	autoload 1
	expect_eq "other root" "$("${nobody[@]}" unshare -U -r \
		"$TMP/helper" call 603 1 1)" ENOSYS
	! loaded klab_syscall_example || fail "it has been loaded"
}

# Who unloads it does not want it back with the next call.
test_unloading_disarms() {
	has_alias
	autoload 1
	expect_eq "call" "$(call 603 1 1)" 2
	unload klab_syscall_example
	expect_eq "after" "$(call 603 1 1)" ENOSYS
	! loaded klab_syscall_example || fail "it has come back"
	put "$autoload" 1
	defer rmmod klab_syscall_example
	expect_eq "armed again" "$(call 603 1 1)" 2
}

# tried() - how often the kernel has looked for a module: the program that it
# has load modules leaves a line for each time
tried() {
	wc -l <"$TMP/tried"
}

tries_again() {
	call 606 1 >/dev/null
	[ "$(tried)" -gt "$1" ]
}

# Five seconds are short for a slow machine: then what it found says nothing.
test_failure_is_remembered() {
	local before after begin took

	[ -w /proc/sys/kernel/modprobe ] || skip "no path of modprobe here"
	autoload 1
	printf '#!/bin/sh\necho "$@" >>%s\nexit 1\n' "$TMP/tried" \
		>"$TMP/modprobe"
	chmod 755 "$TMP/modprobe"
	defer put /proc/sys/kernel/modprobe "$(cat /proc/sys/kernel/modprobe)"
	put /proc/sys/kernel/modprobe "$TMP/modprobe"
	for _ in 1 2 3 4 5 6 7 8 9 10; do
		put "$autoload" 1
		: >"$TMP/tried"
		begin=${EPOCHREALTIME/[.,]/}
		expect_eq "call" "$(call 606 1)" ENOSYS
		before=$(tried)
		call 606 1 >/dev/null
		# To look at the switch does not arm anything.
		expect_eq "switch" "$(<"$autoload")" 1
		call 606 1 >/dev/null
		after=$(tried)
		took=$((${EPOCHREALTIME/[.,]/} - begin))
		if [ "$after" = "$before" ] || [ "$took" -lt 5000000 ]; then
			break
		fi
	done
	expect_match "modules" "$(cat "$TMP/tried")" 'klab-call-606'
	expect_eq "attempts" "$after" "$before"
	within 20 tries_again "$after" || fail "a failure is remembered for good"
	expect_eq "another number" "$(call 605 1)" ENOSYS
	expect_match "modules" "$(cat "$TMP/tried")" 'klab-call-605'
	: >"$TMP/tried"
	put "$autoload" 1
	expect_eq "call" "$(call 606 1)" ENOSYS
	expect_match "armed" "$(cat "$TMP/tried")" 'klab-call-606'
}

test_switch_takes_two_values() {
	autoload 0
	refused 'Invalid argument' put "$autoload" 2
	refused 'Invalid argument' put "$autoload" -1
	expect_eq "mode" "$(stat -c %a "$autoload")" 644
	refused 'Permission denied' "${nobody[@]}" sh -c "echo 1 >$autoload"
}

add_test null_does_nothing
add_test numbers_behind_the_last_are_unknown
add_test log_comes_and_goes \
	test_comes_and_goes klab_syscall_log 601 4 =text 4 0
add_test strtrans_comes_and_goes \
	test_comes_and_goes klab_syscall_strtrans 602 4 =upper =text 4 @16 16 0
add_test example_comes_and_goes \
	test_comes_and_goes klab_syscall_example 603 3 1 2
add_test empty_comes_and_goes \
	test_comes_and_goes klab_syscall_empty 606 0
add_test log_writes_a_line
add_test log_speaks_as_user
add_test log_is_one_printable_line
add_test log_is_limited_by_user
add_test log_is_not_for_nobody
add_test example_adds
add_test second_provider_is_refused
add_test numbers_of_others_are_refused
add_test autoload_is_off
add_test autoload_brings_the_module
add_test autoload_is_not_for_nobody
add_test autoload_is_not_for_root_of_a_namespace
add_test unloading_disarms
add_test failure_is_remembered
add_test switch_takes_two_values
run_tests
