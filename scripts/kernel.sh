#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Configures and builds one kernel of kunit/variants, in build/linux/build-NAME.
# The directory lies below the source, which makes every path that the compiler
# sees relative, so that all clones share what ccache holds.
#
# Usage: kernel.sh NAME config | build | prepare | make [ARGUMENT...]
# Environment:
#   SRC   another source than build/linux
#   KLAB  all (default); part: as much of klab as SRC has; off: none of it, in
#         SRC/build-NAME-off
set -euo pipefail
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=scripts/kernels.sh
. "$root/scripts/kernels.sh"

name=${1:-}
step=${2:-}
case $name in ''|-h|--help) usage; exit 0 ;; esac
kernel_read "$name"
src=${SRC:-$root/build/linux}
klab=${KLAB:-all}
[ "$klab" != off ] || out+=-off
[ -f "$src/Makefile" ] || die "no tree in $src: run 'make tree' first"

use_ccache
export KBUILD_BUILD_USER=klab KBUILD_BUILD_HOST=klab KBUILD_BUILD_VERSION=1
export KBUILD_BUILD_TIMESTAMP='2024-11-17 00:00:00 UTC'

# One compiler for all: clang and its linker need no cross binutils.
llvm=
case $arch in arm64|riscv) llvm=1 ;; esac

kmake() {
	env -u LINUX -u CPUS -u ROOM -u KLAB -u SRC \
		make -s -C "$src" ARCH="$arch" O="$out" CC="$ccache$cc" HOSTCC="${ccache}gcc" \
		${llvm:+LLVM=1} -j"$(nproc)" "$@"
}

# The options as asked for; olddefconfig may have dropped what a platform lacks.
asked() {
	local part
	for part in common $parts; do
		printf '%s\n' "$root/kunit/$part.config"
	done
	[ "$klab" = off ] || kernel_fragments "$arch"
}

kconfigs() {
	local f
	sed -n 's|^diff --git a/\(.*Kconfig[^ ]*\) b/.*|\1|p' "$root"/patches/changes/*.diff | sort -u |
		while read -r f; do printf '%s\n' "$src/$f"; done
	find "$src/drivers/staging/klab" -name Kconfig 2>/dev/null | sort
}

config() {
	local files sum
	mapfile -t files < <(asked)
	# A Kconfig file that klab adds or changes asks for a new configuration too.
	# shellcheck disable=SC2046 # none of these names has a space
	sum=$(cat "${files[@]}" "$root/kunit/variants" $(kconfigs) | sha256sum)
	mkdir -p "$out"
	if [ -f "$out/.config" ] && [ "$(cat "$out/.klab-config" 2>/dev/null)" = "$sum" ]; then
		return
	fi
	rm -f "$out/.klab-config"
	kmake allnoconfig
	(cd "$src" && KCONFIG_CONFIG=$out/.config \
		scripts/kconfig/merge_config.sh -m -O "$out" "$out/.config" "${files[@]}" >/dev/null)
	kmake olddefconfig
	[ "$klab" = part ] ||
		"$root/scripts/config-check.sh" "$arch" "$out/.config" "${files[@]}"
	printf '%s' "$sum" >"$out/.klab-config"
}

# Klab's own files, and those that it changes, as an expression.
own_files() {
	printf 'klab|softwork'
	sed -n 's|^diff --git a/\([^ ]*\.[ch]\) b/.*|\1|p' "$root"/patches/changes/*.diff |
		grep -v '^tools/' | sort -u | sed 's|[.]|\\.|g' | xargs printf '|%s'
}

# Without these objects the next build warns again. A header is named by whatever
# includes it, which is klab's in most cases.
forget() {
	(cd "$out" && find . -name '*.o' \( -path '*klab*' -o -name 'softwork*' \) -delete)
	sed -nE "s/^(\.\.\/)*([^: ]*)\.c:.* (warning|WARNING).*/\2.o/p" "$log" |
		while read -r object; do rm -f "$out/$object"; done
}

# A warning from such a file is an error, on whatever kernel, and so is what
# checksyscalls.sh says about an architecture whose table lacks a number.
build() {
	local log=$out/.klab-log what=vmlinux status=0 warning
	config
	warning="($(own_files))[^ ]*: (warning|WARNING)|WARNING: modpost: .*(klab|softwork)"
	[ "$arch" != um ] || what=linux
	kmake "$what" modules >"$log" 2>&1 || status=$?
	if [ "$status" != 0 ] || grep -qE "$warning" "$log" ||
	   grep -q 'syscall [a-z0-9_]* not implemented' "$log"; then
		grep -qE "$warning" "$log" && forget
		cat "$log" >&2
		die "$name does not build, or not without warnings (status $status)"
	fi
}

case $step in
config) config ;;
prepare) config; kmake modules_prepare ;;
build) build ;;
make) shift 2; kmake "$@" ;;
*) die "unknown step '$step' (config, prepare, build, make)" ;;
esac
