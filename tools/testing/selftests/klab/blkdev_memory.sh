#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The memory that disks take: none while they are empty, and little more than
# what was written.

# shellcheck source=functions.sh disable=SC2154,SC2317
. "$(dirname "$0")/functions.sh"
# shellcheck source=blkdev_functions.sh
. "$(dirname "$0")/blkdev_functions.sh"

# free_memory() - in KiB, once what is being freed is free
free_memory() {
	echo 3 >/proc/sys/vm/drop_caches
	awk '/^MemFree/ { print $2 }' /proc/meminfo
}

# few_kept_pages() - until the test ends: what is freed is free, and not kept for
# the CPU that freed it
few_kept_pages() {
	local knob=/proc/sys/vm/percpu_pagelist_high_fraction

	[ -w "$knob" ] || return 0
	defer put "$knob" "$(<"$knob")"
	put "$knob" 100000
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

# middle(number...) - that which is neither small nor large among them
middle() {
	printf '%s\n' "$@" | sort -n | sed -n "$((($# + 1) / 2))p"
}

# taken_by_disks(mode) - KiB that each of many disks takes: many, as others take
# and free memory too
taken_by_disks() {
	local taken

	make_disks "$1" 0 7
	taken=$(free_memory)
	make_disks "$1" 8 71
	echo "$(((taken - $(free_memory)) / 64))"
	remove_disks 0 71
}

# queue_in_debugfs(mode) - are there files of the block layer's for each queue and
# CPU? Those of four CPUs come to half of the limit, and klab has no say in that.
queue_in_debugfs() {
	local status=0

	make_disks "$1" 0 0
	compgen -G '/sys/kernel/debug/block/*/hctx*' >/dev/null || status=$?
	remove_disks 0 0
	return "$status"
}

# test_empty_disk(mode) - what disks of 1 TiB take that hold nothing
test_empty_disk() {
	local taken=()

	[ ! -e /proc/lockdep ] || skip "what each allocation carries for debugging"
	expedite_rcu
	few_kept_pages
	load "$module" disks=0 size=1T
	[ "$(nproc)" -eq 1 ] || ! queue_in_debugfs "$1" ||
		skip "with the files of each CPU's queue in debugfs"
	for _ in 1 2 3; do
		taken+=("$(taken_by_disks "$1")")
	done
	note "a disk takes ${taken[*]} KiB"
	[ "$(middle "${taken[@]}")" -lt 64 ] ||
		fail "a disk takes ${taken[*]} KiB"
}

# At most 2 % more than the pages; what is in the middle of some rounds counts.
test_memory_of_what_is_written() {
	local before middle taken=()

	expedite_rcu
	few_kept_pages
	for _ in 1 2 3; do
		load "$module" disks=1 size=1G mode=bio
		before=$(free_memory)
		succeeds dd if=/dev/zero of="$node" bs=1M count=128 \
			oflag=direct status=none
		taken+=($((before - $(free_memory))))
		expect_eq memory "$(memory_of 0)" 134217728
		# Pages that were discarded would be free some time later.
		unload "$module"
	done
	note "128 MiB take ${taken[*]} KiB"
	middle=$(middle "${taken[@]}")
	# Less than what was written would be another error: of this test.
	[ "$middle" -gt 130000 ] || fail "128 MiB take $middle KiB"
	[ "$middle" -lt 133693 ] || fail "128 MiB take $middle KiB"
}

for mode in bio request segment; do
	add_test "empty_disk_$mode" test_empty_disk "$mode"
done
add_test memory_of_what_is_written
run_tests
