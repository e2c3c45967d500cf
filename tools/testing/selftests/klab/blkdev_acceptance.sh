#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# A day in the life of a disk, with the tools that everybody uses: partitions,
# file systems, a tree of files, and an end in good order.

# shellcheck source=functions.sh disable=SC2154,SC2317
. "$(dirname "$0")/functions.sh"
# shellcheck source=blkdev_functions.sh
. "$(dirname "$0")/blkdev_functions.sh"

require_command sfdisk mkfs.ext2 mkfs.ext4 mkfs.vfat e2fsck fsck.vfat mount
modprobe -q -a ext4 vfat nls_cp437 nls_iso8859-1
grep -qw ext4 /proc/filesystems || skip_all "no ext4 in this kernel"
grep -qw vfat /proc/filesystems || skip_all "no vfat in this kernel"

# Two primary partitions, and two logical ones, in units of 512 bytes.
partition() {
	succeeds sfdisk -q "$1" <<-'TABLE'
		label: dos
		start=16, size=4000, type=83
		start=4016, size=2, type=83
		start=4018, size=4174, type=5
		start=4034, size=2000, type=83
		start=6050, size=2000, type=83
	TABLE
}

# sfdisk reads its standard input, which succeeds() takes away.
succeeds() {
	out=$(timeout "$bound" "$@" 2>&1)
	status=$?
	[ "$status" -eq 0 ] || fail "'$*' failed with $status: $out"
}

blocks_of() {
	awk -v name="$1" '$4 == name { print $3 }' /proc/partitions
}

# test_session(mode) - the whole of it
test_session() {
	load "$module" "mode=$1"
	partition "$node"
	expect_eq "partitions" "$(partitions_of 0)" "1 2 3 5 6"
	expect_eq "blocks of partition 1" "$(blocks_of klab-disk0p1)" 2000
	expect_eq "blocks of partition 2" "$(blocks_of klab-disk0p2)" 1
	expect_eq "blocks of partition 5" "$(blocks_of klab-disk0p5)" 1000
	expect_eq "bytes of partition 1" \
		"$(blockdev --getsize64 "${node}p1")" 2048000

	# One without partitions, as a floppy disk was.
	succeeds mkfs.vfat /dev/klab-disk3
	succeeds mkfs.ext2 -q "${node}p1"
	succeeds mkfs.ext2 -q "${node}p5"
	succeeds e2fsck -f -n "${node}p1"
	succeeds e2fsck -f -n "${node}p5"

	mount_disk "${node}p1" "$TMP/one" -t ext2
	mount_disk "${node}p5" "$TMP/two" -t ext2
	mount_disk /dev/klab-disk3 "$TMP/three" -t vfat
	echo "Hello, world!" >"$TMP/one/file"
	succeeds cp "$TMP/one/file" "$TMP/two/copy"
	succeeds cp "$TMP/two/copy" "$TMP/three/COPY.TXT"
	expect_eq "text" "$(<"$TMP/three/COPY.TXT")" "Hello, world!"
	mkdir -p "$TMP/one/tree/branch"
	random_data 500000
	cp "$TMP/data" "$TMP/one/tree/branch/leaf"
	succeeds cp -r "$TMP/one/tree" "$TMP/three/"
	succeeds df "$TMP/one" "$TMP/two" "$TMP/three"
	expect_eq "file systems" "$(grep -c klab-disk <<<"$out")" 3

	[ "$(users_of "$module")" -ge 3 ] ||
		fail "$(users_of "$module") users of the module"
	refused 'in use' rmmod "$module"
	refuses 'busy' 0 power=0
	succeeds umount "$TMP/one" "$TMP/two" "$TMP/three"
	expect_eq "users" "$(users_of "$module")" 0

	succeeds e2fsck -f -n "${node}p1"
	succeeds fsck.vfat -n /dev/klab-disk3
	mount_disk /dev/klab-disk3 "$TMP/three" -t vfat -o ro
	cmp "$TMP/data" "$TMP/three/tree/branch/leaf" ||
		fail "the file is another one after it was mounted again"
	succeeds umount "$TMP/three"
	succeeds blkdiscard -f "$node"
	expect_eq "memory" "$(memory_of 0)" 0
	succeeds blockdev --rereadpt "$node"
	expect_eq "partitions" "$(partitions_of 0)" ""
	unload "$module"
	expect_eq "nodes" "$(nodes_of '*')" ""
}

# test_ext4(mode, block size) - a journal, a file larger than what is cached
test_ext4() {
	load "$module" disks=1 size=64M "mode=$1" "block_size=$2"
	succeeds mkfs.ext4 -q "$node"
	mount_disk "$node" "$TMP/disk" -t ext4
	random_data 20000000
	succeeds cp "$TMP/data" "$TMP/disk/file"
	sync "$TMP/disk/file"
	succeeds umount "$TMP/disk"
	succeeds e2fsck -f -n "$node"
	mount_disk "$node" "$TMP/disk" -t ext4
	cmp "$TMP/data" "$TMP/disk/file" || fail "the file is another one"
	rm "$TMP/disk/file"
	succeeds umount "$TMP/disk"
	succeeds e2fsck -f -n "$node"
}

# A file system that discards gives the memory of a file back with the file.
test_discard_by_a_file_system() {
	local before

	load "$module" disks=1 size=64M mode=bio
	succeeds mkfs.ext4 -q -O ^has_journal "$node"
	mount_disk "$node" "$TMP/disk" -t ext4 -o discard
	before=$(memory_of 0)
	dd if=/dev/zero of="$TMP/disk/file" bs=1M count=16 conv=fsync status=none
	[ "$(memory_of 0)" -gt $((before + 16000000)) ] || fail "no memory used"
	rm "$TMP/disk/file"
	sync -f "$TMP/disk"
	succeeds umount "$TMP/disk"
	[ "$(memory_of 0)" -lt $((before + 2000000)) ] ||
		fail "$(memory_of 0) bytes are in use, $before before"
}

# What was mounted is shut down, and nothing holds the module in the end.
test_pulled_out_while_mounted() {
	load "$module" disks=0
	make_dir 7
	set_disk 7 size=64M mode=bio power=1
	succeeds mkfs.ext4 -q /dev/klab-disk7
	mount_disk /dev/klab-disk7 "$TMP/disk" -t ext4
	echo text >"$TMP/disk/file"
	quiet_console
	succeeds rmdir "$config/disk7"
	refused 'rror|Read-only' \
		dd if=/dev/zero of="$TMP/disk/more" bs=64K count=4 conv=fsync
	refused 'in use' rmmod "$module"
	succeeds umount "$TMP/disk"
	unload "$module"
}

for mode in bio request segment; do
	add_test "session_$mode" test_session "$mode"
done
add_test ext4_bio_512 test_ext4 bio 512
add_test ext4_request_4096 test_ext4 request 4096
add_test ext4_segment_1024 test_ext4 segment 1024
add_test discard_by_a_file_system
add_test pulled_out_while_mounted
run_tests
