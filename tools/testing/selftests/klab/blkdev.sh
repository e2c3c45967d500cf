#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The disk with everyday tools: its strategies, its settings in configfs, the
# memory it takes, and what happens to who uses one that goes.

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

test_strategies_by_parameter() {
	local number=0

	for mode in segment request bio; do
		load "$module" disks=1 "mode=$number"
		expect_eq mode "$(<"$block/klab/mode")" "$mode"
		expect_eq parameter \
			"$(</sys/module/"$module"/parameters/mode)" "$mode"
		unload "$module"
		number=$((number + 1))
	done
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

# free_memory() - in KiB, once what is being freed is free
free_memory() {
	echo 3 >/proc/sys/vm/drop_caches
	sleep 0.1
	echo 3 >/proc/sys/vm/drop_caches
	awk '/^MemFree/ { print $2 }' /proc/meminfo
}

# make_disks(mode, first, last)
make_disks() {
	local number

	for number in $(seq "$2" "$3"); do
		mkdir "$config/disk$number"
		set_disk "$number" "mode=$1" power=1
	done
}

remove_disks() {
	local number

	for number in $(seq "$1" "$2"); do
		rmdir "$config/disk$number"
	done
}

# test_empty_disk(mode) - what disks of 1 TiB take that hold nothing: many of
# them, as others take and free memory too
test_empty_disk() {
	local taken

	expedite_rcu
	load "$module" disks=0 size=1T
	make_disks "$1" 0 15
	taken=$(free_memory)
	make_disks "$1" 16 79
	taken=$(((taken - $(free_memory)) / 64))
	remove_disks 0 79
	note "a disk takes $taken KiB"
	[ "$taken" -lt 64 ] || fail "a disk takes $taken KiB"
}

# At most 2 % more than the pages; what is in the middle of some rounds counts.
test_memory_of_what_is_written() {
	local before taken=()

	expedite_rcu
	load "$module" disks=1 size=1G mode=bio
	for _ in 1 2 3 4 5; do
		succeeds blkdiscard "$node"
		before=$(free_memory)
		succeeds dd if=/dev/zero of="$node" bs=1M count=64 \
			oflag=direct status=none
		taken+=($((before - $(free_memory))))
		expect_eq memory "$(memory_of 0)" 67108864
	done
	note "64 MiB take ${taken[*]} KiB"
	mapfile -t taken < <(printf '%s\n' "${taken[@]}" | sort -n)
	# Less than what was written would be another error: of this test.
	[ "${taken[2]}" -gt 65000 ] || fail "64 MiB take ${taken[2]} KiB"
	[ "${taken[2]}" -lt 66846 ] || fail "64 MiB take ${taken[2]} KiB"
}

test_far_end_of_a_large_disk() {
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

test_read_only() {
	load "$module" disks=1
	set_disk 0 read_only=1
	expect_eq "read-only" "$(blockdev --getro "$node")" 1
	refused 'not permitted|[Rr]ead-only' \
		dd if=/dev/zero of="$node" bs=4K count=1 conv=notrunc
	set_disk 0 read_only=0
	succeeds dd if=/dev/zero of="$node" bs=4K count=1 status=none
}

test_size_changes_while_there() {
	load "$module" disks=1
	random_data 4194304
	cat "$TMP/data" >"$node"
	set_disk 0 size=8M
	expect_eq "new size" "$(blockdev --getsize64 "$node")" 8388608
	same_data "$node" 4194304
	set_disk 0 size=1M
	expect_eq "new size" "$(blockdev --getsize64 "$node")" 1048576
	same_data "$node" 1048576
	expect_eq memory "$(memory_of 0)" 1048576
	refuses 'Invalid' 0 size=1000
	refuses 'Invalid' 0 size=0
	refuses 'Invalid' 0 size=nothing
	refuses 'out of range' 0 size=99999999999999P
	expect_eq "size kept" "$(<"$config/disk0/size")" 1048576
}

test_settings_in_configfs() {
	load "$module" disks=0 size=2M mode=bio
	mkdir "$config/disk5"
	defer rmdir "$config/disk5"
	expect_eq "default size" "$(<"$config/disk5/size")" 2097152
	expect_eq "default mode" "$(<"$config/disk5/mode")" bio
	expect_eq power "$(<"$config/disk5/power")" 0
	[ ! -e /dev/klab-disk5 ] || fail "a node before there is a disk"
	set_disk 5 mode=request queues=2 queue_depth=8 block_size=1024 power=1
	[ -b /dev/klab-disk5 ] || fail "no node"
	expect_eq depth "$(</sys/block/klab-disk5/queue/nr_requests)" 8
	for setting in mode=bio queues=1 queue_depth=4 block_size=512; do
		refuses 'busy' 5 "$setting"
	done
	set_disk 5 power=0
	[ ! -e /dev/klab-disk5 ] || fail "a node after there was a disk"
	set_disk 5 mode=bio power=1
	expect_eq mode "$(</sys/block/klab-disk5/klab/mode)" bio
}

test_wrong_settings() {
	load "$module" disks=0
	mkdir "$config/disk1"
	defer rmdir "$config/disk1"
	for setting in mode=fast mode=3 block_size=0 block_size=8192 queues=0 \
		       queues=65 queue_depth=0 queue_depth=1025 power=maybe; do
		refuses 'Invalid' 1 "$setting"
	done
	# Each is possible by itself, but not all of them.
	set_disk 1 block_size=768
	refuses 'Invalid' 1 power=1
	set_disk 1 block_size=4096 size=2048
	refuses 'Invalid' 1 power=1
	set_disk 1 block_size=512 power=1
}

test_names_of_directories() {
	load "$module" disks=1
	for name in disk disk256 disk01 disk+1 disk-1 diskx klab-disk1 disk1x; do
		refused 'Invalid' mkdir "$config/$name"
	done
	refused 'exists' mkdir "$config/disk0"
	# That of a parameter stays as long as the module.
	refused 'not permitted' rmdir "$config/disk0"
}

test_own_numbers() {
	local major

	load "$module" disks=2 minors=16
	major=$(awk '$2 == "klab-blkdev" { print $1 }' /proc/devices)
	expect_eq "number of disk0" "$(<"$block/dev")" "$major:0"
	expect_eq "number of disk1" "$(</sys/block/klab-disk1/dev)" "$major:16"
	expect_eq parameter "$(</sys/module/"$module"/parameters/major)" "$major"
	unload "$module"
	! grep -q klab-blkdev /proc/devices || fail "the major number stays"
	load "$module" disks=1 minors=4 "major=$major"
	expect_eq "number asked for" "$(<"$block/dev")" "$major:0"
}

test_numbers_of_the_block_layer() {
	load "$module" disks=1
	expect_match "number" "$(<"$block/dev")" '^259:'
	! grep -q klab-blkdev /proc/devices || fail "a major number of its own"
}

# test_refused(parameter)
test_refused() {
	quiet_console
	refused 'Invalid|out of range' "${modprobe[@]}" "$module" "$1"
	expect_gone "$module"
	[ ! -e "$config" ] || fail "the directory is there"
}

test_major_that_is_taken() {
	quiet_console
	refused 'busy|Invalid' "${modprobe[@]}" "$module" minors=4 major=259
	expect_gone "$module"
}

test_open_disk_keeps_the_module() {
	load "$module" disks=1
	exec {fd}<"$node"
	refused 'in use' rmmod "$module"
	refuses 'busy' 0 power=0
	exec {fd}<&-
	set_disk 0 power=0
	[ ! -e "$node" ] || fail "the node is still there"
	unload "$module"
}

test_directory_keeps_the_module() {
	load "$module" disks=0
	mkdir "$config/disk0"
	refused 'in use' rmmod "$module"
	rmdir "$config/disk0"
	unload "$module"
}

# Who has it open is left with errors.
test_pulled_out_while_open() {
	for mode in $modes; do
		load "$module" disks=0
		mkdir "$config/disk7"
		set_disk 7 "mode=$mode" power=1
		exec {fd}<>/dev/klab-disk7
		succeeds dd if=/dev/zero of=/dev/klab-disk7 bs=4K count=1 \
			status=none
		succeeds rmdir "$config/disk7"
		[ ! -e /dev/klab-disk7 ] || fail "the node is still there"
		refused 'rror|No space|No such' write_open "$fd"
		run read_open "$fd"
		expect_match "read" "$out" '0\+0 records in|rror'
		refused 'in use' rmmod "$module"
		exec {fd}>&-
		unload "$module"
	done
}

# Each round leaves the memory of a disk, if it leaves any.
test_nothing_left_after_unload() {
	local before

	expedite_rcu
	load "$module"
	unload "$module"
	before=$(traces)
	for mode in $modes $modes; do
		succeeds "${modprobe[@]}" "$module" disks=4 "mode=$mode"
		mkdir "$config/disk9" && set_disk 9 power=1
		succeeds dd if=/dev/zero of=/dev/klab-disk9 bs=64K count=4 \
			status=none
		rmdir "$config/disk9"
		unload "$module"
	done
	expect_same "what there is" "$(traces)" "$before"
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
add_test strategies_by_parameter
for mode in $modes; do
	for size in 512 1024 4096; do
		add_test "data_by_${mode}_in_$size" test_data "$mode" "$size"
	done
	add_test "empty_disk_$mode" test_empty_disk "$mode"
	add_test "memory_runs_out_$mode" test_memory_runs_out "$mode"
done
add_test memory_comes_back
add_test whole_copy
add_test disks_are_separate
add_test end_of_disk
add_test blocks_are_not_split
add_test geometry
add_test discard_gives_memory_back
add_test memory_of_what_is_written
add_test far_end_of_a_large_disk
add_test read_only
add_test size_changes_while_there
add_test settings_in_configfs
add_test wrong_settings
add_test names_of_directories
add_test own_numbers
add_test numbers_of_the_block_layer
add_test no_such_mode test_refused mode=3
add_test too_many_disks test_refused disks=257
add_test no_size test_refused size=0
add_test size_too_large test_refused size=2P
add_test size_of_no_number test_refused size=many
add_test half_a_block test_refused size=1000
add_test odd_block_size test_refused block_size=1000
add_test no_queue test_refused queues=0
add_test too_deep test_refused queue_depth=2000
add_test too_many_minors test_refused minors=257
add_test major_that_is_taken
add_test open_disk_keeps_the_module
add_test directory_keeps_the_module
add_test pulled_out_while_open
add_test nothing_left_after_unload
run_tests
