#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The files of experiments: what a program sees is tried by the program
# core_experiment_files, whose results are passed on as they are; here are the
# modules around it.

# shellcheck source=functions.sh disable=SC2154,SC2317
. "$(dirname "$0")/functions.sh"

require_root
require_command insmod modprobe rmmod
require_helper core_experiment_files
require_fixture klab_test_experiment
require_module klab_core

"${modprobe[@]}" klab_core || skip_all "cannot load klab_core"
insmod "$(fixture klab_test_experiment)" ||
	skip_all "cannot load klab_test_experiment"

begin_log "$script"
"$KLAB_HELPERS/core_experiment_files" "$@"
result=$?

if ! rmmod klab_test_experiment || [ -e "$KLAB_DEBUGFS/test" ]; then
	note "klab_test_experiment left something"
	result=1
fi
if complaint; then
	note "the kernel complained"
	result=1
fi
exit $result
