#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# /proc/klab-proc: reads of every size at every position, on several CPUs while
# the text changes. The tests are those of the program of the same name.

# shellcheck source=functions.sh
. "$(dirname "$0")/functions.sh"

require_root
require_command modprobe rmmod
run_program attr_proc_reads klab_attr_proc records=100
