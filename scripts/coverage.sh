#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Runs KUnit and the selftests on kernels that count lines, on UML and under
# QEMU, and prints the share of lines reached, by room and by file: every .c and
# .h of a room outside tests/, a line counts as reached if it was on either.
#
# Usage: coverage.sh [BAR-IN-PERCENT]
set -euo pipefail
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=scripts/kernels.sh
. "$root/scripts/kernels.sh"

case ${1:-} in -h|--help) usage; exit 0 ;; esac
bar=${1:-85}
results=$root/build/results
need_builds uml-coverage x86_64-coverage
"$root/scripts/setup.sh" coverage
need gcov
mkdir -p "$results"
lock "$root/build/.coverage.lock"
rm -f "$results/coverage.rows"
for name in uml-coverage x86_64-coverage; do
	"$root/scripts/guest-tests.sh" coverage "$name" | tail -n 3
done

# What was never loaded has no data, and all its lines count as not reached.
scratch
for name in uml-coverage x86_64-coverage; do
	objects=$(cd "$root/build/linux/build-$name" && pwd -P)
	find "$objects/drivers/staging/klab" -name '*.gcno' ! -path '*/tests/*' ! -name '*.mod.gcno' |
	while read -r notes; do
		# debugfs holds the path of the object below its root.
		data=$results/$name/gcov/${notes%.gcno}.gcda
		rm -f "$scratch/x.gcda"
		cp "$notes" "$scratch/x.gcno"
		[ ! -f "$data" ] || cp "$data" "$scratch/x.gcda"
		(cd "$objects" && gcov --json-format --stdout -o "$scratch/x.gcno" x.c) \
			>>"$scratch/$name.json" 2>"$scratch/err" || die "gcov on $notes: $(cat "$scratch/err")"
	done
done

python3 "$root/scripts/coverage.py" "$bar" "$scratch"/*.json
