#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The disk with everyday tools: what comes in comes out, by each strategy, up to
# its end, and when memory runs out.

# shellcheck source=functions.sh disable=SC2154,SC2317
. "$(dirname "$0")/functions.sh"
# shellcheck source=blkdev_functions.sh
. "$(dirname "$0")/blkdev_functions.sh"

modes="bio request segment"

# The default: four small disks, as a first example has them.
test_disks_of_the_parameters() {
	load "$module"
	for i in 0 1 2 3; do
		expect_eq "size of disk$i" \
			"$(blockdev --getsize64 "/dev/klab-disk$i")" 4194304
		expect_eq "power of disk$i" "$(<"$config/disk$i/power")" 1
		grep -q " 4096 klab-disk$i$" /proc/partitions ||
			fail "disk$i is not in /proc/partitions"
	done
	[ ! -e /dev/klab-disk4 ] || fail "a fifth disk"
}

# test_data(mode, block size) - what comes in comes out, by several ways
test_data() {
	load "$module" disks=0
	make_disk 0 size=8M "mode=$1" "block_size=$2"
	expect_eq "block size" "$(blockdev --getss "$node")" "$2"
	random_data 4194304
	succeeds dd if="$TMP/data" of="$node" bs=64K conv=fsync status=none
	no_cache "$node"
	same_data "$node" 4194304
	succeeds dd if="$TMP/data" of="$node" bs=4K oflag=direct status=none
	succeeds dd if="$node" of="$TMP/copy" bs=1M count=4 iflag=direct \
		status=none
	cmp "$TMP/data" "$TMP/copy" || fail "the copy differs"
	# Behind what was written there is nothing.
	expect_eq "other bytes" "$(dd if="$node" bs=1M skip=4 status=none |
		tr -d '\0' | wc -c)" 0
}

test_whole_copy() {
	load "$module" disks=2 mode=bio
	random_data 4194304
	cat "$TMP/data" >"$node"
	succeeds cp /dev/klab-disk0 /dev/klab-disk1
	no_cache /dev/klab-disk1
	same_data /dev/klab-disk1 4194304
}

test_disks_are_separate() {
	load "$module" disks=3 mode=bio
	echo zero | dd of=/dev/klab-disk0 conv=notrunc status=none
	echo two | dd of=/dev/klab-disk2 conv=notrunc status=none
	expect_eq disk0 "$(head -n 1 /dev/klab-disk0)" zero
	expect_eq disk2 "$(head -n 1 /dev/klab-disk2)" two
	expect_eq "memory of disk1" "$(memory_of 1)" 0
}

test_end_of_disk() {
	load "$module" disks=1 size=5120000
	expect_eq size "$(blockdev --getsize64 "$node")" 5120000
	refused 'No space left' dd if=/dev/zero of="$node" bs=64K
	expect_match "records" "$out" '5120000 bytes'
	succeeds dd if="$node" of=/dev/null bs=64K
	expect_match "records" "$out" '5120000 bytes'
}

# Large blocks: a smaller access is no access.
test_blocks_are_not_split() {
	load "$module" disks=1 block_size=4096
	expect_eq "physical size" "$(blockdev --getpbsz "$node")" 4096
	refused 'Invalid argument' \
		dd if=/dev/zero of="$node" bs=512 count=1 oflag=direct
	succeeds dd if=/dev/zero of="$node" bs=512 count=1 status=none
}

test_geometry() {
	require_tool sfdisk
	load "$module" disks=1
	succeeds sfdisk -g "$node"
	expect_match geometry "$out" '128 cylinders, 4 heads, 16 sectors'
}

test_discard_gives_memory_back() {
	for mode in $modes; do
		load "$module" disks=1 size=16M "mode=$mode"
		succeeds dd if=/dev/zero of="$node" bs=1M count=8 oflag=direct \
			status=none
		expect_eq "memory, $mode" "$(memory_of 0)" 8388608
		succeeds blkdiscard -o 1M -l 1M "$node"
		expect_eq "memory after a discard" "$(memory_of 0)" 7340032
		succeeds blkdiscard -z -o 4M -l 1M "$node"
		expect_eq "memory after zeroes" "$(memory_of 0)" 6291456
		succeeds blkdiscard "$node"
		expect_eq "memory of nothing" "$(memory_of 0)" 0
		unload "$module"
	done
}

test_far_end_of_a_large_disk() {
	# To discard it takes hundreds of thousands of bios.
	local bound=240

	load "$module" disks=1 size=1P mode=bio
	echo text | dd of="$node" bs=1M seek=1073741823 conv=notrunc \
		oflag=seek_bytes status=none 2>/dev/null
	echo far | dd of="$node" bs=4K seek=274877906943 conv=notrunc,fsync \
		status=none || fail "cannot write to the end"
	no_cache "$node"
	expect_eq end "$(dd if="$node" bs=4K skip=274877906943 status=none |
		head -n 1)" far
	succeeds blkdiscard "$node"
	expect_eq memory "$(memory_of 0)" 0
}

# fail_memory(times) - of the store's pages
fail_memory() {
	local faults=$KLAB_DEBUGFS/faults/disk-memory

	[ -d "$faults" ] || skip "no fault injection in this kernel"
	put "$faults/verbose" 0
	put "$faults/times" "$1"
	put "$faults/probability" 100
}

# test_memory_runs_out(mode) - the writer gets the error, and all else stays
test_memory_runs_out() {
	load "$module" disks=1 "mode=$1"
	random_data 65536
	succeeds dd if="$TMP/data" of="$node" bs=64K oflag=direct status=none
	quiet_console
	fail_memory -1
	# In place, as the pages are there.
	succeeds dd if="$TMP/data" of="$node" bs=64K oflag=direct status=none
	refused 'annot allocate' dd if="$TMP/data" of="$node" bs=64K seek=1 \
		oflag=direct
	expect_eq memory "$(memory_of 0)" 65536
	fail_memory 0
	succeeds dd if="$TMP/data" of="$node" bs=64K seek=1 oflag=direct \
		status=none
	no_cache "$node"
	same_data "$node" 65536
}

# Where there is a queue, its worker waits for memory.
test_memory_comes_back() {
	for mode in request segment; do
		load "$module" disks=1 "mode=$mode"
		random_data 4096
		fail_memory 1
		succeeds dd if="$TMP/data" of="$node" bs=4K oflag=direct \
			status=none
		same_data "$node" 4096
		unload "$module"
	done
}

add_test disks_of_the_parameters
for mode in $modes; do
	for size in 512 1024 2048 4096; do
		add_test "data_by_${mode}_in_$size" test_data "$mode" "$size"
	done
	add_test "memory_runs_out_$mode" test_memory_runs_out "$mode"
done
add_test memory_comes_back
add_test whole_copy
add_test disks_are_separate
add_test end_of_disk
add_test blocks_are_not_split
add_test geometry
add_test discard_gives_memory_back
add_test far_end_of_a_large_disk
run_tests
