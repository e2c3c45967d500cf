#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Not one wrong byte of disks that a file keeps: through faults, changes of
# media, other mounts, and where the file ends.

# shellcheck source=functions.sh disable=SC2154,SC2317
. "$(dirname "$0")/functions.sh"
# shellcheck source=blkdev_functions.sh
. "$(dirname "$0")/blkdev_functions.sh"
# shellcheck source=blkdev_integrity_functions.sh
. "$(dirname "$0")/blkdev_integrity_functions.sh"

# test_faulty_file(mode, write_cache) - what the file has is no other than what
# the disk had
test_faulty_file() {
	begin disks=0
	file_disk "mode=$1" "write_cache=$2"
	go_wrong
	set_disk 0 power=0 power=1
	verify
}

# test_media_of_file(mode, write_cache) - what is torn out with a cache has what
# was flushed, and may have the rest
test_media_of_file() {
	local how=verify writer

	[ "$2" -eq 0 ] || how=after
	begin disks=0
	quiet_console
	file_disk "mode=$1" removable=1 "write_cache=$2"
	go 4 500
	set_disk 0 medium=eject medium=insert
	verify
	for seed in 5 6 7; do
		go_until_error "$seed"
		sleep "0.$((seed - 4))"
		set_disk 0 medium=remove medium=insert
		wait "$writer" || fail "a wrong byte"
		succeeds "$integrity" "$how" "$node" "$TMP/model"
	done
	go 8 500
	set_disk 0 medium=eject medium=insert
	verify
}

# test_end_of_file(mode, sectors) - what is used ends where the image does
test_end_of_file() {
	begin disks=0
	truncate -s $(($2 * 512)) "$TMP/image"
	file_disk "mode=$1" removable=1 write_cache=1
	for seed in 50 51 52; do
		go "$seed" 300
		expect_match steps "$out" ' 0 failed'
		set_disk 0 medium=eject medium=insert
		verify
		go "$((seed + 10))" 300
		set_disk 0 power=0 power=1
		verify
	done
}

# test_remount(mode, write_cache) - a file of a file system on the disk
test_remount() {
	require_tool mkfs.ext4
	modprobe -q ext4
	grep -qw ext4 /proc/filesystems || skip "no ext4 in this kernel"
	begin disks=0
	truncate -s 32M "$TMP/image"
	file_disk "mode=$1" "write_cache=$2"
	succeeds mkfs.ext4 -q "$node"
	mount_disk "$node" "$TMP/disk" -t ext4
	truncate -s 1M "$TMP/disk/file"
	for seed in 70 71; do
		succeeds "$integrity" run "$TMP/disk/file" "$TMP/model" \
			"$seed" 300
		expect_match steps "$out" ' 0 failed'
		succeeds umount "$TMP/disk"
		set_disk 0 power=0 power=1
		succeeds mount -t ext4 "$node" "$TMP/disk"
		succeeds "$integrity" verify "$TMP/disk/file" "$TMP/model"
	done
	succeeds umount "$TMP/disk"
}

for cache in 0 1; do
	add_test "faults_$cache" test_faulty_file request "$cache"
	add_test "media_$cache" test_media_of_file request "$cache"
	add_test "remount_$cache" test_remount request "$cache"
done
add_test end_of_file test_end_of_file request 2048
add_test end_of_file_in_a_page test_end_of_file request 2043
run_tests
