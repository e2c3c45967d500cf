#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Builds a kernel, boots it, runs KUnit's suites and the selftests in it, looks
# through its log, and adds the results to those of a run.
#
# Usage: guest-tests.sh RUN NAME [KERNEL-ARGUMENT...]
# Environment: CPUS, TIMEOUT, OUT, ONLY=GLOB of suites and tests, GUEST=script
# of kunit/guest that runs instead of tests
set -euo pipefail
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/lib.sh"

case ${1:-} in ''|-h|--help) usage; exit 0 ;; esac
run=$1
name=$2
shift 2
out=${OUT:-$root/build/results/$name}

"$root/scripts/prepare.sh" "$name"
[ -z "${ONLY:-}" ] || set -- "klab.only=$ONLY" "$@"
# A name=value that the kernel does not know is put into its init's environment.
case $name in x86_64* | *-debug) set -- KLAB_TEST_TIMEOUT=600 "$@" ;; esac
status=0
OUT=$out "$root/scripts/boot.sh" "$name" "${GUEST:-tests}" "$@" || status=$?

# Data races of others are theirs.
races=$root/tools/testing/selftests/klab/races.awk

# A warning that a test causes on purpose goes with all of its trace.
without_expected='
BEGIN { while ((getline line <expected) > 0) if (line !~ /^#/) message[line] }
/\[ cut here \]/ { held = $0; next }
held != "" && /WARNING:/ { held = ""; for (m in message) if (index($0, m)) gone = 1 }
held != "" { print held; held = "" }
!gone
/\[ end trace / { gone = 0 }'

files=()
for f in "$out"/kunit/*.ktap "$out"/selftests/*.tap; do
	[ ! -f "$f" ] || files+=("$f")
done

# What no test may leave in the log.
{
	complaints=$(tr -d '\r' <"$out/console" | awk -f "$races" |
		awk -v expected="$root/kunit/expected-messages" "$without_expected" |
		grep -E 'BUG:|WARNING:|Oops|KASAN:|UBSAN:|Call Trace|INFO: (task|possible|rcu)|ODEBUG:|kernel panic|unregister_netdevice: waiting' |
		grep -vFf "$root/kunit/expected-messages" || true)
	if [ -z "$complaints" ]; then
		echo "ok 1 the kernel has not complained"
	else
		echo "not ok 1 the kernel has not complained"
		printf '%s\n' "$complaints" | sed 's/^/# /'
	fi
	if [ -s "$out/kmemleak" ]; then
		echo "not ok 2 nothing leaks"
		sed 's/^/# /' "$out/kmemleak"
	else
		echo "ok 2 nothing leaks"
	fi
	if [ "$status" = 0 ]; then
		echo "ok 3 the guest ends well"
	else
		echo "not ok 3 the guest ends well # status $status"
	fi
	# A misspelt ONLY must not look like success.
	if [ ${#files[@]} -gt 0 ]; then
		echo "ok 4 there are tests"
	else
		echo "not ok 4 there are tests # ONLY=${ONLY:-}"
	fi
	echo "1..4"
} >"$out/log.tap"
"$root/scripts/results.sh" "$run" "$name" "${files[@]}" "$out/log.tap"
