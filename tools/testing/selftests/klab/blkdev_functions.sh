#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# What the tests of the disk share. Sourced by them, after functions.sh.

# shellcheck disable=SC2154,SC2034

module=klab_blkdev
config=/sys/kernel/config/klab-blkdev
node=/dev/klab-disk0
block=/sys/block/klab-disk0

require_root
require_command modprobe rmmod dd cmp blockdev blkdiscard
require_helper klab_helper
require_module "$module"
mountpoint -q /sys/kernel/config 2>/dev/null ||
	mount -t configfs none /sys/kernel/config 2>/dev/null
[ -d /sys/kernel/config ] || skip_all "no configfs"

# require_tool(name) - a program that one test needs
require_tool() {
	command -v "$1" >/dev/null || skip "no command $1"
}

put() {
	echo "$2" >"$1"
}

# set_disk(number, setting=value...) - change settings
set_disk() {
	local number=$1 setting

	shift
	for setting; do
		put "$config/disk$number/${setting%%=*}" "${setting#*=}" ||
			fail "disk$number refuses $setting"
	done
}

# make_dir(number) - of a disk; it goes with it when the test ends
make_dir() {
	mkdir "$config/disk$1" || fail "cannot make disk$1"
	defer rmdir "$config/disk$1"
}

# make_disk(number, setting=value...) - a disk that goes when the test ends
make_disk() {
	make_dir "$1"
	set_disk "$@" power=1
	[ -b "/dev/klab-disk$1" ] || fail "no node for disk$1"
}

# refuses(message, number, setting=value) - settings that a disk does not take
refuses() {
	refused "$1" put "$config/disk$2/${3%%=*}" "${3#*=}"
}

# random_data(bytes) - in $TMP/data
random_data() {
	head -c "$1" /dev/urandom >"$TMP/data"
}

# same_data(node, bytes) - what the device has is what random_data() made
same_data() {
	cmp -n "$2" "$TMP/data" "$1" || fail "$1 has other data"
}

# read_open(fd), write_open(fd) - a block of what is open, not opened once more
read_open() {
	dd of=/dev/null bs=4K count=1 iflag=direct <&"$1"
}

write_open() {
	dd if=/dev/zero bs=4K count=1 oflag=direct conv=notrunc >&"$1"
}

# no_cache(node) - what is read next is read from the device
no_cache() {
	succeeds blockdev --flushbufs "$1"
}

# partitions_of(number) - the numbers of the partitions that are there
partitions_of() {
	local path

	for path in "/sys/block/klab-disk$1/klab-disk$1"p*; do
		[ ! -d "$path" ] || echo "${path##*p}"
	done | sort -n | xargs
}

# nodes_of(number) - of a disk and its partitions
nodes_of() {
	find /dev -maxdepth 1 \( -name "klab-disk$1" -o -name "klab-disk$1p*" \) |
		sort | xargs
}

memory_of() {
	cat "/sys/block/klab-disk$1/klab/memory"
}

# mount_disk(node, directory, option...) - until the test ends
mount_disk() {
	local device=$1 dir=$2

	shift 2
	mkdir -p "$dir"
	defer umount "$dir"
	succeeds mount "$@" "$device" "$dir"
}
