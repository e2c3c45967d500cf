#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Merges Kconfig.fragment, as a user would, into an empty configuration of UML,
# x86-64 and arm64, and looks whether all of it survives olddefconfig; what a
# platform cannot have stands in kunit/missing.ARCH. Without procfs, what is
# nothing without it must not be offered. Prints TAP.
#
# Usage: test-fragment.sh
set -euo pipefail
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/lib.sh"

case ${1:-} in -h|--help) usage; exit 0 ;; esac
src=$root/build/linux
scratch
n=0
bad=0

without_procfs() {
	local out=$src/build-fragment-um

	"$src/scripts/config" --file "$out/.config" -e EXPERT -d PROC_FS &&
	make -s -C "$src" ARCH=um O="$out" olddefconfig &&
	grep -q '^CONFIG_KLAB_ATTR_SYS=' "$out/.config" &&
	! grep -E '^CONFIG_(PROC_FS|KLAB_ATTR_(PROC|TREE|REGULATOR))=' "$out/.config"
}

for arch in um x86_64 arm64; do
	out=$src/build-fragment-$arch
	n=$((n + 1))
	mkdir -p "$out"
	# On UML 32 bits are the default, and not every machine can build them.
	start=()
	[ "$arch" != um ] || { start=("$scratch/um"); echo CONFIG_64BIT=y >"$scratch/um"; }
	files=("$root/Kconfig.fragment")
	[ ! -f "$root/Kconfig.fragment.$arch" ] || files+=("$root/Kconfig.fragment.$arch")
	if {
		make -s -C "$src" ARCH="$arch" O="$out" allnoconfig &&
		(cd "$src" && scripts/kconfig/merge_config.sh -m -O "$out" "$out/.config" \
			${start[@]+"${start[@]}"} "${files[@]}") &&
		make -s -C "$src" ARCH="$arch" O="$out" olddefconfig &&
		"$root/scripts/config-check.sh" "$arch" "$out/.config" "${files[@]}"
	} >"$scratch/log" 2>&1; then
		echo "ok $n Kconfig.fragment on $arch"
	else
		echo "not ok $n Kconfig.fragment on $arch"
		sed 's/^/# /' "$scratch/log"
		bad=1
	fi
done

n=$((n + 1))
if without_procfs >"$scratch/log" 2>&1; then
	echo "ok $n without procfs"
else
	echo "not ok $n without procfs"
	sed 's/^/# /' "$scratch/log"
	bad=1
fi
echo "1..$n"
exit "$bad"
