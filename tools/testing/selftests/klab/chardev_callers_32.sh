#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Programs of 32 bits: the tests are those of the program of the same name.

# shellcheck source=functions.sh disable=SC2154
. "$(dirname "$0")/functions.sh"

require_root
require_command modprobe rmmod
require_helper chardev_callers_32
require_module klab_chardev_control klab_chardev_queue

! grep -q 'User Mode Linux' /proc/cpuinfo ||
	skip_all "UML has no 32-bit entry"
"${modprobe[@]}" klab_chardev_queue || skip_all "cannot load the queue"
# What does not end with 0 or 1 has not run at all.
"$KLAB_HELPERS/chardev_callers_32" >/dev/null 2>&1
[ $? -le 1 ] || skip_all "this kernel runs no programs of 32 bits"
run_program chardev_callers_32 klab_chardev_control
