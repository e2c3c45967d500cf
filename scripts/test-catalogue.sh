# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2016,SC2154
#
# The part of test-series.sh that tests how the catalogue is held against what
# has passed.

# listed STATUS REGEX LINE...: what is said of a catalogue with these lines, whose
# ids are basics/S1 to basics/S3.
listed()
{
	local want=$1 regex=$2 status=0

	shift 2
	printf '   %s\n' "$@" >copy/Documentation/staging/klab/catalogue.rst
	copy/scripts/catalogue.sh rows >out 2>&1 || status=$?
	cat out
	[[ $status == "$want" ]] || { say "status $status"; return 1; }
	grep -qxE "$regex" out || { say "no '$regex'"; return 1; }
}

# Of one entry; the others are open.
entry()
{
	listed "$1" "$2" "basics/S1 | $3" 'basics/S2 | open | two | | |' 'basics/S3 | open | three | | |'
}

catalogue_rows()
{
	local driver=Makefile run='``klab list``'

	with_copy
	printf 'basics/S%s\n' 1 2 3 >copy/kunit/catalogue-ids
	printf '%s\n' pass$'\t'uml/a:one pass$'\t'uml/a:two fail$'\t'uml/b:one \
		skip$'\t'uml/c:one pass$'\t'checkpatch/1:x >rows
	entry 0 'ok 1 basics/S1' "done | one | $driver | $run | uml/a:*, checkpatch/*"
	entry 0 'ok 1 basics/S1: nothing of this run' "done | one | $driver | $run | x86_64/a:one"
	entry 1 'not ok 1 basics/S1 # uml/\*:one has failed' "done | one | $driver | $run | uml/*:one"
	entry 1 'not ok 1 basics/S1 # uml/c:one has not passed' "done | one | $driver | $run | uml/c:one"
	entry 1 'not ok 1 basics/S1 # uml/a has not passed' "done | one | $driver | $run | uml/a"
	entry 1 'not ok 1 basics/S1 # no kernel or stage x8664' "done | one | $driver | $run | uml/a:one, x8664/a:one"
	entry 1 'not ok 1 basics/S1 # no nothing.c' "done | one | nothing.c | $run | uml/a:one"
	entry 1 'not ok 1 basics/S1 # no driver or nothing to run' "done | one | $driver | | uml/a:one"
	entry 1 'not ok 1 basics/S1: nothing of this run # no test' "done | one | $driver | $run |"
	entry 1 'not ok 1 basics/S1 # state soon' 'soon | one | | |'
}

catalogue_ids()
{
	local two='basics/S2 | open | two | | |' three='basics/S3 | open | three | | |'

	with_copy
	printf 'basics/S%s\n' 1 2 3 >copy/kunit/catalogue-ids
	: >rows
	listed 1 'not ok 1 every entry is listed # missing: basics/S1' "$two" "$three"
	listed 1 'not ok 3 no entry is listed twice # twice: basics/S2' 'basics/S1 | open | one | | |' \
		"$two" "$two" "$three"
	listed 1 'not ok 2 nothing else is listed # unknown: basics/S4' 'basics/S1 | open | one | | |' \
		"$two" "$three" 'basics/S4 | open | four | | |'
	listed 1 'not ok 4 every entry has a subject # without: basics/S1' 'basics/S1 | open | | | |' "$two" "$three"
	listed 0 '# 0 done, 3 open' 'basics/S1 | open | one | | |' "$two" "$three"
}

it 'results: the catalogue and what has passed' catalogue_rows
it 'results: the ids of the catalogue' catalogue_ids
