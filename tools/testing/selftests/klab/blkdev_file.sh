#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Disks that a file keeps: what is in it when, what is there again after the
# disk has gone, and which files are no good.

# shellcheck source=functions.sh disable=SC2154,SC2317
. "$(dirname "$0")/functions.sh"
# shellcheck source=blkdev_functions.sh
. "$(dirname "$0")/blkdev_functions.sh"

# make_file(bytes) - $TMP/image, of which no test before has left anything
make_file() {
	rm -f "$TMP/image"
	truncate -s "$1" "$TMP/image"
}

# file_disk(number, setting=value...) - a disk that $TMP/image keeps
file_disk() {
	local number=$1

	shift
	make_disk "$number" "file=$TMP/image" "$@"
}

block_of() {
	echo "/sys/block/klab-disk$1"
}

test_size_is_that_of_the_file() {
	load "$module" disks=0
	make_file 5120000
	file_disk 0 mode=request
	expect_eq size "$(blockdev --getsize64 "$node")" 5120000
	expect_eq "size it says" "$(<"$config/disk0/size")" 5120000
	expect_eq file "$(<"$config/disk0/file")" "$TMP/image"
	refuses 'busy' 0 size=1M
	refuses 'busy' 0 "file=$TMP/image"
}

# test_write_through(mode) - what is done is in the file
test_write_through() {
	load "$module" disks=0
	make_file 4M
	file_disk 0 "mode=$1"
	expect_eq cache "$(<"$block/queue/write_cache")" "write through"
	random_data 4194304
	succeeds dd if="$TMP/data" of="$node" bs=64K oflag=direct status=none
	cmp "$TMP/data" "$TMP/image" || fail "the file has other data"
	expect_eq memory "$(memory_of 0)" 0
	no_cache "$node"
	same_data "$node" 4194304
}

# test_cached(mode) - in memory until somebody flushes
test_cached() {
	load "$module" disks=0
	make_file 4M
	file_disk 0 "mode=$1" write_cache=1
	expect_eq cache "$(<"$block/queue/write_cache")" "write back"
	expect_eq FUA "$(<"$block/queue/fua")" 1
	random_data 1048576
	exec {fd}<>"$node"
	succeeds dd if="$TMP/data" of="$node" bs=64K oflag=direct status=none
	expect_eq memory "$(memory_of 0)" 1048576
	expect_eq "bytes in the file" "$(tr -d '\0' <"$TMP/image" | wc -c)" 0
	same_data "$node" 1048576
	succeeds blockdev --flushbufs "$node"
	sync "$node"
	same_data "$TMP/image" 1048576
	expect_eq "memory after a flush" "$(memory_of 0)" 0
	exec {fd}>&-
}

test_fua_is_in_the_file() {
	load "$module" disks=0
	make_file 4M
	file_disk 0 write_cache=1
	random_data 65536
	exec {fd}<>"$node"
	succeeds dd if="$TMP/data" of="$node" bs=64K oflag=direct,dsync \
		status=none
	same_data "$TMP/image" 65536
	exec {fd}>&-
}

test_save() {
	local request

	load "$module" disks=0
	make_file 4M
	file_disk 0 write_cache=1
	random_data 65536
	exec {fd}<>"$node"
	succeeds dd if="$TMP/data" of="$node" bs=64K oflag=direct status=none
	put "$block/klab/save" 1 || fail "it cannot be saved"
	same_data "$TMP/image" 65536
	expect_eq "error" "$(<"$block/klab/save_error")" 0
	exec {fd}>&-
	for request in 0 yellow 12 on; do
		refused 'Invalid' put "$block/klab/save" "$request"
	done
	refused 'Invalid' put_hidden "$block/klab/save" 1
}

saved() {
	[ "$(memory_of 0)" -eq 0 ]
}

test_last_close_saves() {
	load "$module" disks=0
	make_file 4M
	file_disk 0 write_cache=1
	random_data 65536
	exec {fd}<>"$node"
	succeeds dd if="$TMP/data" of="$node" bs=64K oflag=direct status=none
	[ "$(memory_of 0)" -eq 65536 ] || fail "saved before the last close"
	exec {fd}>&-
	within 10 saved || fail "not saved"
	same_data "$TMP/image" 65536
}

# small_image() - $TMP/small/image, in a file system that has no room for it
small_image() {
	mkdir -p "$TMP/small"
	defer umount "$TMP/small"
	mount -t tmpfs -o size=64k none "$TMP/small"
	truncate -s 4M "$TMP/small/image"
}

# small_disk(setting=value...) - its file system has no room for what it holds
small_disk() {
	small_image
	make_disk 0 "file=$TMP/small/image" write_cache=1 "$@"
}

save_error() {
	[ "$(<"$block/klab/save_error")" -eq "$1" ]
}

# The error stays until what the disk holds could be saved.
test_last_close_that_fails() {
	load "$module" disks=0
	small_disk
	random_data 1048576
	quiet_console
	succeeds dd if="$TMP/data" of="$node" bs=64K oflag=direct status=none
	within 10 save_error 28 || fail "error: $(<"$block/klab/save_error")"
	expect_log 'klab-disk0: what it holds cannot be saved: (-28|-ENOSPC)'
	same_data "$node" 1048576
	save_error 28 || fail "error: $(<"$block/klab/save_error")"
	refuses 'No space' 0 power=0
	same_data "$node" 1048576
	mount -o remount,size=8m "$TMP/small"
	exec {fd}<"$node"
	exec {fd}<&-
	within 10 save_error 0 || fail "error: $(<"$block/klab/save_error")"
	same_data "$TMP/small/image" 1048576
}

test_save_that_fails() {
	load "$module" disks=0
	small_disk
	random_data 1048576
	quiet_console
	exec {fd}<>"$node"
	succeeds dd if="$TMP/data" of="$node" bs=64K oflag=direct status=none
	refused 'No space' put "$block/klab/save" 1
	expect_eq "error" "$(<"$block/klab/save_error")" 28
	# Nothing is lost as long as the disk is there.
	same_data "$node" 1048576
	mount -o remount,size=8m "$TMP/small"
	put "$block/klab/save" 1 || fail "it cannot be saved"
	expect_eq "error" "$(<"$block/klab/save_error")" 0
	exec {fd}>&-
	same_data "$TMP/small/image" 1048576
}

# Nothing is lost by an eject that cannot save.
test_eject_that_fails() {
	load "$module" disks=0
	small_disk removable=1
	random_data 1048576
	quiet_console
	succeeds dd if="$TMP/data" of="$node" bs=64K oflag=direct status=none
	refuses 'No space' 0 medium=eject
	expect_eq medium "$(<"$config/disk0/medium")" in
	same_data "$node" 1048576
	mount -o remount,size=8m "$TMP/small"
	set_disk 0 medium=eject medium=insert
	same_data "$node" 1048576
}

test_save_without_a_file() {
	load "$module" disks=1
	refused 'not supported' put "$block/klab/save" 1
}

test_save_without_a_medium() {
	load "$module" disks=0
	make_file 4M
	file_disk 0 removable=1 write_cache=1
	set_disk 0 medium=eject
	refused 'No medium' put "$block/klab/save" 1
	set_disk 0 medium=insert
	put "$block/klab/save" 1 || fail "it cannot be saved"
}

# The next image has nothing to do with it.
test_save_error_goes_with_the_medium() {
	load "$module" disks=0
	make_file 4M
	small_disk removable=1
	random_data 1048576
	quiet_console
	succeeds dd if="$TMP/data" of="$node" bs=64K oflag=direct status=none
	within 10 save_error 28 || fail "error: $(<"$block/klab/save_error")"
	set_disk 0 medium=remove "file=$TMP/image" medium=insert
	expect_eq "error" "$(<"$block/klab/save_error")" 0
}

# What the last close could not save there may be room for in the end.
test_unload_saves() {
	small_image
	load "$module" disks=1 "file=$TMP/small/image" write_cache=1
	random_data 1048576
	quiet_console
	succeeds dd if="$TMP/data" of="$node" bs=64K oflag=direct status=none
	within 10 save_error 28 || fail "error: $(<"$block/klab/save_error")"
	mount -o remount,size=8m "$TMP/small"
	unload "$module"
	same_data "$TMP/small/image" 1048576
	expect_no_log 'klab-disk0: what it held is lost'
}

# limited(command...) - by who may write no file that is longer than a KiB
limited() {
	bash -c 'ulimit -f 1; exec "$@"' bash "$@"
}

# unsaved() - what is on the disk there was no room for, and is now
unsaved() {
	random_data 1048576
	quiet_console
	succeeds dd if="$TMP/data" of="$node" bs=64K oflag=direct status=none
	within 10 save_error 28 || fail "error: $(<"$block/klab/save_error")"
	mount -o remount,size=8m "$TMP/small"
}

# The limits of who unloads the module are none of the disk's.
test_unload_saves_beyond_limits() {
	small_image
	load "$module" disks=1 "file=$TMP/small/image" write_cache=1
	unsaved
	succeeds limited rmmod "$module"
	same_data "$TMP/small/image" 1048576
	expect_no_log 'klab-disk0: what it held is lost'
}

# test_saves_beyond_limits(path, what) - nor of who asks for it
test_saves_beyond_limits() {
	load "$module" disks=0
	small_disk removable=1
	unsaved
	succeeds limited bash -c "echo $2 >$1"
	same_data "$TMP/small/image" 1048576
}

# There is no refusing it: the log tells.
test_unload_that_cannot_save() {
	small_image
	load "$module" disks=1 "file=$TMP/small/image" write_cache=1
	random_data 1048576
	quiet_console
	succeeds dd if="$TMP/data" of="$node" bs=64K oflag=direct status=none
	within 10 save_error 28 || fail "error: $(<"$block/klab/save_error")"
	unload "$module"
	expect_log 'klab-disk0: what it held is lost: (-28|-ENOSPC)'
}

# The file takes what memory does not: a cache is no place to lose writes.
test_cache_without_memory() {
	local knobs=$KLAB_DEBUGFS/faults/disk-memory

	load "$module" disks=0
	[ -d "$knobs" ] || skip "no fault injection in this kernel"
	make_file 4M
	file_disk 0 write_cache=1
	random_data 1048576
	exec {fd}<>"$node"
	succeeds dd if="$TMP/data" of="$node" bs=64K count=8 oflag=direct \
		status=none
	put "$knobs/verbose" 0
	put "$knobs/times" -1
	put "$knobs/probability" 100
	succeeds dd if="$TMP/data" of="$node" bs=64K oflag=direct status=none
	put "$knobs/probability" 0
	same_data "$node" 1048576
	same_data "$TMP/image" 1048576
	exec {fd}>&-
}

# test_there_again(setting) - through switching off, and another module
test_there_again() {
	require_tool mkfs.vfat
	modprobe -q -a vfat nls_cp437 nls_iso8859-1
	grep -qw vfat /proc/filesystems || skip "no vfat in this kernel"
	make_file 5120000
	random_data 1000000
	load "$module" disks=0
	make_dir 0
	set_disk 0 "file=$TMP/image" "$1" power=1
	succeeds mkfs.vfat "$node"
	mount_disk "$node" "$TMP/disk" -t vfat
	succeeds cp "$TMP/data" "$TMP/disk/FILE"
	succeeds umount "$TMP/disk"
	set_disk 0 power=0
	set_disk 0 power=1
	mount_disk "$node" "$TMP/disk" -t vfat
	cmp "$TMP/data" "$TMP/disk/FILE" || fail "the file is another one"
	succeeds umount "$TMP/disk"
	set_disk 0 power=0
	rmdir "$config/disk0"
	unload "$module"
	load "$module" disks=0
	file_disk 0 "$1"
	mount_disk "$node" "$TMP/disk" -t vfat -o ro
	cmp "$TMP/data" "$TMP/disk/FILE" || fail "the file is another one"
	succeeds umount "$TMP/disk"
}

# Pulled out, a disk loses what it did not flush, and nothing else.
test_power_is_lost() {
	load "$module" disks=0
	make_file 4M
	make_dir 7
	set_disk 7 "file=$TMP/image" write_cache=1 power=1
	random_data 65536
	exec {fd}<>/dev/klab-disk7
	succeeds dd if="$TMP/data" of=/dev/klab-disk7 bs=64K conv=fsync \
		oflag=direct status=none
	succeeds dd if="$TMP/data" of=/dev/klab-disk7 bs=64K seek=1 \
		oflag=direct status=none
	succeeds rmdir "$config/disk7"
	exec {fd}>&-
	same_data "$TMP/image" 65536
	expect_eq "what was not flushed" "$(dd if="$TMP/image" bs=64K skip=1 \
		status=none | tr -d '\0' | wc -c)" 0
}

# The same of a file system, which is not given the time to flush.
test_power_is_lost_under_a_file_system() {
	require_tool mkfs.ext4
	modprobe -q ext4
	grep -qw ext4 /proc/filesystems || skip "no ext4 in this kernel"
	load "$module" disks=0
	make_file 64M
	make_dir 7
	set_disk 7 "file=$TMP/image" write_cache=1 power=1
	succeeds mkfs.ext4 -q /dev/klab-disk7
	mount_disk /dev/klab-disk7 "$TMP/disk" -t ext4 -o commit=300
	succeeds touch "$TMP/disk/flushed"
	sync "$TMP/disk/flushed"
	succeeds touch "$TMP/disk/forgotten"
	quiet_console
	succeeds rmdir "$config/disk7"
	succeeds umount "$TMP/disk"
	mkdir "$config/disk7"
	set_disk 7 "file=$TMP/image" power=1
	mount_disk /dev/klab-disk7 "$TMP/disk" -t ext4
	[ -e "$TMP/disk/flushed" ] || fail "what was flushed has gone"
	[ ! -e "$TMP/disk/forgotten" ] || fail "there was time to flush"
	succeeds umount "$TMP/disk"
}

# What the disk says is flushed is not.
test_lost_flush() {
	load "$module" disks=0
	make_file 4M
	make_dir 7
	set_disk 7 "file=$TMP/image" write_cache=1 power=1
	put "$config/disk7/faults/lost_flush_ppm" 1000000
	put "$config/disk7/faults/enable" 1
	random_data 65536
	exec {fd}<>/dev/klab-disk7
	succeeds dd if="$TMP/data" of=/dev/klab-disk7 bs=64K conv=fsync \
		oflag=direct status=none
	[ "$(<"$config/disk7/faults/lost_flushes")" -gt 0 ] || fail "no flush"
	succeeds rmdir "$config/disk7"
	exec {fd}>&-
	expect_eq "what was flushed" "$(tr -d '\0' <"$TMP/image" | wc -c)" 0
}

test_another_image() {
	load "$module" disks=0
	make_file 4M
	cp "$TMP/image" "$TMP/other"
	truncate -s 1M "$TMP/other"
	echo other | dd of="$TMP/other" conv=notrunc status=none
	file_disk 0 removable=1 write_cache=1
	echo image | dd of="$node" conv=notrunc status=none
	refuses 'busy' 0 "file=$TMP/other"
	set_disk 0 medium=eject
	expect_eq image "$(head -n 1 "$TMP/image" | tr -d '\0')" image
	refuses 'busy' 0 file=
	set_disk 0 "file=$TMP/other"
	refuses 'Invalid' 0 medium=blank
	set_disk 0 medium=insert
	expect_eq size "$(blockdev --getsize64 "$node")" 1048576
	expect_eq other "$(head -n 1 "$node" | tr -d '\0')" other
	set_disk 0 medium=eject "file=$TMP/image" medium=insert
	expect_eq image "$(head -n 1 "$node" | tr -d '\0')" image
}

# other_image(bytes) - $TMP/other, full of data, which $TMP/same has as well
other_image() {
	head -c "$1" /dev/urandom >"$TMP/other"
	cp "$TMP/other" "$TMP/same"
}

# expect_other() - it is the medium, and as it was
expect_other() {
	cmp "$TMP/same" "$node" || fail "the disk has other data"
	put "$block/klab/save" 1 || fail "it cannot be saved"
	cmp "$TMP/same" "$TMP/other" || fail "the file has other data"
}

# What the cache has of the last page, which is no whole one, goes as all else.
test_cache_of_an_odd_size() {
	load "$module" disks=0
	make_file 5120512
	other_image 6291456
	random_data 5120512
	file_disk 0 removable=1 write_cache=1
	exec {fd}<>"$node"
	succeeds dd if="$TMP/data" of="$node" bs=64K oflag=direct status=none
	sync "$node"
	expect_eq "memory after a flush" "$(memory_of 0)" 0
	sync "$node"
	cmp "$TMP/data" "$TMP/image" || fail "the file has other data"
	exec {fd}>&-
	no_cache "$node"
	same_data "$node" 5120512
	set_disk 0 medium=eject "file=$TMP/other" medium=insert
	expect_other
}

# What was not saved of it does not get into the next image.
test_odd_size_is_torn_out() {
	load "$module" disks=0
	make_file 5120512
	other_image 6291456
	random_data 512
	file_disk 0 removable=1 write_cache=1
	exec {fd}<>"$node"
	succeeds dd if="$TMP/data" of="$node" bs=512 seek=10000 oflag=direct \
		status=none
	[ "$(memory_of 0)" -gt 0 ] || fail "nothing in memory"
	set_disk 0 medium=remove
	exec {fd}>&-
	expect_eq memory "$(memory_of 0)" 0
	set_disk 0 "file=$TMP/other" medium=insert
	expect_other
}

test_discards_free_the_file() {
	for cache in 0 1; do
		load "$module" disks=0
		make_file 4M
		file_disk 0 "write_cache=$cache"
		random_data 4194304
		succeeds dd if="$TMP/data" of="$node" bs=64K oflag=direct \
			status=none
		sync "$node"
		[ "$(stat -c %b "$TMP/image")" -ge 8192 ] || fail "no blocks"
		succeeds blkdiscard "$node"
		[ "$(stat -c %b "$TMP/image")" -lt 64 ] || fail "blocks stay"
		expect_eq "bytes" "$(tr -d '\0' <"$node" | wc -c)" 0
		set_disk 0 power=0
		rmdir "$config/disk0"
		unload "$module"
	done
}

# Zeroes that are to have a place, as opposed to what is discarded.
test_zeroes_keep_their_place() {
	load "$module" disks=0
	make_file 4M
	random_data 4194304
	cp "$TMP/data" "$TMP/image"
	file_disk 0
	succeeds blkdiscard -z "$node"
	expect_eq "bytes" "$(tr -d '\0' <"$node" | wc -c)" 0
	[ "$(stat -c %b "$TMP/image")" -ge 8192 ] || fail "no blocks"
	succeeds blkdiscard "$node"
	[ "$(stat -c %b "$TMP/image")" -lt 64 ] || fail "blocks stay"
}

test_files_that_are_no_good() {
	load "$module" disks=2
	set_disk 0 power=0
	refuses 'Invalid argument' 0 "file=$TMP"
	refuses 'Invalid' 0 file=/dev/null
	refuses 'Invalid' 0 file=/dev/klab-disk1
	# Writing it would set the disk that is being written.
	refuses 'Invalid' 0 "file=$config/disk0/size"
	refuses 'No such file' 0 "file=$TMP/nothing"
	: >"$TMP/empty"
	set_disk 0 "file=$TMP/empty"
	refuses 'Invalid' 0 power=1
	make_file 4M
	set_disk 0 "file=$TMP/image" mode=bio
	refuses 'Invalid' 0 power=1
	set_disk 0 file=
	expect_eq file "$(<"$config/disk0/file")" ""
	set_disk 0 power=1
}

# A disk that would wait for itself.
test_file_on_a_disk_of_klab() {
	require_tool mkfs.ext4
	modprobe -q ext4
	grep -qw ext4 /proc/filesystems || skip "no ext4 in this kernel"
	load "$module" disks=2 size=64M
	succeeds mkfs.ext4 -q /dev/klab-disk1
	mount_disk /dev/klab-disk1 "$TMP/disk" -t ext4
	truncate -s 4M "$TMP/disk/image"
	set_disk 0 power=0
	refuses 'Too many levels' 0 "file=$TMP/disk/image"
}

test_files_by_parameter() {
	make_file 5120000
	truncate -s 1M "$TMP/other"
	load "$module" disks=3 "file=$TMP/image,$TMP/other" write_cache=1
	expect_eq file "$(<"$config/disk0/file")" "$TMP/image"
	expect_eq size "$(blockdev --getsize64 "$node")" 5120000
	expect_eq other "$(blockdev --getsize64 /dev/klab-disk1)" 1048576
	expect_eq memory "$(blockdev --getsize64 /dev/klab-disk2)" 4194304
	expect_eq cache "$(<"$block/queue/write_cache")" "write back"
	random_data 65536
	succeeds dd if="$TMP/data" of="$node" conv=fsync status=none
	same_data "$TMP/image" 65536
}

# As other disks that cannot be: they stay switched off, and the rest is there.
test_files_by_parameter_that_are_no_good() {
	make_file 4M
	refused 'Invalid' "${modprobe[@]}" "$module" disks=1 \
		"file=$TMP/image,$TMP/image"
	load "$module" disks=2 "file=$TMP/nothing"
	expect_log 'klab-disk0 stays switched off: (-2|-ENOENT)'
	expect_eq power "$(<"$config/disk0/power")" 0
	[ -b /dev/klab-disk1 ] || fail "no other disk"
	set_disk 0 "file=$TMP/image" power=1
}

test_nobody_names_files() {
	load "$module" disks=1
	make_file 4M
	chmod 666 "$TMP/image"
	set_disk 0 power=0
	chmod 666 "$config/disk0/file"
	"${nobody[@]}" bash -c "echo $TMP/image >$config/disk0/file" \
		2>"$TMP/error" && fail "nobody may"
	expect_match error "$(<"$TMP/error")" 'not permitted'
}

add_test size_is_that_of_the_file
for mode in request segment; do
	add_test "write_through_$mode" test_write_through "$mode"
	add_test "cached_$mode" test_cached "$mode"
done
add_test fua_is_in_the_file
add_test save
add_test last_close_saves
add_test last_close_that_fails
add_test save_that_fails
add_test eject_that_fails
add_test save_without_a_file
add_test save_without_a_medium
add_test save_error_goes_with_the_medium
add_test unload_saves
add_test unload_saves_beyond_limits
add_test save_beyond_limits test_saves_beyond_limits "$block/klab/save" 1
add_test eject_beyond_limits test_saves_beyond_limits \
	"$config/disk0/medium" eject
add_test power_off_beyond_limits test_saves_beyond_limits \
	"$config/disk0/power" 0
add_test unload_that_cannot_save
add_test cache_without_memory
add_test there_again_write_through test_there_again write_cache=0
add_test there_again_cached test_there_again write_cache=1
add_test power_is_lost
add_test power_is_lost_under_a_file_system
add_test lost_flush
add_test another_image
add_test cache_of_an_odd_size
add_test odd_size_is_torn_out
add_test discards_free_the_file
add_test zeroes_keep_their_place
add_test files_that_are_no_good
add_test file_on_a_disk_of_klab
add_test files_by_parameter
add_test files_by_parameter_that_are_no_good
add_test nobody_names_files
run_tests
