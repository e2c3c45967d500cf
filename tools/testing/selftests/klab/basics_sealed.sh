#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# What is refused once module.sig_enforce or kernel.modules_disabled is set. That
# cannot be taken back before the next boot: nothing runs this but by its name, and
# last.

# shellcheck source=functions.sh disable=SC2154,SC2317
. "$(dirname "$0")/functions.sh"

require_root
require_command insmod rmmod
require_helper klab_helper
require_fixture klab_test_oneshot
require_module klab_core

signed=$(dirname "$0")/signed/klab_basics_config.ko

test_signatures_enforced() {
	local knob=/sys/module/module/parameters/sig_enforce

	[ -f "$signed" ] || skip "no module with a signature for this kernel"
	succeeds modprobe klab_core
	succeeds insmod "$(fixture klab_test_oneshot)" result=0
	succeeds rmmod klab_test_oneshot
	echo 1 >"$knob" || fail "cannot switch it on"
	refused 'Key was rejected by service' \
		insmod "$(fixture klab_test_oneshot)" result=0
	expect_log 'Loading of unsigned module is rejected'
	expect_gone klab_test_oneshot
	refused EKEYREJECTED "${KLAB_COMMAND:-klab}" modcheck \
		"$(fixture klab_test_oneshot)"
	succeeds insmod "$signed"
	succeeds "${KLAB_COMMAND:-klab}" run --tsv basics/config
	expect_match "answer" "$out" 'module_signatures=enforced'
	succeeds rmmod klab_basics_config
	echo 0 >"$knob" 2>/dev/null
	expect_eq "sig_enforce" "$(cat "$knob")" Y
}

test_modules_disabled() {
	local knob=/proc/sys/kernel/modules_disabled

	succeeds modprobe klab_core
	echo 1 >"$knob" || fail "cannot switch it off"
	refused 'Operation not permitted' \
		insmod "$(fixture klab_test_oneshot)" result=0
	expect_no_log klab_test_oneshot
	expect_gone klab_test_oneshot
	refused 'Operation not permitted' rmmod klab_core
	expect_eq "errno" "$("$HELPER" unload klab_core)" EPERM
	echo 0 >"$knob" 2>/dev/null
	expect_eq "modules_disabled" "$(cat "$knob")" 1
}

add_test signatures_enforced
add_test modules_disabled
run_tests
