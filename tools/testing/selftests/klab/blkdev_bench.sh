#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The benchmark of the disks has all of its rows, and leaves nothing behind. What
# it says of other machines than the one it is made for is of no interest.

# shellcheck source=functions.sh disable=SC2154,SC2317
. "$(dirname "$0")/functions.sh"
# shellcheck source=blkdev_functions.sh
. "$(dirname "$0")/blkdev_functions.sh"

KLAB_COMMAND=${KLAB_COMMAND:-klab}
require_command "$KLAB_COMMAND"

# rows(subject, peer) - how many there are with a ratio
rows() {
	awk -F '\t' -v subject="$1" -v peer="$2" '
		/^#/ { next }
		!header { for (i = 1; i <= NF; i++) at[$i] = i; header = 1 }
		index($at["subject"], subject) == 1 && $at["peer"] == peer &&
			$at["ratio"] != "" { n++ }
		END { print n + 0 }' <<<"$out"
}

test_strategies_beside_their_peers() {
	modprobe -q brd rd_nr=1 rd_size=16384 2>/dev/null || skip "no brd"
	defer modprobe -r brd
	modprobe -q null_blk nr_devices=1 gb=1 bs=4096 memory_backed=1 \
		2>/dev/null || skip "no null_blk"
	defer modprobe -r null_blk
	load "$module" disks=0
	bound=240
	# Bars are for the machine that counts instructions.
	run "$KLAB_COMMAND" bench --tsv blkdev
	[ "$status" -le 1 ] || fail "the benchmark failed: $out"
	expect_eq "rows of bio" "$(rows "bio, " brd)" 4
	expect_eq "rows of request" "$(rows "request, " null_blk)" 4
	expect_eq "rows of segment" "$(rows "segment, " null_blk)" 4
	expect_eq "rows of copies" "$(rows "copy " "copy_page()")" 2
	expect_eq "disks" "$(find "$config" -mindepth 1 -name 'disk*')" ""
}

add_test strategies_beside_their_peers
run_tests
