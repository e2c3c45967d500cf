#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Code that belongs to nobody: klab integrity on the running kernel, as it is
# and with lists that lack a module whose code is there. And memory that nobody
# may change: code and constants.

# shellcheck source=functions.sh disable=SC2154,SC2317
. "$(dirname "$0")/functions.sh"

klab=${KLAB_COMMAND:-klab}
fixture_name=klab_test_exec

require_root
require_command "$klab" insmod rmmod setpriv
require_fixture "$fixture_name" klab_test_write
require_module klab_core

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

has_no_line() {
	! grep -Eq -- "$1" <<<"$out" || fail "a line '$1' in: $out"
}

load_fixture() {
	defer rmmod "$fixture_name"
	succeeds insmod "$(fixture "$fixture_name")"
}

test_kernel_without_page_tables() {
	ends 3 "$klab" integrity
	has_line '^klab: .*CONFIG_PTDUMP_DEBUGFS'
}

test_nobody_is_refused() {
	cp "$(command -v "$klab")" "$TMP/klab"
	defer rm -f "$TMP/klab"
	chmod 755 "$TMP/klab"
	ends 3 "${nobody[@]}" "$TMP/klab" integrity
	has_line '^klab: .*(not permitted|is not there)'
}

test_clean_kernel() {
	load klab_core
	ends 0 "$klab" integrity
	has_line '^alarms: 0$'
	has_line '^kernel text .* r-x .* ok$'
	has_line '^klab_core .* r-x .* ok$'
	has_no_line "nobody's|writable|rwx"
	has_no_line '\b(0x)?[0-9a-f]{12,16}\b'
}

test_clean_kernel_as_json() {
	ends 0 "$klab" integrity --json
	expect_match "JSON" "$out" '"verdict":"ok"'
}

test_module_comes_and_goes() {
	ends 0 "$klab" integrity
	has_no_line "^$fixture_name "
	load_fixture
	ends 0 "$klab" integrity
	has_line "^$fixture_name .* r-x .* ok$"
	unload "$fixture_name"
	ends 0 "$klab" integrity
	has_no_line "^$fixture_name "
}

# The fixture asks for memory that is executable and keeps what it gets.
test_executable_memory_is_not_given() {
	local before

	ends 0 "$klab" integrity --tsv
	before=$(grep -c $'\tr-x\t' <<<"$out")
	load_fixture
	expect_log "$fixture_name: mapped"
	ends 0 "$klab" integrity --tsv
	expect_eq "executable ranges, with the fixture's own" \
		"$(grep -c $'\tr-x\t' <<<"$out")" $((before + 1))
}

# pretend_without(module) - lists that lack it, for KLAB_SYSROOT
pretend_without() {
	local root=$TMP/without name

	defer rm -rf "$root"
	mkdir -p "$root/proc" "$root/sys/module"
	grep -v "^$1 " /proc/modules >"$root/proc/modules"
	grep -v "\[$1\]" /proc/kallsyms >"$root/proc/kallsyms"
	while read -r name _; do
		mkdir -p "$root/sys/module/$name"
		cat "/sys/module/$name/initstate" \
			>"$root/sys/module/$name/initstate"
	done <"$root/proc/modules"
}

# What a module that hides looks like: its pages are there, its name is not.
test_hidden_module() {
	load_fixture
	pretend_without "$fixture_name"
	ends 1 env KLAB_SYSROOT="$TMP/without" "$klab" integrity
	has_line '^alarms: 1$'
	has_line "^- .* r-x .* nobody's$"
	ends 0 "$klab" integrity
}

test_module_hidden_from_one_list() {
	load_fixture
	pretend_without "$fixture_name"
	cat /proc/kallsyms >"$TMP/without/proc/kallsyms"
	ends 1 env KLAB_SYSROOT="$TMP/without" "$klab" integrity
	has_line "^$fixture_name .*in kallsyms, not listed$"
	cat /proc/modules >"$TMP/without/proc/modules"
	ends 1 env KLAB_SYSROOT="$TMP/without" "$klab" integrity
	has_line "^$fixture_name .*listed, not in sysfs$"
	has_line '^alarms: 1$'
}

# A probe has its copy of an instruction in a page that the kernel makes for it.
test_kprobes_are_known() {
	load klab_syscall_lookup
	experiment syscall/lookup count=3
	ends 0 "$klab" integrity
}

# written(what) - what became of the attempt to write there
written() {
	cat "/sys/module/klab_test_write/parameters/$1"
}

# Code and constants of a module, and what only its init may change.
test_module_is_write_protected() {
	local refused=0 what

	defer rmmod klab_test_write
	succeeds insmod "$(fixture klab_test_write)"
	expect_eq "variable" "$(written variable)" 0
	[ "$(written strict)" = N ] || refused=-14
	for what in constant settled code; do
		expect_eq "$what" "$(written "$what")" "$refused"
	done
}

test_kernel_is_write_protected() {
	defer rmmod klab_test_write
	succeeds insmod "$(fixture klab_test_write)"
	expect_eq "constant" "$(written kernel_constant)" -14
	expect_eq "code" "$(written kernel_code)" -14
}

# What a lifted protection looks like: the kernel's page tables with a right more.
test_writable_code_is_seen() {
	local tables=page_tables/kernel

	mkdir -p "$TMP/writable/page_tables"
	defer rm -rf "$TMP/writable"
	awk '!done && / ro .* x / { sub(/ ro /, " RW "); done = 1 } { print }' \
		"/sys/kernel/debug/$tables" >"$TMP/writable/$tables"
	ends 1 env KLAB_DEBUGFS="$TMP/writable" "$klab" integrity
	has_line ' rwx .* writable$'
	ends 0 "$klab" integrity
}

if [ -e /sys/kernel/debug/page_tables/kernel ] ||
   [ -e /sys/kernel/debug/kernel_page_tables ]; then
	add_test clean_kernel
	add_test clean_kernel_as_json
	add_test module_comes_and_goes
	add_test executable_memory_is_not_given
	add_test hidden_module
	add_test module_hidden_from_one_list
	add_test kprobes_are_known
	add_test kernel_is_write_protected
	[ ! -e /sys/kernel/debug/page_tables/kernel ] ||
		add_test writable_code_is_seen
else
	add_test kernel_without_page_tables
fi
add_test nobody_is_refused
add_test module_is_write_protected
run_tests
