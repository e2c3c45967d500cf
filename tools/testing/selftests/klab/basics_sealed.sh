#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# What is refused once kernel.modules_disabled is set. That cannot be taken back
# before the next boot: nothing runs this but by its name, and last.

# shellcheck source=functions.sh disable=SC2154,SC2317
. "$(dirname "$0")/functions.sh"

require_root
require_command insmod rmmod
require_helper klab_helper
require_fixture klab_test_export klab_test_oneshot

test_modules_disabled() {
	local knob=/proc/sys/kernel/modules_disabled

	succeeds insmod "$(fixture klab_test_export)"
	echo 1 >"$knob" || fail "cannot switch it off"
	refused 'Operation not permitted' \
		insmod "$(fixture klab_test_oneshot)" result=0
	expect_no_log klab_test_oneshot
	expect_gone klab_test_oneshot
	refused 'Operation not permitted' rmmod klab_test_export
	expect_eq "errno" "$("$HELPER" unload klab_test_export)" EPERM
	echo 0 >"$knob" 2>/dev/null
	expect_eq "modules_disabled" "$(cat "$knob")" 1
}

add_test modules_disabled
run_tests
