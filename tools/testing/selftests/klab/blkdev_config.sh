#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The settings of disks, by parameters and in configfs, and what happens to who
# uses a disk that goes.

# shellcheck source=functions.sh disable=SC2154,SC2317
. "$(dirname "$0")/functions.sh"
# shellcheck source=blkdev_functions.sh
. "$(dirname "$0")/blkdev_functions.sh"

modes="bio request segment"

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

test_read_only() {
	load "$module" disks=1
	set_disk 0 read_only=1
	expect_eq "read-only" "$(blockdev --getro "$node")" 1
	refused 'not permitted|[Rr]ead-only' \
		dd if=/dev/zero of="$node" bs=4K count=1 conv=notrunc
	set_disk 0 read_only=0
	succeeds dd if=/dev/zero of="$node" bs=4K count=1 status=none
}

test_read_only_from_the_start() {
	load "$module" disks=1 read_only=1
	expect_eq "read-only" "$(blockdev --getro "$node")" 1
	refused 'not permitted|[Rr]ead-only' \
		dd if=/dev/zero of="$node" bs=4K count=1 conv=notrunc
}

# test_end_within_a_page(mode) - its memory is given back like any other
test_end_within_a_page() {
	load "$module" disks=1 "mode=$1" size=5120512
	for _ in 1 2; do
		succeeds dd if=/dev/zero of="$node" bs=5120512 count=1 \
			conv=fsync status=none
		expect_eq memory "$(memory_of 0)" 5124096
		succeeds blkdiscard "$node"
		expect_eq "memory after discard" "$(memory_of 0)" 0
	done
	succeeds dd if=/dev/zero of="$node" bs=5120512 count=1 conv=fsync \
		status=none
	set_disk 0 size=1M
	expect_eq "memory of what is left" "$(memory_of 0)" 1048576
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

# bytes_from_1m(node) - how many there are that are not zero
bytes_from_1m() {
	dd if="$1" bs=1M skip=1 status=none | tr -d '\0' | wc -c
}

# What lay behind the end has gone from the page cache as well.
test_old_end_does_not_come_back() {
	load "$module" disks=1
	random_data 4194304
	exec {fd}<>"$node"
	cat "$TMP/data" >"$node"
	set_disk 0 size=1M size=4M
	expect_eq "what was written" "$(bytes_from_1m "$node")" 0
	same_data "$node" 1048576
	# What is written there next is not taken for what it was.
	cat "$TMP/data" >"$node"
	no_cache "$node"
	same_data "$node" 4194304
	set_disk 0 size=1M size=4M
	expect_eq "what was read" "$(bytes_from_1m "$node")" 0
	exec {fd}>&-
}

test_old_end_of_a_partition_does_not_come_back() {
	require_tool sfdisk
	load "$module" disks=1
	printf 'start=2048,size=6144\n' |
		timeout "$bound" sfdisk -q --label dos "$node" || fail "sfdisk"
	random_data 3145728
	exec {fd}<>"${node}p1"
	cat "$TMP/data" >"${node}p1"
	set_disk 0 size=1M size=4M
	expect_eq bytes "$(tr -d '\0' <"${node}p1" | wc -c)" 0
	exec {fd}>&-
}

test_settings_in_configfs() {
	load "$module" disks=0 size=2M mode=bio
	make_dir 5
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
	make_dir 1
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

# What is behind a zero byte is not passed over.
test_hidden_by_zero_byte() {
	load "$module" disks=0
	make_dir 1
	for setting in size=1M mode=request block_size=4096 queues=1 \
		       queue_depth=2 read_only=1 removable=1 write_cache=1 \
		       file=/dev/null power=1; do
		cat "$config/disk1/${setting%%=*}" >"$TMP/before"
		refused 'Invalid' put_bytes "$config/disk1/${setting%%=*}" \
			"${setting#*=}"'\0'x
		succeeds cmp "$TMP/before" "$config/disk1/${setting%%=*}"
	done
	set_disk 1 removable=1 power=1
	refused 'Invalid' put_bytes "$config/disk1/medium" 'eject\0'
	expect_eq medium "$(<"$config/disk1/medium")" in
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
	make_dir 0
	refused 'in use' rmmod "$module"
	rmdir "$config/disk0"
	unload "$module"
}

# Who has it open is left with errors.
test_pulled_out_while_open() {
	for mode in $modes; do
		load "$module" disks=0
		make_dir 7
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

# rounds(mode) - of a directory that others make, change and remove as well
rounds() {
	for _ in $(seq 12); do
		mkdir "$config/disk7"
		put "$config/disk7/mode" "$1"
		put "$config/disk7/power" 1
		put "$config/disk7/size" 8M
		put "$config/disk7/faults/enable" 1
		dd if=/dev/zero of=/dev/klab-disk7 bs=64K count=4 \
			conv=nocreat && echo "$1" >>"$TMP/used"
		put "$config/disk7/power" 0
		rmdir "$config/disk7"
	done >/dev/null 2>&1
}

test_made_and_removed_by_several() {
	local pids=()

	expedite_rcu
	quiet_console
	load "$module" disks=0
	for mode in $modes; do
		rounds "$mode" &
		pids+=($!)
	done
	wait "${pids[@]}"
	[ -s "$TMP/used" ] || fail "nobody had a disk"
	rmdir "$config/disk7" 2>/dev/null
	expect_eq nodes "$(nodes_of 7)" ""
	unload "$module"
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
		make_dir 9 && set_disk 9 power=1
		succeeds dd if=/dev/zero of=/dev/klab-disk9 bs=64K count=4 \
			status=none
		rmdir "$config/disk9"
		unload "$module"
	done
	expect_same "what there is" "$(traces)" "$before"
}

add_test strategies_by_parameter
add_test read_only
add_test read_only_from_the_start
for mode in bio request segment; do
	add_test "end_within_a_page_$mode" test_end_within_a_page "$mode"
done
add_test size_changes_while_there
add_test old_end_does_not_come_back
add_test old_end_of_a_partition_does_not_come_back
add_test settings_in_configfs
add_test wrong_settings
add_test hidden_by_zero_byte
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
add_test made_and_removed_by_several
add_test nothing_left_after_unload
run_tests
