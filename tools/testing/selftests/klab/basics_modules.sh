#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Modules as such: entry and exit, one that needs another, what the tools tell
# about them, who holds them, and that a hundred loads leave nothing.

# shellcheck source=functions.sh disable=SC2154,SC2317
. "$(dirname "$0")/functions.sh"

require_root
require_command insmod modprobe rmmod lsmod modinfo depmod readelf
require_helper klab_helper
require_module klab_basics_hello klab_basics_goodbye klab_basics_mobj \
	klab_basics_mcall klab_basics_refcount

test_hello_and_bye() {
	load klab_basics_hello
	expect_log 'klab_basics_hello: hello, 42'
	expect_no_log 'klab_basics_hello: bye'
	unload klab_basics_hello
	expect_log 'klab_basics_hello: bye'
	expect_gone klab_basics_hello
}

test_hello_with_parameter() {
	load klab_basics_hello number=7
	expect_log 'klab_basics_hello: hello, 7'
	[ ! -e /sys/module/klab_basics_hello/parameters/number ] ||
		fail "memory of init can be read through sysfs"
}

test_goodbye_counts_its_time() {
	load klab_basics_goodbye
	unload klab_basics_goodbye
	expect_log 'klab_basics_goodbye: goodbye after [0-9]+ ms'
}

test_predefined_names() {
	require_file "$(fixture klab_test_predefined)"
	defer rmmod klab_test_predefined
	succeeds insmod "$(fixture klab_test_predefined)"
	expect_log 'entered by its predefined name'
	unload klab_test_predefined
	expect_log 'left by its predefined name'
}

require_file() {
	[ -r "$1" ] || skip "no $1"
}

test_lsmod_shows_size_and_users() {
	load klab_basics_hello
	succeeds lsmod
	grep -Eq '^klab_basics_hello +[1-9][0-9]* +0 *$' <<<"$out" ||
		fail "lsmod: $out"
}

test_modprobe_loads_what_is_needed() {
	expect_gone klab_basics_mobj
	load klab_basics_mcall
	loaded klab_basics_mobj || fail "klab_basics_mobj is not there"
	expect_log 'klab_basics_mobj_a \+ klab_basics_mobj_b \+ klab_basics_mobj_c'
	expect_eq "users" "$(users_of klab_basics_mobj)" 1
	succeeds lsmod
	grep -Eq '^klab_basics_mobj +[0-9]+ +1 +klab_basics_mcall' \
		<<<"$out" || fail "lsmod: $out"
	expect_eq "holders" \
		"$(ls /sys/module/klab_basics_mobj/holders)" klab_basics_mcall
}

test_user_keeps_the_exporter() {
	load klab_basics_mcall
	refused 'in use by: klab_basics_mcall' rmmod klab_basics_mobj
	expect_eq "errno" "$("$HELPER" unload klab_basics_mobj)" EAGAIN
	unload klab_basics_mcall
	unload klab_basics_mobj
}

test_exports_experiment() {
	load klab_basics_mcall
	experiment basics/exports
	expect_eq "namespace" "$(remark namespace)" KLAB_BASICS
	expect_eq "b" "$(cell klab_basics_mobj_b returns)" klab_basics_mobj_b
}

# depmod finds out by itself; no file of the kernel's build helps it here.
test_depmod_finds_the_dependency() {
	local dir

	dir=$TMP/tree/lib/modules/$(uname -r)
	mkdir -p "$dir"
	defer rm -rf "$TMP/tree"
	cp "$(module_file klab_core)" "$(module_file klab_basics_mobj)" \
		"$(module_file klab_basics_mcall)" "$dir"
	succeeds depmod -b "$TMP/tree" "$(uname -r)"
	grep -Eq '^klab_basics_mcall\.ko.*:.*klab_basics_mobj\.ko' \
		"$dir/modules.dep" || fail "$(cat "$dir/modules.dep")"
	grep -q 'symbol:klab_basics_mobj_a klab_basics_mobj' \
		"$dir/modules.symbols" || fail "no symbol in modules.symbols"
	defer modprobe -d "$TMP/tree" -r klab_basics_mcall
	succeeds modprobe -d "$TMP/tree" klab_basics_mcall
	loaded klab_basics_mobj || fail "klab_basics_mobj is not there"
}

test_modinfo() {
	local file

	file=$(module_file klab_basics_mcall)
	succeeds modinfo "$file"
	grep -Eq '^depends: .*klab_basics_mobj' <<<"$out" || fail "$out"
	grep -Eq '^intree: +Y' <<<"$out" || fail "$out"
	grep -Eq '^staging: +Y' <<<"$out" || fail "$out"
	grep -Eq '^license: +GPL' <<<"$out" || fail "$out"
	grep -Eq '^import_ns: +KLAB_BASICS' <<<"$out" || fail "$out"
	grep -Eq '^description: +[^ ]' <<<"$out" || fail "$out"
	grep -Eq "^vermagic: +$(uname -r) " <<<"$out" || fail "$out"
}

# Every module says what it is, under which licence, and is known to be of
# the tree.
test_modinfo_of_every_module() {
	local module file

	for module in $(known_modules); do
		file=$(module_file "$module")
		succeeds modinfo -F description "$file"
		[ -n "$out" ] || fail "$module has no description"
		succeeds modinfo -F license "$file"
		expect_eq "licence of $module" "$out" GPL
		succeeds modinfo -F intree "$file"
		expect_eq "intree of $module" "$out" Y
	done
}

test_exports_are_global_symbols() {
	succeeds readelf -sW "$(module_file klab_basics_mobj)"
	grep -Eq 'GLOBAL +DEFAULT .* klab_basics_mobj_a$' <<<"$out" ||
		fail "klab_basics_mobj_a is not global"
	succeeds readelf -SW "$(module_file klab_basics_hello)"
	grep -q '\.init\.text' <<<"$out" || fail "no .init.text"
	grep -q '\.exit\.text' <<<"$out" || fail "no .exit.text"
	grep -q '\.gnu\.linkonce\.this_module' <<<"$out" ||
		fail "no struct module"
}

test_refcount_follows_open_files() {
	load klab_basics_refcount
	expect_eq "users" "$(users_of klab_basics_refcount)" 0
	experiment basics/refcount
	expect_eq "holders of the node" "$(cell now node_holders)" 0
	# The experiment's own open file.
	expect_eq "count in a run" "$(cell now refcount)" 1
	expect_eq "count after a get" "$(cell try_module_get refcount)" 2
	expect_eq "count after a put" "$(cell module_put refcount)" 1
	exec 7</dev/klab-refcount 8</dev/klab-refcount || fail "cannot open"
	expect_eq "users" "$(users_of klab_basics_refcount)" 2
	experiment basics/refcount
	expect_eq "holders of the node" "$(cell now node_holders)" 2
	refused 'in use' rmmod klab_basics_refcount
	exec 7<&- 8<&-
	unload klab_basics_refcount
}

test_unload_of_a_killed_holder() {
	load klab_basics_refcount
	# shellcheck disable=SC2016 # expanded by the other shell
	run bash -c 'exec 7</dev/klab-refcount; kill -9 $$'
	expect_eq "status of the killed shell" "$status" 137
	expect_eq "users" "$(users_of klab_basics_refcount)" 0
	unload klab_basics_refcount
}

test_every_module_loads_and_unloads() {
	local module

	for module in $(known_modules); do
		load "$module"
		succeeds "${modprobe[@]}" -r "$module"
		expect_gone "$module"
	done
	# What a module needs by way of another one, modprobe leaves.
	"${modprobe[@]}" -r klab_core 2>/dev/null
	[ ! -e "$KLAB_DEBUGFS" ] || fail "debugfs: $(ls -R "$KLAB_DEBUGFS")"
}

# Without the tools, which take longer than the kernel.
test_hundred_loads_leave_nothing() {
	local before module
	local modules=(klab_basics_hello klab_basics_goodbye klab_basics_mcall
		       klab_basics_params klab_basics_channels
		       klab_basics_refcount klab_core)

	before=$(traces)
	load klab_basics_mobj
	load klab_core
	for module in "${modules[@]}"; do
		if [ "$module" = klab_core ]; then
			unload klab_core
		fi
		succeeds "$HELPER" cycle 100 "$(module_file "$module")" \
			"$module"
	done
	unload klab_basics_mobj
	expect_same "what there is" "$(traces)" "$before"
}

add_test hello_and_bye
add_test hello_with_parameter
add_test goodbye_counts_its_time
add_test predefined_names
add_test lsmod_shows_size_and_users
add_test modprobe_loads_what_is_needed
add_test user_keeps_the_exporter
add_test exports_experiment
add_test depmod_finds_the_dependency
add_test modinfo
add_test modinfo_of_every_module
add_test exports_are_global_symbols
add_test refcount_follows_open_files
add_test unload_of_a_killed_holder
add_test every_module_loads_and_unloads
add_test hundred_loads_leave_nothing
run_tests
