#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The power may be lost at every flush: what the log-writes target has seen pass
# is replayed to each of them, and what is there then is looked at.

# shellcheck source=functions.sh disable=SC2154,SC2317
. "$(dirname "$0")/functions.sh"
# shellcheck source=blkdev_functions.sh
. "$(dirname "$0")/blkdev_functions.sh"

require_command dmsetup
require_helper blkdev_integrity blkdev_replay
modprobe -q dm-log-writes 2>/dev/null
dmsetup targets 2>/dev/null | grep -q '^log-writes' || skip_all "no target log-writes"

integrity=$KLAB_HELPERS/blkdev_integrity
logged=klab-test-log
log=/dev/klab-disk1
again=/dev/klab-disk2

# log_writes(setting=value...) - disk 0, made so, with what it is written in a log
log_writes() {
	load "$module" disks=0
	make_disk 0 size=16M "$@"
	make_disk 1 size=256M mode=bio
	make_disk 2 size=16M mode=bio
	defer dmsetup remove --noudevsync "$logged"
	succeeds dmsetup create --noudevsync "$logged" --table \
		"0 $(blockdev --getsz "$node") log-writes $node $log"
	succeeds dmsetup mknodes "$logged"
}

# end_log() - what is in the log is all there is
end_log() {
	succeeds dmsetup remove --noudevsync "$logged"
}

# replay(check) - to each point, where check(point) is called; sets points to
# how many there were, flushes to how many of them were flushes
replay() {
	local point what status

	points=0 flushes=0
	for ((point = 1; ; point++)); do
		what=$("$KLAB_HELPERS/blkdev_replay" "$log" "$again" "$point")
		status=$?
		[ "$status" -ne 1 ] || return 0
		[ "$status" -eq 0 ] || fail "the replay failed: $what"
		points=$point
		[ "$what" != flush ] || flushes=$((flushes + 1))
		"$1" "$what"
	done
}

# check_model(point) - the disk holds what it did when it was flushed
check_model() {
	[ "$1" != flush ] ||
		succeeds "$integrity" verify "$again" "$TMP/model.$flushes"
}

# test_integrity(setting=value...)
test_integrity() {
	local count

	rm -f "$TMP"/model*
	truncate -s 16M "$TMP/image"
	log_writes "$@"
	succeeds "$integrity" flushes "/dev/mapper/$logged" "$TMP/model" 1 300
	expect_match steps "$out" ' 0 failed'
	end_log
	replay check_model
	count=$(find "$TMP" -name 'model.*' | wc -l)
	[ "$count" -gt 5 ] || fail "only $count flushes"
	expect_eq flushes "$flushes" "$count"
	note "$points points, $flushes flushes"
}

# The test itself: the last write before a flush that is left out.
test_finds_a_missing_write() {
	local point status

	rm -f "$TMP"/model*
	log_writes mode=request
	succeeds "$integrity" flushes "/dev/mapper/$logged" "$TMP/model" 1 50
	end_log
	"$KLAB_HELPERS/blkdev_replay" "$log" "$again" 1 1 >/dev/null ||
		fail "no flush"
	refused 'sector .* holds' "$integrity" verify "$again" "$TMP/model.1"
}

# check_files(point) - what was synced is there, and the file system is whole
check_files() {
	local name copy=$TMP/copy

	case $1 in
	"mark synced-"*) synced=${1##*-} ;;
	"mark "*) return 0 ;;
	esac
	[ "$synced" -ge 0 ] || return 0
	[ $((points % every)) -eq 0 ] || [[ $1 == mark* ]] || return 0
	cp --sparse=always "$again" "$copy"
	run e2fsck -fy "$copy"
	[ "$status" -le 1 ] || fail "point $points: e2fsck says $out"
	succeeds e2fsck -fn "$copy"
	for ((name = 1; name <= synced; name++)); do
		run debugfs -R "cat file$name" "$copy"
		expect_match "file$name at point $points" "$out" \
			"contents of $name"
	done
}

# test_ext4(setting=value...) - each file is there from its sync on
test_ext4() {
	local name mounted=$TMP/mounted

	require_tool mkfs.ext4
	require_tool e2fsck
	require_tool debugfs
	modprobe -q ext4
	grep -qw ext4 /proc/filesystems || skip "no ext4 in this kernel"
	truncate -s 16M "$TMP/image"
	log_writes "$@"
	succeeds mkfs.ext4 -q "/dev/mapper/$logged"
	succeeds dmsetup message "$logged" 0 mark synced-0
	mount_disk "/dev/mapper/$logged" "$mounted" -t ext4
	for name in 1 2 3 4 5 6; do
		echo "contents of $name" >"$mounted/file$name"
		mkdir "$mounted/dir$name"
		head -c 30000 /dev/urandom >"$mounted/dir$name/data"
		sync "$mounted/file$name"
		succeeds dmsetup message "$logged" 0 mark "synced-$name"
		rm -r "$mounted/dir$name"
	done
	succeeds umount "$mounted"
	end_log
	synced=-1 every=4
	replay check_files
	expect_eq "synced files" "$synced" 6
	note "$points points, $flushes flushes"
}

add_test finds_a_missing_write
add_test integrity_bio test_integrity mode=bio
add_test integrity_request test_integrity mode=request
add_test integrity_cached_file test_integrity "file=$TMP/image" write_cache=1
add_test ext4_bio test_ext4 mode=bio
add_test ext4_cached_file test_ext4 "file=$TMP/image" write_cache=1
run_tests
