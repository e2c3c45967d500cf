# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2016,SC2154
#
# The part of test-series.sh that tests how a guest of one processor runs beside the
# other stages, with scripts in their place.

# with_stages GUEST LAST: make test, whose guest and last stage are scripts.
with_stages()
{
	with_copy
	all_pass
	printf '#!/bin/bash\n%s\n' "$1" >copy/scripts/guest-tests.sh
	printf '#!/bin/bash\n%s\n' "$2" >copy/scripts/test-perf.sh
	status=0
	env --default-signal=INT,TERM,HUP copy/scripts/test.sh test >out 2>err || status=$?
	cat out err
}

# The guest's stage ends after those beside it, and what it has found counts.
stage_beside()
{
	local guest='while [ ! -e build/perf ]; do sleep 0.1; done; echo "$*"
		printf "fail\tt\t\n%.0s" 1 2 >build/results/$1.rows; echo 0 passed, 2 failed, 0 skipped; exit 1'

	with_stages "$guest" ': >build/perf; echo ok 1 a'
	[[ $status == 1 ]]
	grep -qx 'failed: uml' out
	grep -qE '^uml  .* 0 passed, 2 failed' out
	[[ $(tail -n 1 out) =~ ^[1-9][0-9]*\ passed,\ 2\ failed ]]
	rm -rf copy
	with_stages 'kill -KILL $PPID' 'echo ok 1 a'
	[[ $status == 1 && $(tail -n 1 out) =~ \ 1\ failed ]]
}

# Each test runs in one of the two guests of make test-smp.
stage_halves()
{
	local test part count suites=0

	with_copy
	all_pass
	printf '#!/bin/bash\nprintf "%%s\\n" "$ONLY" >>build/parts; printf "ok 1 a\\n1..1\\n"\n' \
		>copy/scripts/guest-tests.sh
	copy/scripts/test.sh smp
	sort copy/build/parts
	[[ $(wc -l <copy/build/parts) == 2 ]]
	find copy/tools/testing/selftests/klab -name '*.sh' ! -name '*functions.sh' -printf '%f\n' >tests
	sed -n 's/^TEST_GEN_PROGS := //p' copy/tools/testing/selftests/klab/Makefile | tr ' ' '\n' >>tests
	grep -qx uml_fork tests
	find copy/drivers-staging copy/core -name '*_kunit.c' -print0 |
		xargs -0 sed -n 's/^\t\.name = "\(klab_.*\|softwork\)",$/\1/p' >>tests
	shopt -s extglob
	while read -r test; do
		count=0
		while read -r part; do
			# shellcheck disable=SC2053 # a glob
			[[ $test != $part ]] || count=$((count + 1))
		done <copy/build/parts
		[[ $count == 1 ]] || { say "$test in $count of two"; return 1; }
		[[ $test == *.sh ]] || suites=$((suites + 1))
	done <tests
	[[ $suites -gt 50 && $(grep -c '\.sh$' tests) -gt 50 ]]
}

# What is beside a stage ends with it.
stage_beside_interrupted()
{
	with_stages 'echo $$ >build/guest; exec sleep 60' \
		"while [ ! -s build/guest ]; do sleep 0.1; done; kill -$1 \$PPID; sleep 1"
	[[ $status == "$2" ]]
	for _ in {1..100}; do
		kill -0 "$(<copy/build/guest)" 2>/dev/null || return 0
		sleep 0.1
	done
	say 'the guest is still there'
	return 1
}

# User Mode Linux has one processor, and fails for nothing where that cannot be had.
guest_on_one_processor()
{
	fake_kernel 'echo "on $(nproc)"; echo klab.status=0'
	"$boot" uml tests
	grep -qx 'on 1' "$console"
	fake taskset 'exit 1'
	PATH=$PWD/bin:$PATH "$boot" uml tests
	grep -qx "on $(nproc)" "$console"
}

it 'boot: on one processor' guest_on_one_processor
it 'results: a stage beside others' stage_beside
it 'results: two halves' stage_halves
it 'results: Ctrl-C in a stage with another beside it' stage_beside_interrupted INT 130
it 'results: terminated in a stage with another beside it' stage_beside_interrupted TERM 143
