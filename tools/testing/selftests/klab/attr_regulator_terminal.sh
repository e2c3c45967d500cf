#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# klab regulate on a terminal.

# shellcheck source=functions.sh
. "$(dirname "$0")/functions.sh"

require_root
require_command modprobe rmmod "${KLAB_COMMAND:-klab}"
[ -e /dev/ptmx ] || skip_all "no terminals in this system"
run_program attr_regulator_terminal klab_attr_regulator
