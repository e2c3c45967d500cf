#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Removable media: taken out and put in, while the disk is used and while it is
# not, and what user space is told of it.

# shellcheck source=functions.sh disable=SC2154,SC2317
. "$(dirname "$0")/functions.sh"
# shellcheck source=blkdev_functions.sh
. "$(dirname "$0")/blkdev_functions.sh"

require_command sfdisk
require_helper blkdev_uevents

medium=$config/disk0/medium

# events_of(command...) - the events that it causes, in out
events_of() {
	succeeds "$KLAB_HELPERS/blkdev_uevents" "$@"
}

# events_of_refused(command...) - the same where the command fails
events_of_refused() {
	run "$KLAB_HELPERS/blkdev_uevents" "$@"
	[ "$status" -ne 0 ] || fail "'$*' succeeded"
}

# change(how) - as a command
change() {
	events_of bash -c "echo $1 >$medium"
}

# count_events(regex) - in out
count_events() {
	grep -c -E -e "$1" <<<"$out"
}

test_said_to_be_removable() {
	load "$module" disks=2 removable=1
	expect_eq removable "$(<"$block/removable")" 1
	expect_eq events "$(<"$block/events")" "media_change eject_request"
	# They are told when they happen, and nobody has to ask.
	expect_eq polling "$(<"$block/events_poll_msecs")" -1
	refused 'No such device' put "$block/events_poll_msecs" 1000
	expect_eq medium "$(<"$medium")" in
	unload "$module"
	load "$module" disks=1
	expect_eq removable "$(<"$block/removable")" 0
	refused 'Inappropriate' put "$medium" eject
	refused 'Inappropriate' put "$medium" insert
	refuses 'busy' 0 removable=1
}

# test_out_and_in(mode) - the medium keeps what it holds
test_out_and_in() {
	local diskseq

	load "$module" disks=1 removable=1 "mode=$1"
	random_data 4194304
	cat "$TMP/data" >"$node"
	diskseq=$(<"$block/diskseq")
	change eject
	expect_eq medium "$(<"$medium")" out
	expect_eq size "$(<"$block/size")" 0
	refused 'No medium' dd if="$node" of=/dev/null count=1
	[ "$(<"$block/diskseq")" -gt "$diskseq" ] || fail "the same sequence"
	refused 'No medium' put "$medium" eject
	change insert
	refused 'busy' put "$medium" insert
	expect_eq size "$(blockdev --getsize64 "$node")" 4194304
	same_data "$node" 4194304
}

test_events_of_a_change() {
	load "$module" disks=1 removable=1 mode=bio
	change eject
	expect_eq "events of an eject" "$(count_events \
		'^change@/devices/virtual/block/klab-disk0 .*DISK_MEDIA_CHANGE=1')" 1
	change insert
	expect_eq "events of an insert" "$(count_events \
		'^change@/devices/virtual/block/klab-disk0 .*DISK_MEDIA_CHANGE=1')" 1
	expect_eq "requests" "$(count_events DISK_EJECT_REQUEST)" 0
}

# The drive is locked; who has it open is asked to let go.
test_used_disk_is_not_ejected() {
	load "$module" disks=1 removable=1
	exec {fd}<"$node"
	events_of_refused bash -c "echo eject >$medium"
	expect_eq "requests" "$(count_events \
		'klab-disk0 .*DISK_EJECT_REQUEST=1')" 1
	expect_eq "changes" "$(count_events DISK_MEDIA_CHANGE)" 0
	expect_eq medium "$(<"$medium")" in
	exec {fd}<&-
	change eject
}

# test_torn_out(mode) - whoever had it open never sees the next medium
test_torn_out() {
	load "$module" disks=1 removable=1 "mode=$1"
	random_data 4194304
	cat "$TMP/data" >"$node"
	exec {fd}<>"$node"
	quiet_console
	change remove
	# There is nothing, or there are errors.
	run read_open "$fd"
	expect_match "read" "$out" '0\+0 records in|rror'
	refused 'rror|No space' write_open "$fd"
	change insert
	refused 'rror' read_open "$fd"
	refused 'rror' write_open "$fd"
	exec {fd}>&-
	same_data "$node" 4194304
}

test_blank_medium() {
	load "$module" disks=1 removable=1 mode=bio
	random_data 4194304
	cat "$TMP/data" >"$node"
	change eject
	change blank
	expect_eq memory "$(memory_of 0)" 0
	expect_eq "bytes" "$(tr -d '\0' <"$node" | wc -c)" 0
}

test_medium_of_another_size() {
	load "$module" disks=1 removable=1
	change eject
	set_disk 0 size=16M
	expect_eq size "$(<"$block/size")" 0
	change insert
	expect_eq size "$(blockdev --getsize64 "$node")" 16777216
	change eject
	set_disk 0 size=1M
	change insert
	expect_eq size "$(blockdev --getsize64 "$node")" 1048576
}

# write_partitions(node) - two of them
write_partitions() {
	printf 'label: dos\nsize=2048\nsize=2048\n' >"$TMP/table"
	timeout "$bound" sfdisk -q "$1" <"$TMP/table" || fail "sfdisk"
}

# They come and go with the medium.
test_partitions() {
	load "$module" disks=1 removable=1 size=16M
	write_partitions "$node"
	expect_eq partitions "$(partitions_of 0)" "1 2"
	change eject
	expect_eq "partitions without a medium" "$(partitions_of 0)" ""
	expect_eq "nodes without a medium" "$(nodes_of 0)" "$node"
	change insert
	expect_eq "partitions with it" "$(partitions_of 0)" "1 2"
	expect_eq "events of partitions" "$(count_events \
		'^add@/devices/virtual/block/klab-disk0/klab-disk0p')" 2
	change eject
	change blank
	expect_eq "partitions of a blank medium" "$(partitions_of 0)" ""
}

# Who has had another medium keeps its partitions away, but not for ever.
test_partitions_when_nobody_has_the_old_medium() {
	load "$module" disks=1 removable=1 size=16M
	write_partitions "$node"
	exec {fd}<"$node"
	quiet_console
	change remove
	change insert
	exec {fd}<&-
	succeeds blockdev --getsize64 "$node"
	expect_eq "partitions of the medium" "$(partitions_of 0)" "1 2"
	exec {fd}<"${node}p2"
	change remove
	change blank
	exec {fd}<&-
	succeeds blockdev --getsize64 "$node"
	expect_eq "partitions of a blank medium" "$(partitions_of 0)" ""
}

# test_no_partition_of_the_old_medium(how) - opened before the disk itself, it
# must not be a way to the medium that comes next
test_no_partition_of_the_old_medium() {
	load "$module" disks=1 removable=1 size=16M
	write_partitions "$node"
	exec {fd}<"${node}p2"
	quiet_console
	change remove
	if [ "$1" = out ]; then
		exec {fd}<&-
		refused 'No such' dd if="${node}p2" of=/dev/null bs=4K count=1 \
			iflag=nonblock
		change blank
	else
		change blank
		exec {fd}<&-
	fi
	refused 'No such' dd if=/dev/zero of="${node}p2" bs=4K count=1 \
		oflag=direct conv=nocreat,notrunc
	refused 'No such' dd if="${node}p1" of=/dev/null bs=4K count=1
	expect_eq nodes "$(nodes_of 0)" "$node"
	expect_eq memory "$(memory_of 0)" 0
}

# read_cached(fd) - a block of what is open
read_cached() {
	dd of=/dev/null bs=4K count=1 <&"$1"
}

# What was read from it before is not what is there now.
test_open_partition_is_torn_out() {
	load "$module" disks=1 removable=1 size=16M
	write_partitions "$node"
	exec {fd}<"${node}p1"
	succeeds dd if="${node}p1" of=/dev/null bs=64K count=1
	quiet_console
	change remove
	refused 'rror' read_cached "$fd"
	change insert
	refused 'rror' read_cached "$fd"
	exec {fd}<&-
	succeeds dd if="${node}p1" of=/dev/null bs=64K count=1
}

# At once, and not when it happens to need the disk.
test_mounted_partition_is_torn_out() {
	require_tool mkfs.ext4
	modprobe -q ext4
	grep -qw ext4 /proc/filesystems || skip "no ext4 in this kernel"
	load "$module" disks=1 removable=1 size=64M
	printf 'label: dos\nstart=2048\n' >"$TMP/table"
	timeout "$bound" sfdisk -q "$node" <"$TMP/table" || fail "sfdisk"
	succeeds mkfs.ext4 -q "${node}p1"
	mount_disk "${node}p1" "$TMP/disk" -t ext4
	succeeds touch "$TMP/disk/before"
	sync
	quiet_console
	change remove
	refused 'rror|Read-only' touch "$TMP/disk/after"
	change insert
	refused 'rror|Read-only' touch "$TMP/disk/after"
	succeeds umount "$TMP/disk"
	mount_disk "${node}p1" "$TMP/disk" -t ext4
	[ -e "$TMP/disk/before" ] || fail "the file has gone"
	succeeds umount "$TMP/disk"
}

test_mounted_medium_is_torn_out() {
	require_tool mkfs.ext4
	modprobe -q ext4
	grep -qw ext4 /proc/filesystems || skip "no ext4 in this kernel"
	load "$module" disks=1 removable=1 size=64M
	succeeds mkfs.ext4 -q "$node"
	mount_disk "$node" "$TMP/disk" -t ext4
	random_data 1000000
	succeeds cp "$TMP/data" "$TMP/disk/file"
	sync
	refused 'busy' put "$medium" eject
	quiet_console
	change remove
	refused 'rror|Read-only' dd if=/dev/zero of="$TMP/disk/more" bs=64K \
		count=4 conv=fsync
	change insert
	refused 'rror|Read-only' dd if=/dev/zero of="$TMP/disk/more" bs=64K \
		count=4 conv=fsync
	succeeds umount "$TMP/disk"
	run e2fsck -f -y "$node"
	[ "$status" -le 1 ] || fail "e2fsck: $status: $out"
	mount_disk "$node" "$TMP/disk" -t ext4
	cmp "$TMP/data" "$TMP/disk/file" || fail "the file is another one"
	succeeds umount "$TMP/disk"
}

test_switched_off_without_a_medium() {
	load "$module" disks=1 removable=1
	change eject
	set_disk 0 power=0
	refused 'No such device' put "$medium" insert
	set_disk 0 power=1
	expect_eq medium "$(<"$medium")" in
	change eject
	unload "$module"
}

# open_and_close(node) - as long as it is there
open_and_close() {
	while [ -b "$1" ]; do
		dd if="$1" of=/dev/null bs=4K count=1
		dd if="$1p1" of=/dev/null bs=4K count=1
		blockdev --rereadpt "$1"
	done >/dev/null 2>&1
}

# test_changes_while_it_is_opened(remove | eject)
test_changes_while_it_is_opened() {
	local reader changes=0

	quiet_console
	load "$module" disks=0 removable=1
	make_dir 7
	set_disk 7 power=1
	write_partitions /dev/klab-disk7
	open_and_close /dev/klab-disk7 &
	reader=$!
	for _ in $(seq 20); do
		run put "$config/disk7/medium" "$1"
		[ "$1 $status" != "remove 1" ] || fail "remove: $out"
		[ "$status" -eq 0 ] || { expect_match eject "$out" 'busy'; continue; }
		changes=$((changes + 1))
		succeeds put "$config/disk7/medium" insert
	done
	note "$changes changes"
	succeeds rmdir "$config/disk7"
	wait "$reader"
	unload "$module"
}

add_test said_to_be_removable
for mode in bio request segment; do
	add_test "out_and_in_$mode" test_out_and_in "$mode"
	add_test "torn_out_$mode" test_torn_out "$mode"
done
add_test events_of_a_change
add_test used_disk_is_not_ejected
add_test blank_medium
add_test medium_of_another_size
add_test partitions
add_test partitions_when_nobody_has_the_old_medium
add_test no_partition_of_the_old_medium_in \
	test_no_partition_of_the_old_medium in
add_test no_partition_of_the_old_medium_out \
	test_no_partition_of_the_old_medium out
add_test open_partition_is_torn_out
add_test mounted_partition_is_torn_out
add_test mounted_medium_is_torn_out
add_test switched_off_without_a_medium
for how in remove eject; do
	add_test "changes_while_it_is_opened_$how" \
		test_changes_while_it_is_opened "$how"
done
run_tests
