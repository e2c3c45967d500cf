#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Memory that fails, in the modules and experiments of blkdev.

# shellcheck disable=SC2034
room=blkdev
# shellcheck source=faults_functions.sh
. "$(dirname "$0")/faults_functions.sh"
