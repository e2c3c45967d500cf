#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Sums up the TAP and KTAP files of a run: appends "verdict, id, rest" rows to
# build/results/RUN.rows, prints what failed, and last "N passed, N failed, N
# skipped". A skip that kunit/skips does not list for the platform fails.
#
# Usage: results.sh RUN PLATFORM FILE...
set -euo pipefail
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/lib.sh"

case ${1:-} in ''|-h|--help) usage; exit 0 ;; esac
rows=$root/build/results/$1.rows
part=$rows.$$
platform=$2
shift 2
[ $# -gt 0 ] || die "no result files"
on_exit rm -f -- "$part"

awk -f "$root/scripts/results.awk" "$@" |
	awk -F'\t' -v OFS='\t' -v platform="$platform" '
	NR == FNR {
		if ($0 !~ /^#/ && NF >= 3 && (index(platform, $1) == 1 || $1 == "all"))
			listed[$2] = $3
		next
	}
	$1 == "skip" && !($2 in listed) { $1 = "fail"; $3 = "skip that kunit/skips does not list: " $3 }
	{ print $1, platform "/" $2, $3 }' "$root/kunit/skips" - >"$part"

cat "$part" >>"$rows"
awk -F'\t' '$1 == "fail" { printf "  FAIL %s  %s\n", $2, $3 }' "$part"
count_rows "$part"
! grep -q '^fail' "$part"
