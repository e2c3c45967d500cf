#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Brings a kernel and its initramfs up to date: tree, build, image. Does
# nothing where nothing that goes into them has changed.
#
# Usage: prepare.sh NAME
set -euo pipefail
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/lib.sh"

name=${1:-}
case $name in ''|-h|--help) usage; exit 0 ;; esac
stamp=$root/build/guest/$name/stamp

inputs() {
	(cd "$root" && find drivers-staging core tools Documentation/staging/klab patches/changes patches/BASE \
		patches/series kunit scripts Kconfig.fragment* -type f ! -name '*.rst' -print0 2>/dev/null |
		LC_ALL=C sort -z | xargs -0 sha256sum)
	printf '%s\n' "${LINUX:-}" "$(gcc -dumpfullversion 2>/dev/null)"
}

now=$(inputs | sha256sum)
if [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$now" ] &&
   [ -f "$root/build/guest/$name/initramfs.cpio" ]; then
	exit 0
fi
rm -f "$stamp"
need_space "$root" 4000
mkdir -p "$root/build" 2>/dev/null || die "cannot write to $root"
lock "$root/build/prepare.lock"
"$root/scripts/tree.sh"
"$root/scripts/kernel.sh" "$name" build
"$root/scripts/image.sh" "$name"
printf '%s' "$now" >"$stamp"
