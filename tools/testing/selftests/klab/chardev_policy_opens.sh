#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Open policies: who gets in, who waits, and what signals do to them. The tests
# are those of the program of the same name.

# shellcheck source=functions.sh disable=SC2154
. "$(dirname "$0")/functions.sh"

require_root
require_command modprobe rmmod
require_module klab_chardev_register
# Misc devices, which nobody may keep waiting.
"${modprobe[@]}" klab_chardev_register style=misc ||
	skip_all "cannot load klab_chardev_register"
run_program chardev_policy_opens klab_chardev_policy
