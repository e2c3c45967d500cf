#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Boots the bench kernel under icount, where the time stamp counter counts
# instructions, and prints what klab's parts cost beside their peers. Exits 1
# if a row is over its bar or could not be held to it, if a module could not be
# loaded, or if a second boot of the same gives other figures. A row without a bar
# is a figure, and not counted.
#
# What rooms do on several CPUs is measured in another boot with four of them:
# there the counter is one for all, so that a cost is what all CPUs have spent.
#
# I/O per second of disks, by fio, comes from a boot with four CPUs and the time
# of the host. It is shown, and has no bar, as no two runs of it are the same. The
# bench kernel patches its code, which QEMU's threads do not survive: the kernel
# of make test-smp does not.
#
# Usage: bench.sh [ROOM...]
# Environment: TWICE=1 for the second boot; FIO=0 to leave fio out, or the
# seconds of each of its runs (1)
set -euo pipefail
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=scripts/kernels.sh
. "$root/scripts/kernels.sh"

case ${1:-} in -h|--help) usage; exit 0 ;; esac
rooms=$(IFS=,; printf '%s' "$*")
results=$root/build/results
kernels=(bench)
seconds=
if [[ ${FIO:-1} != 0 && ,${rooms:-blkdev}, == *,blkdev,* ]]; then
	seconds=${FIO:-1}
	kernels+=(x86_64)
fi
need_builds "${kernels[@]}"
"$root/scripts/setup.sh" bench
for kernel in "${kernels[@]}"; do
	"$root/scripts/prepare.sh" "$kernel"
done
mkdir -p "$results"
lock "$root/build/.bench.lock"

# Rooms whose benchmarks have rows for several CPUs.
several=softwork
case ,${rooms:-$several}, in *,$several,*) ;; *) several= ;; esac

boot() { # CPUs, rooms
	local status=0
	ICOUNT=1 CPUS=$1 OUT=$results/bench "$root/scripts/boot.sh" bench bench \
		${2:+"klab.rooms=$2"} >&2 || status=$?
	awk -f "$root/scripts/bench.awk" "$results/bench/console" || status=$?
	return "$status"
}

fio() {
	local status=0
	CPUS=4 OUT=$results/bench-fio "$root/scripts/boot.sh" x86_64 fio "klab.seconds=$seconds" >&2 || status=$?
	echo
	echo "I/O per second of 4 KiB, random, by fio; no bar"
	column -t -s "$(printf '\t')" "$results/bench-fio/fio.tsv"
	echo
	return "$status"
}

# The second table follows the first one without its header, and its rooms are
# named after what they ran on.
measure() {
	local status=0
	boot 1 "$rooms" >"$1" || status=$?
	if [ -n "$several" ]; then
		boot 4 "$several" >"$1.several" || status=$?
		sed -e '/^room\t/d' -e 's/^\(# \)\?[a-z]*/&-4cpu/' "$1.several" >>"$1"
	fi
	return "$status"
}

status=0
measure "$results/bench.tsv" || status=$?
grep '^#' "$results/bench.tsv" || true
sed '/^#/d' "$results/bench.tsv" | column -t -s "$(printf '\t')"
if [ "${TWICE:-0}" = 1 ]; then
	measure "$results/bench-again.tsv" || status=$?
	cmp "$results/bench.tsv" "$results/bench-again.tsv" || die "two boots do not agree"
fi
[ -z "$seconds" ] || fio || status=$?
awk -F'\t' '!/^#/ && $1 != "room" && $7 == "-"' "$results/bench.tsv" | wc -l |
	sed 's/$/ figures without a bar/'
# A bar without a verdict was not held; a table without a row has measured nothing.
awk -F'\t' -v OFS='\t' '
	!/^#/ && $1 != "room" { n++ }
	!/^#/ && $1 != "room" && $7 != "-" { print $8 == "ok" ? "pass" : "fail", "bench/" $1 ":" $2 }
	END { if (!n) print "fail", "bench/table:no row" }' "$results/bench.tsv" >"$results/bench.rows"
[ "$status" = 0 ] || grep -q '^fail' "$results/bench.rows" ||
	printf 'fail\tbench/guest:status %s\n' "$status" >>"$results/bench.rows"
count_rows "$results/bench.rows"
! grep -q '^fail' "$results/bench.rows" || status=1
exit "$status"
