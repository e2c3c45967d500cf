#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Partitions of a disk: many of them, with large numbers, and tables that are
# read again while the disk goes.

# shellcheck source=functions.sh disable=SC2154,SC2317
. "$(dirname "$0")/functions.sh"
# shellcheck source=blkdev_functions.sh
. "$(dirname "$0")/blkdev_functions.sh"

require_command sfdisk

# write_table(node) - from standard input
write_table() {
	out=$(timeout "$bound" sfdisk -q "$1" 2>&1) || fail "sfdisk: $out"
}

# gpt_table(number...) - a table with these partitions, 1 MiB each
gpt_table() {
	local start=2048 number

	echo "label: gpt"
	echo "table-length: 255"
	for number; do
		echo "${node}p$number : start=$start, size=2048"
		start=$((start + 2048))
	done
}

# mbr_table(count) - an extended partition with so many logical ones
mbr_table() {
	echo "label: dos"
	echo "start=2048, size=2048, type=83"
	echo "start=4096, type=5"
	for _ in $(seq "$1"); do
		echo "size=1024, type=83"
	done
}

# expect_number(partition, device number)
expect_number() {
	local name=klab-disk0p$1

	expect_eq "number of $name" "$(<"$block/$name/dev")" "$2"
	expect_eq "number of its node" \
		"$(stat -c '%Hr:%Lr' "/dev/$name")" "$2"
}

# More than the sixteen numbers that a disk of old had.
test_logical_partitions() {
	load "$module" disks=1 size=256M
	mbr_table 40 | write_table "$node"
	expect_eq partitions "$(partitions_of 0)" "1 2 $(seq 5 44 | xargs)"
	random_data 524288
	succeeds dd if="$TMP/data" of="${node}p44" bs=64K status=none
	no_cache "${node}p44"
	same_data "${node}p44" 524288
	[ "$(blockdev --getsize64 "${node}p44")" -eq 524288 ] ||
		fail "another size"
}

test_large_numbers() {
	local numbers

	numbers="$(seq 21 29 | xargs) $(seq 101 109 | xargs)"
	load "$module" disks=1 size=1G mode=bio
	# shellcheck disable=SC2086
	gpt_table $numbers | write_table "$node"
	expect_eq partitions "$(partitions_of 0)" "$numbers"
	for number in $numbers; do
		[ -b "${node}p$number" ] || fail "no node for $number"
	done
	echo text | dd of="${node}p109" conv=notrunc status=none
	expect_eq text "$(head -n 1 "${node}p109")" text
}

test_largest_number() {
	load "$module" disks=1 size=1G mode=bio
	gpt_table 1 128 129 255 | write_table "$node"
	expect_eq partitions "$(partitions_of 0)" "1 128 129 255"
}

test_255_partitions() {
	load "$module" disks=1 size=1G mode=bio
	# shellcheck disable=SC2046
	gpt_table $(seq 255) | write_table "$node"
	expect_eq "number of partitions" "$(partitions_of 0 | wc -w)" 255
}

# Those that have no number of the disk's own get one of the block layer.
test_more_than_own_numbers() {
	local major

	load "$module" disks=2 size=1G minors=16
	major=$(awk '$2 == "klab-blkdev" { print $1 }' /proc/devices)
	gpt_table 1 14 15 16 17 101 255 | write_table "$node"
	expect_eq partitions "$(partitions_of 0)" "1 14 15 16 17 101 255"
	expect_number 1 "$major:1"
	expect_number 15 "$major:15"
	for number in 16 17 101 255; do
		expect_match "number of $number" \
			"$(<"$block/klab-disk0p$number/dev")" '^259:'
	done
	expect_eq "number of disk1" "$(</sys/block/klab-disk1/dev)" "$major:16"
}

test_four_numbers() {
	local major

	load "$module" disks=1 size=64M minors=4
	major=$(awk '$2 == "klab-blkdev" { print $1 }' /proc/devices)
	mbr_table 3 | write_table "$node"
	expect_eq partitions "$(partitions_of 0)" "1 2 5 6 7"
	expect_number 2 "$major:2"
	expect_match "number of 5" "$(<"$block/klab-disk0p5/dev")" '^259:'
}

# Found without being told, when the disk is switched on.
test_table_is_read_at_once() {
	load "$module" disks=0
	truncate -s 64M "$TMP/image"
	make_disk 0 mode=request "file=$TMP/image"
	mbr_table 2 | write_table "$node"
	set_disk 0 power=0
	expect_eq nodes "$(nodes_of 0)" ""
	set_disk 0 power=1
	expect_eq partitions "$(partitions_of 0)" "1 2 5 6"
	set_disk 0 power=0 file= size=64M power=1
	expect_eq "partitions of an empty disk" "$(partitions_of 0)" ""
}

test_used_partition_stays() {
	load "$module" disks=1 size=64M mode=bio
	mbr_table 2 | write_table "$node"
	exec {fd}<"${node}p5"
	refused 'busy' blockdev --rereadpt "$node"
	exec {fd}<&-
	succeeds blockdev --rereadpt "$node"
}

# read_again(node) - until there is none
read_again() {
	while [ -b "$1" ]; do
		blockdev --rereadpt "$1"
		blockdev --getsize64 "$1"p5
	done >/dev/null 2>&1
}

# test_read_again_while_it_goes(how) - pulled out, or switched off when idle
test_read_again_while_it_goes() {
	local pids

	expedite_rcu
	quiet_console
	load "$module" disks=0 size=64M mode=request
	for _ in 1 2 3 4 5; do
		pids=()
		make_dir 7
		set_disk 7 power=1
		mbr_table 4 | write_table /dev/klab-disk7
		for _ in 1 2; do
			read_again /dev/klab-disk7 &
			pids+=($!)
		done
		if [ "$1" = off ]; then
			until put "$config/disk7/power" 0; do
				sleep 0.01
			done 2>/dev/null
		fi
		succeeds rmdir "$config/disk7"
		wait "${pids[@]}"
		expect_eq nodes "$(nodes_of 7)" ""
	done
	within 10 idle || fail "the module is still used"
	unload "$module"
}

idle() {
	[ "$(users_of "$module")" -eq 0 ]
}

add_test logical_partitions
add_test large_numbers
add_test largest_number
add_test all_numbers test_255_partitions
add_test more_than_own_numbers
add_test four_numbers
add_test table_is_read_at_once
add_test used_partition_stays
add_test pulled_out_while_read_again test_read_again_while_it_goes pull
add_test switched_off_while_read_again test_read_again_while_it_goes off
run_tests
