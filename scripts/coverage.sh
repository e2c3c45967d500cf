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

scratch
for name in uml-coverage x86_64-coverage; do
	objects=$root/build/linux/build-$name
	(cd "$results/$name/gcov" && find . -name '*.gcda' -printf '%P\n') |
	while read -r file; do
		# debugfs holds the path of the object below its root.
		notes=$objects/${file#*build-"$name"/}
		notes=${notes%.gcda}.gcno
		[ -f "$notes" ] || continue
		cp "$notes" "$scratch/x.gcno"
		cp "$results/$name/gcov/$file" "$scratch/x.gcda"
		(cd "$objects" && gcov --json-format --stdout -o "$scratch/x.gcda" x.c 2>/dev/null) >>"$scratch/$name.json" || true
	done
done

python3 "$root/scripts/coverage.py" "$bar" "$scratch"/*.json
