#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Merges Kconfig.fragment, as a user would, into an empty configuration of UML,
# x86-64 and arm64, with Kconfig.fragment.ARCH where there is one, and looks
# whether all of it survives olddefconfig; the same for the configuration that
# kunit.py takes. Prints TAP.
#
# Usage: test-fragment.sh
set -euo pipefail
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=scripts/kernels.sh
. "$root/scripts/kernels.sh"
# shellcheck source=scripts/tap.sh
. "$root/scripts/tap.sh"

case ${1:-} in -h|--help) usage; exit 0 ;; esac
src=$root/build/linux
scratch

without_procfs() {
	local out=$src/build-fragment-um

	"$src/scripts/config" --file "$out/.config" -e EXPERT -d PROC_FS &&
	make -s -C "$src" ARCH=um O="$out" olddefconfig &&
	grep -q '^CONFIG_KLAB_ATTR_SYS=' "$out/.config" &&
	! grep -E '^CONFIG_(PROC_FS|KLAB_ATTR_(PROC|TREE|REGULATOR))=' "$out/.config"
}

for arch in um x86_64 arm64; do
	out=$src/build-fragment-$arch
	mkdir -p "$out"
	status=0
	# On UML 32 bits are the default, and not every machine can build them.
	start=()
	[ "$arch" != um ] || { start=("$scratch/um"); echo CONFIG_64BIT=y >"$scratch/um"; }
	mapfile -t files < <(kernel_fragments "$arch")
	{
		make -s -C "$src" ARCH="$arch" O="$out" allnoconfig &&
		(cd "$src" && scripts/kconfig/merge_config.sh -m -O "$out" "$out/.config" \
			${start[@]+"${start[@]}"} "${files[@]}") &&
		make -s -C "$src" ARCH="$arch" O="$out" olddefconfig &&
		"$root/scripts/config-check.sh" "$arch" "$out/.config" "${files[@]}"
	} >"$scratch/log" 2>&1 || status=$?
	tap "$status" "Kconfig.fragment on $arch" cat "$scratch/log"
done

# An architecture without the numbers; what is asked of Kconfig needs no compiler.
without_numbers()
{
	local out=$src/build-fragment-s390

	mkdir -p "$out"
	make -s -C "$src" ARCH=s390 O="$out" allnoconfig &&
	"$src/scripts/config" --file "$out/.config" -e STAGING -e SOFTWORK -e KLAB_SYSCALLS &&
	make -s -C "$src" ARCH=s390 O="$out" olddefconfig &&
	grep -q '^CONFIG_SOFTWORK=y' "$out/.config" &&
	! grep '^CONFIG_KLAB_SYSCALLS=' "$out/.config"
}

# What kunit.py makes of it: nothing but this file, on UML.
kunit_py()
{
	local out=$src/build-fragment-kunit asked=$src/drivers/staging/klab/.kunitconfig

	mkdir -p "$out"
	cp "$asked" "$out/.config"
	make -s -C "$src" ARCH=um O="$out" olddefconfig &&
	"$root/scripts/config-check.sh" um "$out/.config" "$asked"
}

status=0
kunit_py >"$scratch/log" 2>&1 || status=$?
tap "$status" "kunit.py's configuration of klab" cat "$scratch/log"

status=0
without_numbers >"$scratch/log" 2>&1 || status=$?
tap "$status" "no system calls where there are no numbers" cat "$scratch/log"

status=0
without_procfs >"$scratch/log" 2>&1 || status=$?
tap "$status" "without procfs" cat "$scratch/log"
tap_end
