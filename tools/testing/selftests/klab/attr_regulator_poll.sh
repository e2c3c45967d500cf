#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The regulator: who waits for a value is woken.

# shellcheck source=functions.sh
. "$(dirname "$0")/functions.sh"

require_root
require_command modprobe rmmod
run_program attr_regulator_poll klab_attr_regulator
