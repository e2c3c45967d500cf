#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Objects in /sys: many processes that make, use and remove them, and are killed.

# shellcheck source=functions.sh
. "$(dirname "$0")/functions.sh"

require_root
require_command modprobe rmmod
run_program attr_sys_stress klab_attr_sys
