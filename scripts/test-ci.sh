# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2016,SC2154
#
# The part of test-series.sh that tests what CI runs, with a make that only says
# so in the place of the real one.

# ci STATUS LAST-LINE SCRIPT: what .ci/run makes of targets that do SCRIPT.
ci()
{
	local status=0

	fake make "target=\$1; $3"
	PATH=$PWD/bin:$PATH TMPDIR=$PWD copy/.ci/run >out 2>&1 || status=$?
	cat out
	[[ $status == "$1" && $(tail -n 1 out) == "$2" ]] || { say "instead of $1, $2"; return 1; }
	[[ -z $(ls -d tmp.* 2>/dev/null) ]]
}

ci_counts()
{
	with_copy
	ci 0 '10 passed, 0 failed, 5 skipped' 'echo "2 passed, 0 failed, 1 skipped"'
	ci 1 '8 passed, 1 failed, 4 skipped' \
		'[ $target != demo ] || exit 2; echo "2 passed, 0 failed, 1 skipped"'
	grep -qx 'failed: demo' out
	ci 1 '4 passed, 3 failed, 0 skipped' \
		'case $target in test) echo "0 passed, 3 failed, 0 skipped"; exit 1 ;; esac; echo "1 passed, 0 failed, 0 skipped"'
	ci 1 '0 passed, 0 failed, 0 skipped' 'echo nothing'
	KLAB_CI_BUDGET=119 ci 0 '3 passed, 0 failed, 0 skipped' 'echo "1 passed, 0 failed, 0 skipped"'
	grep -qE 'make demo: not started, 1[01][0-9] s are left' out
	grep -q 'make test-[a-z]*: not started' out
	KLAB_CI_BENCH_BY=-1 KLAB_CI_BUDGET=-1 ci 0 '2 passed, 0 failed, 0 skipped' 'echo "1 passed, 0 failed, 0 skipped"'
	grep -q 'make bench: not started' out
	! grep -q "KUnit's suites only" out || return 1
	KLAB_CI_SMP_BY=-1 KLAB_CI_BUDGET=-1 ci 0 '3 passed, 0 failed, 0 skipped' \
		'echo "$target of ${ONLY:-all}"; echo "1 passed, 0 failed, 0 skipped"'
	grep -q "make test-smp: KUnit's suites only" out
	diff <(sed -n 's/ of .*klab.*/ of suites/p; / of all/p' out) - <<-'END'
	test of all
	test-smp of suites
	bench of all
	END
	KLAB_CI_BUDGET=-1 ci 0 '3 passed, 0 failed, 0 skipped' 'echo "1 passed, 0 failed, 0 skipped"'
}

# The other kernels come in turn, with KUnit's suites and no selftest.
ci_turns()
{
	local day test only turns=(test-bisect test-rt test-kcsan test-debug)

	with_copy
	for day in 008 365 366 003; do
		fake date "echo $day"
		ci 0 '5 passed, 0 failed, 0 skipped' 'echo "1 passed, 0 failed, 0 skipped"; echo "only $ONLY"'
		grep -q "^== make ${turns[10#$day % 4]} " out
	done
	# As the guest does.
	shopt -s extglob
	only=$(sed -n 's/^only //p' out | tail -n 1)
	while read -r test; do
		# shellcheck disable=SC2053 # a glob
		[[ $test == $only ]] || { say "no $test"; return 1; }
	done < <(find copy/drivers-staging copy/core -name '*_kunit.c' -print0 |
		xargs -0 sed -n 's/^\t\.name = "\(klab_.*\|softwork\)",$/\1/p' | sort | tee suites)
	grep -qx klab_core_run suites && grep -qx softwork suites
	for test in klab_calls.sh softwork.sh uml_fork; do
		# shellcheck disable=SC2053 # a glob
		[[ $test != $only ]]
	done
}

it 'results: what CI runs' ci_counts
it 'results: what CI runs in turn' ci_turns
