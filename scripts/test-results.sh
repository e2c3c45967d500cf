# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2016,SC2154
#
# The part of test-series.sh that tests how results are counted: what is lost,
# cut short or skipped without leave must not pass.

# counts WANT FILE LINE...: the last line that results.sh prints about a file.
counts()
{
	local want=$1 file=$2 status=0

	shift 2
	mkdir -p "$clone/build/results"
	printf '%b\n' "$@" >"$file"
	printf 'uml\tt:listed\tlisted\nx86_64\tt:smp\tlisted\nall\tt:never\tlisted\n' >"$clone/kunit/skips"
	rm -f "$clone/build/results/try.rows"
	"$clone/scripts/results.sh" try "${platform:-uml}" "$file" >out || status=$?
	cat out
	[[ $(tail -n 1 out) == "$want" ]] || { say "instead of $want"; return 1; }
	[[ $status == $((want_status)) ]]
}

passes() { want_status=0 counts "$@"; }
fails() { want_status=1 counts "$@"; }

counts_tap()
{
	passes '2 passed, 0 failed, 0 skipped' t.tap 'TAP version 13' '1..2' 'ok 1 a' '# x' 'ok 2 - b'
	passes '2 passed, 0 failed, 0 skipped' t.tap '1..2\r' 'ok 1 a\r' 'ok 2 - b # XFAIL known\r'
	fails '1 passed, 1 failed, 0 skipped' t.tap 'ok 1 a' 'not ok 2 b # why' '1..2'
	fails '0 passed, 1 failed, 0 skipped' t.tap '1..1' 'not ok 1 a # SKIP why'
	grep -q 'FAIL uml/t:a' out
}

counts_what_is_lost()
{
	fails '1 passed, 1 failed, 0 skipped' t.tap '1..2' 'ok 1 a'
	grep -q 'FAIL uml/t:plan  2 planned, 1 seen' out
	fails '2 passed, 1 failed, 0 skipped' t.tap '1..1' 'ok 1 a' 'ok 2 b'
	fails '0 passed, 1 failed, 0 skipped' t.tap 'Segmentation fault'
	fails '0 passed, 1 failed, 0 skipped' t.tap '1..0'
	refuses 1 'no result files' "$clone/scripts/results.sh" try uml
}

# An empty file among others has no line by which awk would see it.
counts_empty_file()
{
	fails '0 passed, 1 failed, 0 skipped' t.tap
	: >empty.tap
	printf '1..1\nok 1 a\n' >full.tap
	! "$clone/scripts/results.sh" try uml empty.tap full.tap >out || return 1
	grep -q 'FAIL uml/empty:no result' out
	! "$clone/scripts/results.sh" try uml full.tap empty.tap >out || return 1
	grep -q 'FAIL uml/empty:no result' out
}

counts_skips()
{
	passes '0 passed, 0 failed, 2 skipped' t.tap '1..2' 'ok 1 listed # SKIP why' 'ok 2 never # SKIP why'
	fails '0 passed, 1 failed, 0 skipped' t.tap '1..1' 'ok 1 other # SKIP why'
	grep -q 'FAIL uml/t:other  skip that kunit/skips does not list: SKIP why' out
	fails '0 passed, 1 failed, 0 skipped' t.tap '1..1' 'ok 1 smp # SKIP why'
	fails '0 passed, 1 failed, 0 skipped' t.tap '1..0 # SKIP why'
	platform=x86_64-rt passes '0 passed, 0 failed, 1 skipped' t.tap '1..1' 'ok 1 smp # SKIP why'
}

counts_ktap()
{
	local head=('KTAP version 1' '1..1' '    KTAP version 1' '    # Subtest: s' '    1..2')

	passes '2 passed, 0 failed, 0 skipped' t.ktap "${head[@]}" '        ok 1 of a parameter' \
		'    ok 1 a' '    ok 2 b' 'ok 1 s'
	fails '1 passed, 1 failed, 0 skipped' t.ktap "${head[@]}" '    not ok 1 a' '    ok 2 b' 'not ok 1 s'
	fails '1 passed, 1 failed, 0 skipped' t.ktap "${head[@]}" '    ok 1 a'
	fails '0 passed, 1 failed, 0 skipped' t.ktap 'not ok 1 s # does not load: no memory'
	fails '2 passed, 1 failed, 0 skipped' t.ktap "${head[@]}" '    ok 1 a' '    ok 2 b' 'ok 1 s' \
		'not ok 2 s # does not unload'
}

prints_tap()
{
	printf '. "%s/scripts/lib.sh"\n. "%s/scripts/tap.sh"\n%s\ntap_end\n' "$clone" "$clone" "$1" >try
	bash -euo pipefail try >out || [[ $? == "$2" ]] || return 1
	printf '%b' "$3" | diff - out
}

tap_lines()
{
	prints_tap 'tap 0 a echo no; tap 0 b' 0 'ok 1 a\nok 2 b\n1..2\n'
	prints_tap 'tap 1 a; tap 3 b printf "x\ny\n"; tap 0 c' 1 'not ok 1 a\nnot ok 2 b\n# x\n# y\nok 3 c\n1..3\n'
	# What says why may itself fail, and say a lot.
	prints_tap 'tap 1 a false' 1 'not ok 1 a\n1..1\n'
	prints_tap 'tap 1 a yes' 1 "not ok 1 a\n$(yes '# y' | head -n 60)\n1..1\n"
}

# race FRAME TOP: a report of KCSAN, of a read in TOP, called by FRAME.
race()
{
	local line=================================================================== frame

	printf '%s\nBUG: KCSAN: data-race in %s / other\n\n' "$line" "$2"
	printf 'read to 0xffff888000000000 of 4 bytes by task 1 on cpu 0:\n'
	for frame in "$2" "$1" do_syscall_64; do
		printf ' %s\n' "${frame/ /+0x10\/0x20 }" | sed '/+0x/!s|$|+0x10/0x20|'
	done
	printf '\nvalue changed: 0x1 -> 0x2\n%s\n' "$line"
}

# Whose a race is: others' go, klab's stay.
races_stay()
{
	local races=$clone/tools/testing/selftests/klab/races.awk own

	{ echo before; race vfs_read kernfs_refresh_inode; race klab_chan_poll\ [klab_chardev_channels] pollwake
	  echo after; } | awk -f "$races" | diff <(printf 'before\nafter\n') -
	race vfs_read kernfs_refresh_inode | sed '1a in between' >in
	awk -f "$races" in | diff <(head -n 2 in) -
	for own in 'klab_chan_read [klab_chardev_channels]' softwork_run klab_call_enter __x64_sys_klab_log; do
		race "$own" do_proc_dointvec >in
		awk -f "$races" in | diff in -
	done
}

it 'results: races of others do not count' races_stay
it 'results: TAP that is printed' tap_lines
it 'results: TAP' counts_tap
it 'results: what is lost fails' counts_what_is_lost
it 'results: an empty file fails' counts_empty_file
it 'results: a skip that is not listed fails' counts_skips
it 'results: KTAP' counts_ktap
