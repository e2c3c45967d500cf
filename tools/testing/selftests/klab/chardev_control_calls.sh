#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The control device by ioctl(): the tests are those of the program
# chardev_control.

# shellcheck source=functions.sh
. "$(dirname "$0")/functions.sh"

require_root
require_command modprobe rmmod
run_program chardev_control klab_chardev_control
