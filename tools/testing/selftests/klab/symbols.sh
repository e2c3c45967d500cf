#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Names of the kernel: which ones modules may use, what happens to a module that
# uses another, and the ways in which a module does not find one after all.

# shellcheck source=functions.sh disable=SC2154,SC2317
. "$(dirname "$0")/functions.sh"

klab=${KLAB_COMMAND:-klab}

require_root
require_command "$klab" insmod rmmod setpriv
require_fixture klab_test_export klab_test_import
require_module klab_core klab_syscall_lookup klab_syscall_table

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

# exports(argument...) - sets out to what klab says of the kernel's exports
exports() {
	[ -r "/lib/modules/$(uname -r)/build/Module.symvers" ] ||
		skip "no Module.symvers of this kernel"
	ends 0 "$klab" symbols --exported --tsv "$@"
}

# counted(by, what) - a count of out
counted() {
	awk -F '\t' -v by="$1" -v what="$2" \
		'$1 == by && $2 == what { print $3 }' <<<"$out"
}

test_exports_are_counted() {
	local all

	exports --count
	all=$(counted all -)
	[ "$all" -gt 1000 ] || fail "only $all exports"
	expect_eq "exports of each kind" \
		"$(($(counted export EXPORT_SYMBOL) +
		    $(counted export EXPORT_SYMBOL_GPL)))" "$all"
	expect_eq "functions, data and unknown" \
		"$(($(counted kind functions) + $(counted kind data) +
		    $(counted kind unknown)))" "$all"
}

# E12.3 asks for those of the kernel itself, not of modules.
test_exports_of_the_kernel_itself() {
	local own

	exports --count
	own=$(counted owner vmlinux)
	exports
	expect_eq "exports of vmlinux" \
		"$(awk -F '\t' '$5 == "vmlinux"' <<<"$out" | wc -l)" "$own"
}

test_string_functions() {
	exports --match 'str*'
	has_line $'^strcmp\tEXPORT_SYMBOL\t'
	has_line $'^strlen\tEXPORT_SYMBOL\t'
	! cut -f 1 <<<"$out" | grep -v '^#' | sed 1d | grep -v '^str' ||
		fail "other functions, too"
}

# Of the two functions, both global in the source, modules may call one.
test_twins() {
	exports --match close_fd
	ends 0 "$klab" symbols --tsv close_fd ksys_write
	has_line $'^close_fd\t[Tt]\tvmlinux\tEXPORT_SYMBOL\t'
	has_line $'^ksys_write\t[Tt]\tvmlinux\tno\t'
}

# importer_of(name) - sets file to a copy of a fixture that calls that name
importer_of() {
	local from=klab_test_export_namespaced pad=

	while [ $((${#1} + ${#pad} / 4)) -lt ${#from} ]; do
		pad+='\x00'
	done
	file=$TMP/klab_test_import.ko
	defer rm -f "$file"
	sed "s/$from/$1$pad/g" "$(fixture klab_test_import)" >"$file"
	! cmp -s "$file" "$(fixture klab_test_import)" || fail "no $from"
}

# test_refused(name) - the kernel has it, and modules do not get it
test_refused() {
	grep -q " $1\$" /proc/kallsyms || skip "this kernel has no $1"
	defer rmmod klab_test_export
	succeeds insmod "$(fixture klab_test_export)"
	importer_of "$1"
	refused 'Unknown symbol in module' insmod "$file"
	expect_log "klab_test_import: Unknown symbol $1 \(err -2\)"
	expect_gone klab_test_import
}

# Nor does it get the handler of a system call, whatever that is called here.
test_refused_handler() {
	local handler

	load klab_syscall_table
	ends 0 "$klab" audit native --match write --tsv
	handler=$(awk -F '\t' '$3 == "write" { print $5 }' <<<"$out")
	expect_match "handler" "$handler" 'sys_write$'
	test_refused "$handler"
}

# The same module with a name that is exported.
test_export_is_linked() {
	defer rmmod klab_test_export
	defer rmmod klab_test_import
	succeeds insmod "$(fixture klab_test_export)"
	succeeds insmod "$(fixture klab_test_import)"
	ends 1 "$klab" symbols klab_test_export_plain klab_test_export_plaim
	has_line '^klab_test_export_plain +[tT] +klab_test_export '
	unload klab_test_import
	unload klab_test_export
	ends 1 "$klab" symbols klab_test_export_plain
}

test_modcheck_foresees_the_refusal() {
	exports --count
	defer rmmod klab_test_export
	succeeds insmod "$(fixture klab_test_export)"
	importer_of kallsyms_lookup_name
	run "$klab" modcheck "$file"
	has_line 'does not export .*kallsyms_lookup_name'
}

# A search that fails must not answer with what an earlier one found.
test_nothing_is_found_for_no_name() {
	ends 1 "$klab" symbols --tsv schedule no_such_function_at_all schedule
	expect_eq "found" "$(grep -c $'^schedule\t[Tt]\tvmlinux\t' <<<"$out")" 2
	has_line $'^no_such_function_at_all\t-\t-\t'
}

test_nobody_sees_no_addresses() {
	cp "$(command -v "$klab")" "$TMP/klab"
	defer rm -f "$TMP/klab"
	chmod 755 "$TMP/klab"
	expect_eq "addresses for nobody" \
		"$("${nobody[@]}" cut -d ' ' -f 1 /proc/kallsyms | sort -u |
			tr -d 0)" ""
	ends 0 "${nobody[@]}" "$TMP/klab" symbols schedule
	has_line '^schedule +[Tt] +vmlinux '
}

# result(way) - what became of a way to find a name
result() {
	cell "$1" result
}

test_ways_of_a_module() {
	load klab_syscall_lookup
	experiment syscall/lookup count=2
	expect_eq "GPL export" "$(result 'symbol_get of a GPL export')" found
	expect_eq "export" "$(result 'symbol_get of another export')" refused
	expect_eq "no export" "$(result 'symbol_get of no export')" refused
	expect_eq "file" "$(cell 'reading /proc/kallsyms' error)" -22
	expect_eq "name" "$(result 'name of an address')" found
	if [ -d /sys/kernel/debug/kprobes ]; then
		expect_eq "probe" "$(result 'probe of a function')" found
	else
		expect_eq "probe" "$(result 'probe of a function')" refused
	fi
	expect_log 'kernel read not supported for file /kallsyms'
	expect_log 'failing symbol_get of non-GPLONLY symbol'
}

test_no_way_shows_an_address() {
	load klab_syscall_lookup
	experiment syscall/lookup count=1
	! grep -Eq '\b(0x)?[0-9a-f]{12,16}\b' <<<"$out" || fail "$out"
}

add_test exports_are_counted
add_test exports_of_the_kernel_itself
add_test string_functions
add_test twins
add_test export_is_linked
for name in kallsyms_lookup_name kallsyms_on_each_symbol ksys_write \
	    execmem_alloc; do
	add_test "refused_$name" test_refused "$name"
done
# What lifts write protection, where there is any.
for name in set_memory_rw text_poke; do
	! grep -q " $name\$" /proc/kallsyms ||
		add_test "refused_$name" test_refused "$name"
done
add_test refused_handler
add_test modcheck_foresees_the_refusal
add_test nothing_is_found_for_no_name
add_test nobody_sees_no_addresses
add_test ways_of_a_module
add_test no_way_shows_an_address
run_tests
