# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2016,SC2154
#
# The part of test-series.sh that tests the stages of test.sh, with scripts in
# their place, and a guest in which nothing runs.

# stage SCRIPT: make test-rt, whose one stage is a script; says how it ends.
stage()
{
	local script

	with_copy
	for script in setup tree; do
		printf '#!/bin/sh\n' >copy/scripts/$script.sh
	done
	printf '#!/bin/bash\nrows=build/results/rt.rows\n%s\n' "$1" >copy/scripts/guest-tests.sh
	status=0
	env --default-signal=INT,TERM,HUP copy/scripts/test.sh rt >out 2>err || status=$?
	cat out err
}

stage_ends() { # status, last line, script
	stage "$3"
	[[ $status == "$1" && $(tail -n 1 out) == "$2" ]]
}

stages()
{
	stage_ends 0 '1 passed, 0 failed, 0 skipped' \
		'printf "pass\tt\t\n" >>$rows; echo 1 passed, 0 failed, 0 skipped'
	rm -rf copy
	stage_ends 1 '1 passed, 1 failed, 0 skipped' \
		'printf "pass\tt\t\nfail\tt\t\n" >>$rows; echo 1 passed, 1 failed, 0 skipped; exit 1'
	rm -rf copy
	stage_ends 1 '1 passed, 1 failed, 0 skipped' 'printf "pass\tt\t\n" >>$rows; echo dies; exit 1'
	rm -rf copy
	stage_ends 1 '0 passed, 1 failed, 0 skipped' 'exit 0'
}

# The failures of one stage do not hide that another one died.
stages_die()
{
	local script

	with_copy
	for script in setup tree; do
		printf '#!/bin/sh\n' >copy/scripts/$script.sh
	done
	cat >copy/scripts/guest-tests.sh <<-'END'
	#!/bin/sh
	[ "$2" != uml-debug ] || printf 'fail\tt\t\n' >>"build/results/$1.rows"
	echo '0 passed, 1 failed, 0 skipped'
	exit 1
	END
	! copy/scripts/test.sh debug >out || return 1
	cat out
	[[ $(tail -n 1 out) == '0 passed, 2 failed, 0 skipped' ]]
}

# A guest in which nothing has run.
nothing_runs()
{
	with_copy
	printf '#!/bin/sh\n' >copy/scripts/prepare.sh
	printf '#!/bin/sh\nmkdir -p "$OUT"; : >"$OUT/console"\n' >copy/scripts/boot.sh
	! ONLY='klba*' copy/scripts/guest-tests.sh try uml >out || return 1
	cat out
	[[ $(tail -n 1 out) == '3 passed, 1 failed, 0 skipped' ]]
	grep -q 'FAIL uml/log:there are tests # ONLY=klba' out
}

all_pass()
{
	local script

	for script in copy/scripts/*; do
		case ${script##*/} in
		lib.sh | kernels.sh | test.sh | results.*) ;;
		*) printf '#!/bin/sh\nprintf "ok 1 a\\n1..1\\n"\n' >"$script" ;;
		esac
	done
}

# Of some tests only, not all that is done can have passed.
stages_of_some()
{
	with_copy
	all_pass
	copy/scripts/test.sh test >out
	grep -q '^catalogue  .* 1 passed' out
	ONLY='a*' copy/scripts/test.sh test >some
	cat out some
	[[ $(tail -n 1 some) == "$(($(tail -n 1 out | cut -d' ' -f1) - 1)) passed, 0 failed, 0 skipped" ]]
}

stage_interrupted()
{
	stage "kill -$1 \$PPID; sleep 1"
	[[ $status == "$2" ]]
	! grep -q passed out || return 1
	grep -qE '^test.sh: (interrupted|terminated)$' err
}

it 'results: stages that pass, fail, die, say nothing' stages
it 'results: a stage that dies after another has failed' stages_die
it 'results: a run without a test fails' nothing_runs
it 'results: make test ONLY=glob' stages_of_some
it 'results: Ctrl-C in a stage' stage_interrupted INT 130
it 'results: terminated in a stage' stage_interrupted TERM 143
