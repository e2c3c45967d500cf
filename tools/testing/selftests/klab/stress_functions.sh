#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# What the stresses of rooms share: how long they last, and whether memory is lost.
#
# A script sources this file after functions.sh. Its stress begins with
# note_memory and ends with note_killed; the tests of memory come after it.
#
# shellcheck shell=bash disable=SC2034

seconds=${KLAB_STRESS_SECONDS:-10}
bound=$((seconds + 120))

# What is only cached goes, twice, since freeing is put off.
settle() {
	local knob

	for _ in 1 2; do
		sync
		echo 3 >/proc/sys/vm/drop_caches
		for knob in /sys/kernel/slab/*/shrink; do
			echo 1 >"$knob"
		done
		sleep 1
	done 2>/dev/null
}

# Name, objects, objects in a slab, of each cache.
memory() {
	awk 'NR > 2 { print $1, $2, $5 }' /proc/slabinfo 2>/dev/null
}

# note_memory() - what there is before the stress
note_memory() {
	settle
	memory >"$TMP/before"
}

# note_killed(what chardev_stress has said)
note_killed() {
	note "$1"
	sed -n 's/ processes were killed//p' <<<"$1" >"$TMP/killed"
}

# Who loses something with each process loses more than a fourth of that. All
# objects of the slab that a CPU allocates from count, and of one more.
test_no_growth_in_memory() {
	local grown

	[ -s "$TMP/before" ] || skip "no /proc/slabinfo"
	settle
	memory >"$TMP/after"
	grown=$(awk -v killed="$(<"$TMP/killed")" -v cpus="$(nproc)" '
		NR == FNR { before[$1] = $2; next }
		{ room = 2 * cpus * $3 }
		room < 400 { room = 400 }
		room < killed / 4 { room = killed / 4 }
		$2 - before[$1] > room { print $1, before[$1], $2 }' \
		"$TMP/before" "$TMP/after")
	[ -z "$grown" ] || fail "$grown"
}

# test_nothing_leaks(beginning of the modules' names)
test_nothing_leaks() {
	local knob=/sys/kernel/debug/kmemleak

	[ -w "$knob" ] || return 0
	echo scan >"$knob" && sleep 5 && echo scan >"$knob"
	! grep -B 8 -A 24 "$1" "$knob" || fail "kmemleak has found that"
}
