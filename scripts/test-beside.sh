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
it 'results: Ctrl-C in a stage with another beside it' stage_beside_interrupted INT 130
it 'results: terminated in a stage with another beside it' stage_beside_interrupted TERM 143
