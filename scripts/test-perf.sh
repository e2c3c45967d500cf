#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Compiles what the series changes of the kernel's own tools, perf and rtla, and
# looks for tables of softirqs that know IRQ_POLL and not SOFTWORK. Prints TAP.
#
# Usage: test-perf.sh     (SRC: another source than build/linux)
set -euo pipefail
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=scripts/tap.sh
. "$root/scripts/tap.sh"

case ${1:-} in -h|--help) usage; exit 0 ;; esac
src=${SRC:-$root/build/linux}
out=$src/build-tools
mkdir -p "$out/perf" "$out/rtla" "$root/build/results"
tool() { make -s -j"$(nproc)" "$@"; }

# What perf can do without, so that only its own objects and libbpf are built.
without=()
for feature in LIBPERL LIBPYTHON SLANG LIBUNWIND LIBCRYPTO LIBNUMA LIBCAP LIBBABELTRACE JVMTI SDT \
	LIBDEBUGINFOD JEVENTS DWARF LIBDW_DWARF_UNWIND LIBZSTD LZMA; do
	without+=("NO_$feature=1")
done

log=$root/build/results/rtla.log
status=0
tool -C "$src/tools/tracing/rtla" "O=$out/rtla/" "$out/rtla/rtla-in.o" >"$log" 2>&1 || status=$?
tap "$status" "rtla compiles" tail -n 20 "$log"

log=$root/build/results/perf.log
status=0
: >"$log"
# One at a time: perf prepares the same things for each target.
for object in bpf_kwork trace-event-parse; do
	rm -f "$out/perf/util/$object.o"
	tool -C "$src/tools/perf" "O=$out/perf" BUILD_BPF_SKEL=1 "${without[@]}" "util/$object.o" \
		>>"$log" 2>&1 || status=$?
	[ -f "$out/perf/util/$object.o" ] || status=1
done
tap "$status" "what perf has of softirqs compiles" tail -n 20 "$log"

# A file that names the neighbour as a softirq names ours too. lib/irq_poll.c is
# its user, and Kconfig files have an option of this name.
log=$root/build/results/irq-poll.log
grep -rlIE --exclude-dir='build-*' --exclude='Kconfig*' --exclude=irq_poll.c \
	'(^|[^A-Za-z_])IRQ_POLL(_SOFTIRQ)?([^A-Za-z_]|$)' "$src" | xargs grep -LF SOFTWORK >"$log" || true
[ ! -s "$log" ] && status=0 || status=1
tap "$status" "no table of softirqs lacks SOFTWORK" tail -n 20 "$log"
tap_end
