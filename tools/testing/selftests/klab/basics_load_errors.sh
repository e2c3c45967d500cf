#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Every way in which a module is refused, with what the tool prints and what
# the kernel logs, and every way in which an unload is refused.

# shellcheck source=functions.sh disable=SC2154,SC2317
. "$(dirname "$0")/functions.sh"

require_root
require_command insmod modprobe rmmod modinfo setpriv
require_helper klab_helper
require_fixture klab_test_export klab_test_import klab_test_oneshot \
	klab_test_permanent

# load_fixture(name, parameter...)
load_fixture() {
	local name=$1

	shift
	defer rmmod "$name"
	succeeds insmod "$(fixture "$name")" "$@"
}

# changed_copy(name, from, to) - sets file to a copy of a fixture in which the
# text, equally long, is replaced
changed_copy() {
	file=$TMP/$1.ko
	[ ${#2} -eq ${#3} ] || fail "'$2' and '$3' differ in length"
	defer rm -f "$file"
	sed "s/$2/$3/g" "$(fixture "$1")" >"$file"
	! cmp -s "$file" "$(fixture "$1")" || fail "no '$2' in $1"
}

test_no_such_file() {
	refused 'No such file or directory' insmod "$TMP/none.ko"
}

test_no_such_module() {
	refused 'Module klab_test_none not found' modprobe klab_test_none
}

test_init_refuses() {
	refused 'Operation not permitted' \
		insmod "$(fixture klab_test_oneshot)" result=-1
	expect_gone klab_test_oneshot
}

test_no_privilege() {
	cp "$(fixture klab_test_oneshot)" "$TMP/oneshot.ko"
	defer rm -f "$TMP/oneshot.ko"
	refused 'Operation not permitted' \
		"${nobody[@]}" insmod "$TMP/oneshot.ko" result=0
	expect_gone klab_test_oneshot
	expect_no_log klab_test_oneshot
}

test_wrong_kernel_version() {
	local release

	release=$(uname -r)
	changed_copy klab_test_export "vermagic=$release" "vermagic=x${release#?}"
	refused 'Invalid module format' insmod "$file"
	expect_log "klab_test_export: version magic .* should be '$release"
	expect_gone klab_test_export
}

test_truncated_file() {
	local size

	size=$(stat -L -c %s "$(fixture klab_test_export)")
	for size in 8 64 $((size / 2)) $((size - 1)); do
		head -c "$size" "$(fixture klab_test_export)" >"$TMP/short.ko"
		refused 'Invalid module format' insmod "$TMP/short.ko"
		expect_gone klab_test_export
	done
	rm "$TMP/short.ko"
}

test_not_an_object() {
	echo "not an object file, and long enough to be looked at" >"$TMP/text.ko"
	defer rm -f "$TMP/text.ko"
	refused 'Invalid module format' insmod "$TMP/text.ko"
}

test_empty_file() {
	: >"$TMP/empty.ko"
	defer rm -f "$TMP/empty.ko"
	refused 'could not (insert|load) module' insmod "$TMP/empty.ko"
}

test_already_loaded() {
	load_fixture klab_test_export
	refused 'File exists' insmod "$(fixture klab_test_export)"
	loaded klab_test_export || fail "the first one is gone"
}

test_unknown_symbol() {
	load_fixture klab_test_export
	changed_copy klab_test_import klab_test_export_plain \
		klab_test_export_plaim
	refused 'Unknown symbol in module' insmod "$file"
	expect_log \
	  'klab_test_import: Unknown symbol klab_test_export_plaim \(err -2\)'
	expect_gone klab_test_import
	expect_eq "users of the exporter" "$(users_of klab_test_export)" 0
}

test_dependency_not_loaded() {
	refused 'Unknown symbol in module' insmod "$(fixture klab_test_import)"
	expect_log \
	  'klab_test_import: Unknown symbol klab_test_export_plain \(err -2\)'
	expect_gone klab_test_import
}

# The taint of a proprietary module switches lockdep off for the rest of the
# boot.
test_gpl_only_symbol() {
	[ ! -e /proc/lockdep ] || skip "would switch lockdep off"
	load_fixture klab_test_export
	changed_copy klab_test_import 'license=GPL' 'license=BSD'
	refused 'Unknown symbol in module' insmod "$file"
	expect_log "klab_test_import: module license 'BSD' taints kernel"
	expect_log \
	  'klab_test_import: Unknown symbol klab_test_export_gpl \(err -2\)'
	expect_no_log 'Unknown symbol klab_test_export_plain '
	expect_gone klab_test_import
}

# A namespace that is not imported gives EINVAL, which the tools word as they
# word a bad parameter. A kernel may be configured to warn only.
test_namespace_not_imported() {
	load_fixture klab_test_export
	changed_copy klab_test_import 'import_ns=KLAB_TEST' 'import_ns=KLAB_BEST'
	if zgrep -q 'ALLOW_MISSING_NAMESPACE_IMPORTS=y' /proc/config.gz; then
		defer rmmod klab_test_import
		succeeds insmod "$file"
	else
		refused 'Invalid parameters' insmod "$file"
		expect_log 'Unknown symbol klab_test_export_namespaced \(err -22\)'
		expect_gone klab_test_import
	fi
	expect_log 'symbol \(?klab_test_export_namespaced\)? from namespace'`
		`' KLAB_TEST_EXPORT.* does not import it'
}

# Signatures: with CONFIG_MODULE_SIG a module without one taints the kernel or
# is rejected; without, nobody looks.
test_unsigned_module() {
	if [ ! -e /sys/module/module/parameters/sig_enforce ]; then
		load_fixture klab_test_export
		expect_no_log 'module verification failed'
	elif grep -q Y /sys/module/module/parameters/sig_enforce; then
		refused 'Key was rejected|Required key not available' \
			insmod "$(fixture klab_test_export)"
	else
		# The kernel says so for the first one only.
		echo 1 >/sys/kernel/debug/clear_warn_once ||
			fail "cannot make it the first one"
		load_fixture klab_test_export
		expect_log 'klab_test_export: module verification failed'
		grep -q 'E' /sys/module/klab_test_export/taint ||
			fail "no taint E"
	fi
}

# signed_module() - sets file to one with a signature that this kernel trusts
signed_module() {
	file=$(dirname "$0")/signed/klab_basics_config.ko
	[ -f "$file" ] || skip "no module with a signature for this kernel"
	load klab_core
}

test_signed_module() {
	signed_module
	defer rmmod klab_basics_config
	succeeds insmod "$file"
	expect_eq taint "$(cat /sys/module/klab_basics_config/taint)" C
	succeeds "${KLAB_COMMAND:-klab}" run --tsv basics/config
	expect_match "answer" "$out" 'module_signatures=permissive'
	expect_match "answer" "$out" 'this_module=valid'
}

# A signature that does not fit is refused even where none is needed.
test_spoiled_signature() {
	signed_module
	sed 's/license=GPL/license=GQL/' "$file" >"$TMP/spoiled.ko"
	! cmp -s "$file" "$TMP/spoiled.ko" || fail "not spoiled"
	refused 'Key was rejected by service' insmod "$TMP/spoiled.ko"
	expect_gone klab_basics_config
}

test_invalid_parameter() {
	refused 'Invalid parameters' \
		insmod "$(fixture klab_test_oneshot)" result=many
	expect_log "\`many' invalid for parameter \`result'"
	expect_gone klab_test_oneshot
}

test_unknown_parameter_is_ignored() {
	defer rmmod klab_test_oneshot
	succeeds insmod "$(fixture klab_test_oneshot)" result=0 colour=blue
	expect_log "unknown parameter 'colour' ignored"
	unload klab_test_oneshot
}

test_oneshot_leaves_nothing() {
	refused 'Operation canceled' insmod "$(fixture klab_test_oneshot)"
	expect_log 'jiffies [0-9]+'
	expect_gone klab_test_oneshot
	refused 'Operation canceled' insmod "$(fixture klab_test_oneshot)"
}

# The kernel shows the stack of such a load.
test_positive_result_of_init() {
	quiet_console
	load_fixture klab_test_oneshot result=1
	expect_log "'klab_test_oneshot'->init suspiciously returned 1"
	loaded klab_test_oneshot || fail "not loaded"
	unload klab_test_oneshot
}

# A module never vanishes by itself, so this test runs once per boot.
test_permanent_module() {
	if ! loaded klab_test_permanent; then
		succeeds insmod "$(fixture klab_test_permanent)"
	fi
	grep -q '^klab_test_permanent .* \[permanent\]' /proc/modules ||
		fail "not marked in /proc/modules"
	refused 'Device or resource busy' rmmod klab_test_permanent
	expect_eq "errno" "$("$HELPER" unload klab_test_permanent)" EBUSY
	loaded klab_test_permanent || fail "it is gone"
}

test_unload_not_loaded() {
	refused 'is not currently loaded' rmmod klab_test_none
	expect_eq "errno" "$("$HELPER" unload klab_test_none)" ENOENT
}

test_unload_by_file_name() {
	load_fixture klab_test_export
	succeeds rmmod "$(fixture klab_test_export)"
	expect_gone klab_test_export
}

test_unload_used_by_module() {
	load_fixture klab_test_export
	load_fixture klab_test_import
	expect_log 'exports returned 1 2 3'
	refused 'in use by: klab_test_import' rmmod klab_test_export
	expect_eq "errno" "$("$HELPER" unload klab_test_export)" EAGAIN
	expect_eq "users" "$(users_of klab_test_export)" 1
	unload klab_test_import
	expect_eq "users" "$(users_of klab_test_export)" 0
	unload klab_test_export
}

test_unload_held_by_open_file() {
	load klab_basics_params
	exec 9<"$KLAB_DEBUGFS/basics/params" || fail "cannot open"
	expect_eq "users" "$(users_of klab_basics_params)" 1
	refused 'in use' rmmod klab_basics_params
	expect_eq "errno" "$("$HELPER" unload klab_basics_params)" EAGAIN
	exec 9<&-
	unload klab_basics_params
}

test_unload_no_privilege() {
	load_fixture klab_test_export
	refused 'Operation not permitted' \
		"${nobody[@]}" rmmod klab_test_export
	loaded klab_test_export || fail "it is gone"
}

add_test no_such_file
add_test no_such_module
add_test init_refuses
add_test no_privilege
add_test wrong_kernel_version
add_test truncated_file
add_test not_an_object
add_test empty_file
add_test already_loaded
add_test unknown_symbol
add_test dependency_not_loaded
add_test namespace_not_imported
add_test unsigned_module
add_test signed_module
add_test spoiled_signature
add_test invalid_parameter
add_test unknown_parameter_is_ignored
add_test oneshot_leaves_nothing
add_test positive_result_of_init
add_test permanent_module
add_test unload_not_loaded
add_test unload_by_file_name
add_test unload_used_by_module
add_test unload_held_by_open_file
add_test unload_no_privilege
# Last, for the taint that it leaves.
add_test gpl_only_symbol
run_tests
