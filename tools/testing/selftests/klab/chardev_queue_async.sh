#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The queue device: RWF_NOWAIT, io_uring, libaio, splice.
# The tests are those of the program of the same name.

# shellcheck source=functions.sh
. "$(dirname "$0")/functions.sh"

require_root
require_command modprobe rmmod
run_program chardev_queue_async klab_chardev_queue
