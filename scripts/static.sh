#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Checks klab's files without running them, and prints TAP. A warning is a
# failure. The checks: sparse, gcc, clang (both W=1), kernel-doc, coccinelle,
# shared-atomics (object code).
#
# Usage: static.sh CHECK...
set -euo pipefail
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=scripts/tap.sh
. "$root/scripts/tap.sh"

case ${1:-} in ''|-h|--help) usage; exit 0 ;; esac
src=$root/build/linux

verdict() {
	local name=$1 log=$2 status=$3

	! grep -qE '(warning|error|WARNING|ERROR):?' "$log" || status=1
	tap "$status" "$name" cat "$log"
}

# Directories and objects, besides the driver, that klab's patches bring.
mapfile -t targets < <(grep -v '^#' "$root/kunit/build-targets")

compile() {
	local name=$1 kernel=$2 log=$root/build/results/$1.log status=0
	shift 2
	"$root/scripts/kernel.sh" "$kernel" prepare >"$log" 2>&1 || status=$?
	[ "$status" != 0 ] || "$root/scripts/kernel.sh" "$kernel" make "$@" "${targets[@]}" >"$log" 2>&1 || status=$?
	verdict "$name" "$log" "$status"
}

kernel_doc() {
	local log=$root/build/results/kernel-doc.log status=0
	(cd "$src" && find drivers/staging/klab tools/klab kernel/klab kernel/softwork.c \
		include/linux/{softwork,klab_calls}.h include/uapi/linux/klab*.h -name '*.[ch]' -print0 |
		xargs -0 perl scripts/kernel-doc -none -Werror) >"$log" 2>&1 || status=$?
	verdict kernel-doc "$log" "$status"
}

# Sparse does not know of cleanup: a function that takes a spinlock by guard()
# looks as if it never let go. It is right about all others.
unguarded() {
	local line file
	while IFS= read -r line; do
		file=${line%%:*}
		[[ $line == *"context imbalance in"* ]] && grep -q 'guard(.*spinlock' "$src/${file#../}" ||
			printf '%s\n' "$line"
	done
}

sparse() {
	local log=$root/build/results/sparse.log status=0
	"$root/scripts/kernel.sh" static-gcc prepare >"$log" 2>&1 || status=$?
	[ "$status" != 0 ] || "$root/scripts/kernel.sh" static-gcc make C=2 W=1 "${targets[@]}" >"$log" 2>&1 || status=$?
	unguarded <"$log" >"$log.kept"
	mv "$log.kept" "$log"
	verdict sparse "$log" "$status"
}

# A report is a line "file:line:column-column: text"; the rest is spatch's own.
# It takes directories only: what lies in kernel/ among others is copied.
coccinelle() {
	local log=$root/build/results/coccinelle.log raw=$root/build/results/coccinelle.raw status=0 dir
	local core=$src/build-static-gcc/klab
	"$root/scripts/kernel.sh" static-gcc prepare >"$raw" 2>&1 || status=$?
	rm -rf "$core" && mkdir "$core" &&
		cp "$src"/kernel/{klab/*.[ch],softwork.c,tests/{softwork,klab_calls}_kunit.c} "$core"
	for dir in "$src/drivers/staging/klab" "$core"; do
		"$root/scripts/kernel.sh" static-gcc make coccicheck MODE=report J="$(nproc)" M="$dir" || status=$?
	done >"$raw" 2>&1
	grep -E '^[^ ]*klab/[^ ]*:[0-9]+(:|-)|^coccicheck failed|exception' "$raw" | sed 's/^/WARNING: /' >"$log" || true
	[ "$status" = 0 ] || tail -n 6 "$raw" | cut -c1-300 >>"$log"
	verdict coccinelle "$log" "$status"
}

# The path of a per-CPU softwork, in the objects of a plain build.
shared_atomics() {
	local log=$root/build/results/shared-atomics.log kernel=$src/build-static-gcc/kernel status=0
	"$root/scripts/kernel.sh" static-gcc prepare >"$log" 2>&1 &&
		"$root/scripts/kernel.sh" static-gcc make kernel/softwork.o kernel/softirq.o >"$log" 2>&1 &&
		"$root/scripts/shared-atomics.py" "$kernel/softwork.o" "$kernel/softirq.o" >"$log" 2>&1 || status=$?
	verdict shared-atomics "$log" "$status"
}

mkdir -p "$root/build/results"
for check; do
	case $check in
	sparse) sparse ;;
	gcc) compile gcc-W1 static-gcc W=1 ;;
	clang) compile clang-W1 static-clang W=1 ;;
	kernel-doc) kernel_doc ;;
	coccinelle) coccinelle ;;
	shared-atomics) shared_atomics ;;
	*) misuse "unknown check '$check'" ;;
	esac
done
tap_end
