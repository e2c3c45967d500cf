#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Runs the stages of a test target, a line per stage with its time, and ends
# with the sum over everything. Logs and results are in build/results.
#
# Usage: test.sh test | smp | debug | rt | kcsan
set -euo pipefail
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=scripts/kernels.sh
. "$root/scripts/kernels.sh"
cd "$root"

target=${1:-}
case $target in ''|-h|--help) usage; exit 0 ;; esac
results=$root/build/results
rows=$results/$target.rows
case $target in
test) need_builds uml static-gcc static-clang ;;
smp) need_builds x86_64 ;;
debug) need_builds uml-debug x86_64-debug ;;
rt | kcsan) need_builds "x86_64-$target" ;;
*) misuse "unknown target '$target'" ;;
esac
mkdir -p "$results" 2>/dev/null || die "cannot write to $root"
lock "$root/build/.test-$target.lock"
rm -f "$rows" "$results/$target"-*.end
failed=() aside=

failures() { cat "$rows" 2>/dev/null | grep -c '^fail' || true; }

# A stage that counts by itself says so with a last line of counts; any other
# prints TAP.
run() {
	local name=$1 start=$SECONDS log=$results/$target-$1.log status=0
	shift
	"$@" >"$log" 2>&1 || status=$?
	if [ ! -s "$log" ]; then
		echo "not ok 1 no output # status $status" >"$log"
	fi
	if ! tail -n 1 "$log" | grep -qE '^[0-9]+ passed, [0-9]+ failed, [0-9]+ skipped$'; then
		if grep -qE '^(not )?ok ' "$log"; then
			cp "$log" "$results/$name.tap"
		else
			{ printf 'not ok 1 no result\n'; sed 's/^/# /' "$log"; } >"$results/$name.tap"
		fi
		[ "$status" = 0 ] || grep -q '^not ok' "$results/$name.tap" ||
			echo "not ok 998 exit status $status" >>"$results/$name.tap"
		"$root/scripts/results.sh" "$target" "$name" "$results/$name.tap" >>"$log" 2>&1 || status=1
	fi
	echo "$status $((SECONDS - start))" >"$log.end"
}

report() {
	local name=$1 failures=$2 log=$results/$target-$1.log status=1 time=0
	read -r status time <"$log.end" || true
	printf '%-22s %4d s  %s\n' "$name" "$time" "$(tail -n 1 "$log")"
	if [ "$status" != 0 ]; then
		failed+=("$name")
		grep -E '^  FAIL|^not ok|^# ' "$log" | tail -n 60 || true
		grep -qE '^  FAIL' "$log" || tail -n 20 "$log"
		# A stage that died before it counted anything still counts as one.
		[ "$(failures)" -gt "$failures" ] || printf 'fail\t%s\tstatus %s\n' "$name" "$status" >>"$rows"
	fi
}

stage() {
	local failures
	failures=$(failures)
	run "$@"
	report "$1" "$failures"
}

# beside STAGE KERNEL: a guest of User Mode Linux has one processor, the others
# seldom need two; what follows can have the rest. The guest's rows are its own until
# it has ended, as is its process group, to be ended by.
beside() {
	rm -f "$results/$1-beside.rows"
	set -m
	OUT=$results/$1 run "$1" scripts/guest-tests.sh "$1-beside" "$2" </dev/null &
	set +m
	aside=$!
	on_exit end_aside
}

end_aside() { [ -z "$aside" ] || kill -- "-$aside"; }

beside_ends() {
	local failures
	failures=$(failures)
	wait "$aside" || true
	aside=
	cat "$results/$1-beside.rows" >>"$rows" 2>/dev/null || true
	report "$1" "$failures"
}

echo "klab $target: compiler cache $(compiler_cache), $(nproc) CPU(s)"
"$root/scripts/setup.sh" "$target"
"$root/scripts/tree.sh"
case $target in
test)
	beside uml uml
	stage series scripts/test-series.sh
	stage checkpatch scripts/checkpatch.sh
	stage compilers scripts/static.sh gcc clang
	stage sparse scripts/static.sh sparse
	stage kernel-doc scripts/static.sh kernel-doc
	stage coccinelle scripts/static.sh coccinelle
	stage shared-atomics scripts/static.sh shared-atomics
	stage fragment scripts/test-fragment.sh
	stage tools scripts/test-tools.sh
	stage perf scripts/test-perf.sh
	beside_ends uml
	stage powercut scripts/test-powercut.sh uml
	stage xstate scripts/test-xstate.sh build/linux/build-uml/linux build/guest/uml/initramfs.cpio
	# What it looks for is in the results only where all has run.
	[ -n "${ONLY:-}" ] || stage catalogue scripts/catalogue.sh "$rows"
	;;
smp)
	if [ -n "${ONLY:-}" ]; then
		stage x86_64 scripts/guest-tests.sh smp x86_64
	else
		# Half of it each.
		ONLY='@([c-z]*.sh|uml_*)' beside x86_64-c-z x86_64
		ONLY='@(klab_*([!.])|softwork|[ab]*.sh)' stage x86_64 scripts/guest-tests.sh smp x86_64
		beside_ends x86_64-c-z
		stage catalogue scripts/catalogue.sh "$rows"
	fi
	;;
debug)
	beside uml-debug uml-debug
	stage x86_64-debug scripts/guest-tests.sh debug x86_64-debug
	beside_ends uml-debug
	;;
rt | kcsan)
	stage "x86_64-$target" scripts/guest-tests.sh "$target" "x86_64-$target"
	;;
esac

[ ${#failed[@]} = 0 ] || echo "failed: ${failed[*]}"
count_rows "$rows"
[ ${#failed[@]} = 0 ] && ! grep -q '^fail' "$rows"
