#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The queue device: many processes that do anything and are killed.

# shellcheck source=functions.sh
. "$(dirname "$0")/functions.sh"

require_root
require_command modprobe rmmod
run_program chardev_queue_stress klab_chardev_queue size=8192
