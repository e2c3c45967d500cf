#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Opens klab's menu on the configuration that a kernel here is built with; below
# it is the rest of the kernel's. What is changed there holds until a fragment
# in this repository changes.
#
# Usage: menuconfig.sh NAME
set -euo pipefail
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=scripts/kernels.sh
. "$root/scripts/kernels.sh"

case ${1:-} in ''|-h|--help) usage; exit 0 ;; esac
name=$1
config=$root/build/linux/build-$name/.config
need_builds
"$root/scripts/setup.sh" menuconfig
"$root/scripts/tree.sh"
"$root/scripts/kernel.sh" "$name" config
scratch
cp "$config" "$scratch/before"

# The same options as in Device Drivers, Staging, only at the top.
awk '{ print }
	/^source "scripts\/Kconfig.include"/ {
		print "if STAGING\nsource \"drivers/staging/klab/Kconfig\"\nendif"
	}' "$root/build/linux/Kconfig" >"$scratch/Kconfig"
MENUCONFIG_MODE=${MENUCONFIG_MODE:-} "$root/scripts/kernel.sh" "$name" make \
	KBUILD_KCONFIG="$scratch/Kconfig" menuconfig
# The image is made anew after a change.
cmp -s "$scratch/before" "$config" || rm -f "$root/build/guest/$name/stamp"
