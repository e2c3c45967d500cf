#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Brings a kernel and its initramfs up to date: tree, build, image. Does
# nothing where nothing that goes into them has changed; what LINUX=path has
# changed only the tree tells.
#
# Usage: prepare.sh NAME
set -euo pipefail
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=scripts/kernels.sh
. "$root/scripts/kernels.sh"

name=${1:-}
case $name in ''|-h|--help) usage; exit 0 ;; esac
guest=$root/build/guest/$name
stamp=$guest/stamp

inputs() {
	(cd "$root" && find drivers-staging core tools Documentation/staging/klab patches/changes patches/BASE \
		patches/series kunit scripts Kconfig.fragment* -type f ! -name '*.rst' -print0 2>/dev/null |
		LC_ALL=C sort -z | xargs -0 sha256sum)
	printf '%s\n' "$(gcc -dumpfullversion 2>/dev/null)"
}

now=$(inputs | sha256sum)
if [ -z "${LINUX:-}" ] && [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$now" ] &&
   [ -f "$guest/initramfs.cpio" ] && [ "$(cat "$guest/kernel" 2>/dev/null)" = "$(kernel_id "$name")" ]; then
	exit 0
fi
rm -f "$stamp"
need_builds "$name"
mkdir -p "$root/build" 2>/dev/null || die "cannot write to $root"
lock "$root/build/prepare.lock"
"$root/scripts/tree.sh"
first=
[ -f "$guest/initramfs.cpio" ] || first='; the first time takes minutes'
note "building the kernel $name: compiler cache $(compiler_cache), $(nproc) CPU(s)$first"
"$root/scripts/kernel.sh" "$name" build
"$root/scripts/image.sh" "$name"
[ -n "${LINUX:-}" ] || printf '%s' "$now" >"$stamp"
