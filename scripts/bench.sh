#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Boots the bench kernel under icount, where the time stamp counter counts
# instructions, and prints what klab's parts cost beside their peers. Exits 1
# if a row is over its bar, or if a second boot of the same gives other figures.
#
# What rooms do on several CPUs is measured in another boot with four of them:
# there the counter is one for all, so that a cost is what all CPUs have spent.
#
# I/O per second of disks, by fio, comes from a boot with four CPUs and the time
# of the host. It is shown, and has no bar, as no two runs of it are the same.
#
# Usage: bench.sh [ROOM...]
# Environment: TWICE=1 for the second boot; FIO=0 to leave fio out, or the
# seconds of each of its runs (1)
set -euo pipefail
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/lib.sh"

case ${1:-} in -h|--help) usage; exit 0 ;; esac
rooms=$(IFS=,; printf '%s' "$*")
results=$root/build/results
"$root/scripts/setup.sh" bench
"$root/scripts/prepare.sh" bench

# Rooms whose benchmarks have rows for several CPUs.
several=softwork
case ,${rooms:-$several}, in *,$several,*) ;; *) several= ;; esac

boot() { # CPUs, rooms
	local status=0
	ICOUNT=1 CPUS=$1 OUT=$results/bench "$root/scripts/boot.sh" bench bench \
		${2:+"klab.rooms=$2"} >&2 || status=$?
	tr -d '\r' <"$results/bench/console" | sed -n '/^klab.bench.begin/,/^klab.bench.end/{/^klab.bench/!p}'
	return "$status"
}

fio() {
	local status=0
	CPUS=4 OUT=$results/bench-fio "$root/scripts/boot.sh" bench fio "klab.seconds=${FIO:-1}" >&2 || status=$?
	tr -d '\r' <"$results/bench-fio/console" |
		sed -n '/^klab.fio.begin/,/^klab.fio.end/{/^klab.fio/!p}' >"$results/fio.tsv"
	echo
	echo "I/O per second of 4 KiB, random, by fio; no bar"
	column -t -s "$(printf '\t')" "$results/fio.tsv"
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

mkdir -p "$results"
status=0
measure "$results/bench.tsv" || status=$?
grep '^#' "$results/bench.tsv" || true
grep -v '^#' "$results/bench.tsv" | column -t -s "$(printf '\t')"
if [ "${TWICE:-0}" = 1 ]; then
	measure "$results/bench-again.tsv" || status=$?
	cmp "$results/bench.tsv" "$results/bench-again.tsv" || die "two boots do not agree"
fi
if [ "${FIO:-1}" != 0 ]; then
	case ,${rooms:-blkdev}, in *,blkdev,*) fio || status=$? ;; esac
fi
# The verdict is the last column; a table that is empty has measured nothing.
awk -F'\t' '!/^#/ && $1 != "room" { n[$NF == "over" ? "over" : "ok"]++ }
	END { printf "%d passed, %d failed, 0 skipped\n", n["ok"], n["over"]; exit !(n["ok"] && !n["over"]) }' \
	"$results/bench.tsv" || status=1
exit "$status"
