#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Boots User Mode Linux as on a host with more FP registers than this one
# (kunit/tests/xstate-shim.c says how), and runs the selftest uml_fpstate in it:
# with the size that CPUs with AMX have, and with one that is refused.
# Prints TAP; exits with 1 when a test fails.
#
# Usage: test-xstate.sh LINUX INITRAMFS
# environment: CC (cc), MEMORY in MiB (256), TIMEOUT in s (120), OUT (a new
# directory that is removed at the end)
set -euo pipefail
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=scripts/kernels.sh
. "$root/scripts/kernels.sh"
# shellcheck source=scripts/tap.sh
. "$root/scripts/tap.sh"

case ${1:-} in -h|--help) usage; exit 0 ;; esac
[ $# -eq 2 ] || misuse "what to boot: LINUX INITRAMFS"
linux=$(realpath -e "$1")
initramfs=$(realpath -e "$2")
need "${CC:-cc}" timeout
scratch
out=${OUT:-$scratch/out}
mkdir -p "$out"
out=$(cd "$out" && pwd)
shim=$scratch/xstate-shim.so
memory=${MEMORY:-256}
uml_place "$memory"
"${CC:-cc}" -O2 -shared -fPIC -o "$shim" "$root/kunit/tests/xstate-shim.c" -ldl

# Boots as on a host with $1 bytes of FP registers; the results are in $out/$1.
boot() {
	local dir=$out/$1

	rm -rf "$dir"
	mkdir -p "$dir"
	env TMPDIR="$uml_tmp" XSTATE_SHIM_SIZE="$1" LD_PRELOAD="$shim" \
		timeout -k 5 "${TIMEOUT:-120}" ${uml_on[@]+"${uml_on[@]}"} \
		"$linux" "mem=${memory}M" "initrd=$initramfs" con0=null,fd:1 con=null panic=1 uml_dir="$dir/" umid=uml \
		klab.run=tests klab.only=uml_fpstate "klab.out=$dir" \
		</dev/null >"$dir/console" 2>&1
}

holds() { "$@" >/dev/null 2>&1 && echo 0 || echo 1; }

echo "TAP version 13"
amx=11008
results=$out/$amx/selftests/uml_fpstate.tap
boot $amx 2>/dev/null || true
tap "$(holds grep -q '^klab.status=' "$out/$amx/console")" \
	"user space runs with $amx bytes of FP registers" tail -n 20 "$out/$amx/console"
tap "$(holds grep -qE '^# Totals: pass:[1-9][0-9]* fail:0 .*skip:0' "$results")" \
	"uml_fpstate passes there" tail -n 20 "$results"
tap "$(holds grep -q '^xstate-shim: .*all as expected' "$out/$amx/console")" \
	"no register is lost" tail -n 20 "$out/$amx/console"

huge=131072
boot $huge 2>/dev/null || true
tap "$(holds grep -q 'FP registers, which UML does not support' "$out/$huge/console")" \
	"$huge bytes are refused with a reason" tail -n 20 "$out/$huge/console"
tap_end
