#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Not one wrong byte: writes at random places against a model of them, through
# faults, changes of media, power that is switched off and power that is lost.

# shellcheck source=functions.sh disable=SC2154,SC2317
. "$(dirname "$0")/functions.sh"
# shellcheck source=blkdev_functions.sh
. "$(dirname "$0")/blkdev_functions.sh"
# shellcheck source=blkdev_integrity_functions.sh
. "$(dirname "$0")/blkdev_integrity_functions.sh"

# test_good_disk(mode, block size)
test_good_disk() {
	begin disks=1 "mode=$1" "block_size=$2"
	go 1 3000
	expect_match steps "$out" ' 0 failed'
	verify
}

# The test itself: one byte.
test_finds_a_wrong_byte() {
	begin disks=1 mode=bio
	go 1 100
	printf x | dd of="$node" bs=1 seek=123456 conv=notrunc status=none
	no_cache "$node"
	refused 'sector 241 holds' "$integrity" verify "$node" "$TMP/model"
}

# test_faulty_disk(mode)
test_faulty_disk() {
	begin disks=1 "mode=$1"
	go_wrong
}

# test_media(mode) - taken out between, and in the middle
test_media() {
	local writer

	begin disks=1 removable=1 "mode=$1"
	quiet_console
	go 4 500
	set_disk 0 medium=eject medium=insert
	verify
	go_until_error 5
	sleep 0.2
	set_disk 0 medium=remove medium=insert
	wait "$writer" || fail "a wrong byte"
	verify
	go 6 500
	verify
}

# test_size(mode) - grows and shrinks behind what is used
test_size() {
	local writer

	begin disks=1 "mode=$1"
	"$integrity" until "$node" "$TMP/model" 7 3000 >"$TMP/out" &
	writer=$!
	for size in 8M 2M 1G 1M 4M; do
		set_disk 0 "size=$size"
	done
	wait "$writer" || fail "a wrong byte"
	expect_match steps "$(<"$TMP/out")" ' 0 failed'
	verify
}

# test_file(mode, write_cache) - switched off and on
test_file() {
	begin disks=0
	file_disk "mode=$1" "write_cache=$2"
	go 8 1000
	set_disk 0 power=0
	set_disk 0 power=1
	verify
	go 9 1000
	set_disk 0 power=0
	rmdir "$config/disk0"
	file_disk "mode=$1" "write_cache=$2"
	verify
	rmdir "$config/disk0"
}

# expect_queues(number) - of the disk; there are no more than CPUs
expect_queues() {
	local cpus

	cpus=$(nproc --all)
	expect_eq queues "$(find "$block/mq" -mindepth 1 -maxdepth 1 | wc -l)" \
		$(($1 < cpus ? $1 : cpus))
}

# go_together(seed, steps) - a writer for each partition, on a CPU of its own
# where there are as many
go_together() {
	local pids=() number

	for number in 1 2 3 4; do
		taskset -c $((number % $(nproc --all))) "$integrity" run \
			"${node}p$number" "$TMP/model.$number" \
			$(($1 + number)) "$2" >"$TMP/out.$number" &
		pids+=($!)
	done
	wait "${pids[@]}"
	for number in 1 2 3 4; do
		expect_match "writer $number" "$(<"$TMP/out.$number")" \
			"^$2 steps, 0 failed"
	done
}

verify_together() {
	for number in 1 2 3 4; do
		succeeds "$integrity" verify "${node}p$number" \
			"$TMP/model.$number"
	done
}

# Each writer has a part of the disk; the number of queues changes between.
# test_queues(mode, write_cache)
test_queues() {
	require_tool sfdisk
	require_tool taskset
	begin disks=0
	rm -f "$TMP"/model.*
	truncate -s 12M "$TMP/image"
	make_dir 0
	set_disk 0 "file=$TMP/image" "mode=$1" "write_cache=$2" queues=4 \
		queue_depth=4 power=1
	expect_queues 4
	printf 'size=%s\n' 4096 4096 4096 4096 |
		timeout "$bound" sfdisk -q --label dos "$node" || fail "sfdisk"
	go_together 20 500
	verify_together
	for queues in 1 2 64; do
		set_disk 0 power=0 "queues=$queues" power=1
		expect_queues "$queues"
		verify_together
		go_together $((queues * 30)) 200
	done
	set_disk 0 power=0
}

# The same in memory, where writers meet in what finds the pages.
test_queues_of_memory() {
	require_tool sfdisk
	require_tool taskset
	begin disks=0
	rm -f "$TMP"/model.*
	make_disk 0 size=12M "mode=$1" queues=4
	expect_queues 4
	printf 'size=%s\n' 4096 4096 4096 4096 |
		timeout "$bound" sfdisk -q --label dos "$node" || fail "sfdisk"
	go_together 40 1500
	verify_together
}

# test_power_cut(mode, write_cache) - in the middle of writes, again and again
test_power_cut() {
	local writer

	begin disks=0
	quiet_console
	for seed in 10 11 12 13 14; do
		file_disk "mode=$1" "write_cache=$2"
		go_until_error "$seed"
		sleep "0.$((seed - 9))"
		rmdir "$config/disk0"
		wait "$writer" || fail "a wrong byte"
		file_disk "mode=$1" "write_cache=$2"
		succeeds "$integrity" after "$node" "$TMP/model"
		rmdir "$config/disk0"
	done
}

# What a lost flush loses is found.
test_finds_a_lost_flush() {
	begin disks=0
	file_disk write_cache=1
	put "$config/disk0/faults/lost_flush_ppm" 1000000
	put "$config/disk0/faults/enable" 1
	exec {fd}<>"$node"
	go 15 300
	rmdir "$config/disk0"
	exec {fd}>&-
	file_disk write_cache=1
	refused 'sector .* holds' "$integrity" after "$node" "$TMP/model"
	rmdir "$config/disk0"
}

add_test finds_a_wrong_byte
for mode in bio request segment; do
	add_test "good_disk_$mode" test_good_disk "$mode" 512
	add_test "faulty_disk_$mode" test_faulty_disk "$mode"
	add_test "media_$mode" test_media "$mode"
	add_test "size_$mode" test_size "$mode"
done
add_test large_blocks test_good_disk request 4096
add_test file_write_through test_file request 0
add_test file_cached test_file request 1
add_test file_cached_segment test_file segment 1
for mode in request segment; do
	add_test "queues_of_memory_$mode" test_queues_of_memory "$mode"
done
add_test queues_write_through test_queues request 0
add_test queues_cached test_queues request 1
add_test queues_cached_segment test_queues segment 1
add_test power_cut_write_through test_power_cut request 0
add_test power_cut_cached test_power_cut request 1
add_test finds_a_lost_flush
run_tests
