#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Opens klab's menu on the configuration that a kernel here is built with. What
# is changed there holds until a fragment in this repository changes.
#
# Usage: menuconfig.sh NAME
set -euo pipefail
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/lib.sh"

case ${1:-} in ''|-h|--help) usage; exit 0 ;; esac
"$root/scripts/setup.sh" menuconfig
"$root/scripts/tree.sh"
"$root/scripts/kernel.sh" "$1" config
# The image is made anew after a change.
rm -f "$root/build/guest/$1/stamp"
MENUCONFIG_MODE=${MENUCONFIG_MODE:-} "$root/scripts/kernel.sh" "$1" make menuconfig
