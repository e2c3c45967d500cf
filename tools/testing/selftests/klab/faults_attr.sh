#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Memory that fails, in the modules and experiments of attr.

# shellcheck disable=SC2034,SC2317
room=attr

# Each open file holds the module, which one that could not be opened must not.
test_open_regulator() {
	prepare_faults
	load klab_attr_regulator
	succeeds "$HELPER" use-faults /proc/klab-regulator/value 1 ENOMEM,EAGAIN
	expect_eq users "$(users_of klab_attr_regulator)" 0
	unload klab_attr_regulator
}
more_tests=(open_regulator)

# shellcheck source=faults_functions.sh
. "$(dirname "$0")/faults_functions.sh"
