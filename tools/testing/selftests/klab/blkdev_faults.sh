#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Disks that do wrong when they are told to: each fault with each strategy, the
# same ones again from the same seed, and file systems that meet them.

# shellcheck source=functions.sh disable=SC2154,SC2317
. "$(dirname "$0")/functions.sh"
# shellcheck source=blkdev_functions.sh
. "$(dirname "$0")/blkdev_functions.sh"

modes="bio request segment"
faults=$config/disk0/faults

# set_faults(fault=value...) - and switch them on
set_faults() {
	local fault

	for fault; do
		put "$faults/${fault%%=*}" "${fault#*=}" ||
			fail "refused: $fault"
	done
	put "$faults/enable" 1
}

# read_block(number) - of 4096 bytes, past the cache
read_block() {
	dd if="$node" of=/dev/null bs=4K count=1 skip="$1" iflag=direct \
		status=none 2>/dev/null
}

# test_bad_sectors(mode) - they fail, and all others do not
test_bad_sectors() {
	load "$module" disks=1 "mode=$1"
	random_data 4194304
	succeeds dd if="$TMP/data" of="$node" bs=1M oflag=direct status=none
	quiet_console
	set_faults "bad_sectors=800 8"
	refused 'No data|error' dd if="$node" of=/dev/null bs=64K iflag=direct
	read_block 99 || fail "the block before cannot be read"
	! read_block 100 || fail "a bad block can be read"
	read_block 101 || fail "the block behind cannot be read"
	refused 'No data|error' dd if=/dev/zero of="$node" bs=4K count=1 \
		seek=100 oflag=direct
	expect_eq errors "$(<"$faults/errors")" 3
	put "$faults/enable" 0
	no_cache "$node"
	same_data "$node" 4194304
}

# failing_blocks() - the numbers of those of 24 that cannot be read
failing_blocks() {
	local number

	for number in $(seq 0 23); do
		read_block "$number" || echo "$number"
	done | xargs
}

# test_same_seed(mode)
test_same_seed() {
	local first

	load "$module" disks=1 "mode=$1"
	quiet_console
	set_faults seed=1 error_ppm=300000
	first=$(failing_blocks)
	[ "$(wc -w <<<"$first")" -gt 2 ] || fail "few errors: $first"
	[ "$(wc -w <<<"$first")" -lt 20 ] || fail "many errors: $first"
	put "$faults/enable" 1
	expect_eq "the same seed" "$(failing_blocks)" "$first"
	set_faults seed=2
	[ "$(failing_blocks)" != "$first" ] || fail "another seed does the same"
}

test_knobs_of_the_kernel() {
	local knobs=$KLAB_DEBUGFS/faults/disk-io

	load "$module" disks=2 mode=bio
	[ -d "$knobs" ] || skip "no fault injection in this kernel"
	quiet_console
	put "$knobs/verbose" 0
	put "$knobs/times" 1
	put "$knobs/probability" 100
	succeeds dd if="$node" of=/dev/null bs=4K count=1 iflag=direct
	put "$faults/enable" 1
	! read_block 0 || fail "no error"
	read_block 0 || fail "a second error"
	succeeds dd if=/dev/klab-disk1 of=/dev/null bs=4K count=1 iflag=direct
}

# test_torn_writes(mode) - a part is there, from the beginning, in sectors
test_torn_writes() {
	local kept

	load "$module" disks=1 "mode=$1"
	random_data 4096
	quiet_console
	set_faults seed=3 torn_ppm=1000000
	refused 'error' dd if="$TMP/data" of="$node" bs=4K oflag=direct
	put "$faults/enable" 0
	no_cache "$node"
	kept=$(cmp "$TMP/data" "$node" | sed -n 's/.* differ: [a-z]* \([0-9]*\),.*/\1/p')
	[ -n "$kept" ] || fail "all of it is there"
	[ "$kept" -gt 1 ] || fail "nothing of it is there"
	note "$((kept - 1)) bytes are there"
	# What is behind them is what was there before, of which there was nothing.
	expect_eq "other bytes" "$(dd if="$node" bs=512 \
		skip=$(((kept + 510) / 512)) status=none | tr -d '\0' | wc -c)" 0
}

# test_delay(mode)
test_delay() {
	local begin end

	load "$module" disks=1 "mode=$1"
	set_faults "delay_us=5000 6000"
	begin=$(date +%s%N)
	succeeds dd if="$node" of=/dev/null bs=4K count=20 iflag=direct
	end=$(date +%s%N)
	[ $((end - begin)) -ge 100000000 ] ||
		fail "20 reads take $((end - begin)) ns"
}

# in_flight(number) - so many writes and discards of the disk are not done yet
in_flight() {
	local writes

	read -r _ writes <"$block/inflight"
	[ "$writes" -eq "$1" ]
}

# Nobody else waits for them, nor do they wait for each other.
test_delays_hold_up_nobody() {
	local pid

	load "$module" disks=2 queue_depth=512
	put "$block/queue/discard_max_bytes" 4096
	set_faults "delay_us=10000000 10000000"
	# It is not to look at what is there, which takes its time too.
	blkdiscard -f -l 1228800 "$node" 2>/dev/null &
	pid=$!
	within 10 in_flight 300 || fail "in flight: $(<"$block/inflight")"
	succeeds blkdiscard /dev/klab-disk1
	in_flight 300 || fail "in flight: $(<"$block/inflight")"
	wait "$pid" || fail "a discard has failed"
}

# What has begun before is over when the disk is protected.
test_delayed_write_and_protection() {
	local pid

	load "$module" disks=1
	random_data 4096
	set_faults "delay_us=5000000 5000000"
	dd if="$TMP/data" of="$node" oflag=direct bs=4K status=none &
	pid=$!
	within 10 in_flight 1 || fail "in flight: $(<"$block/inflight")"
	set_disk 0 read_only=1
	expect_eq memory "$(memory_of 0)" 4096
	wait "$pid" || fail "it has failed"
}

# test_pulled_out_while_it(fault, mode) - who waits for it is told
test_pulled_out_while_it() {
	local pid

	load "$module" disks=0
	make_disk 0 "mode=$2"
	put "$block/queue/io_timeout" 100
	quiet_console
	case $1 in
	hangs) set_faults hang_ppm=1000000 ;;
	delays) set_faults "delay_us=2000000 2000000" ;;
	esac
	dd if=/dev/zero of="$node" oflag=direct bs=4K count=1000 2>/dev/null &
	pid=$!
	within 20 in_flight 1 || fail "in flight: $(<"$block/inflight")"
	succeeds rmdir "$config/disk0"
	wait "$pid" && fail "all was written"
	unload "$module"
}

# test_hang(mode) - given up by the block layer, as if it had been reset
test_hang() {
	load "$module" disks=1 "mode=$1"
	put "$block/queue/io_timeout" 100
	quiet_console
	set_faults hang_ppm=1000000
	refused 'timed out' dd if="$node" of=/dev/null bs=4K count=1 iflag=direct
	expect_eq hangs "$(<"$faults/hangs")" "$(<"$faults/resets")"
	put "$faults/enable" 0
	succeeds dd if="$node" of=/dev/null bs=4K count=1 iflag=direct
}

# test_wears_out(mode) - so many writes, and none after them
test_wears_out() {
	load "$module" disks=1 "mode=$1"
	quiet_console
	set_faults writes=5
	refused 'error' dd if=/dev/zero of="$node" bs=4K oflag=direct
	expect_match "records" "$out" '20480 bytes'
	refused 'error' dd if=/dev/zero of="$node" bs=4K count=1 oflag=direct
	succeeds dd if="$node" of=/dev/null bs=4K count=1 iflag=direct
	put "$faults/writes" 0
	succeeds dd if=/dev/zero of="$node" bs=4K count=1 oflag=direct
}

# test_file_system_turns_read_only(errors | protection)
test_file_system_turns_read_only() {
	require_tool mkfs.ext4
	modprobe -q ext4
	grep -qw ext4 /proc/filesystems || skip "no ext4 in this kernel"
	load "$module" disks=1 size=64M
	succeeds mkfs.ext4 -q "$node"
	mount_disk "$node" "$TMP/disk" -t ext4 -o errors=remount-ro
	random_data 1000000
	succeeds cp "$TMP/data" "$TMP/disk/before"
	sync
	quiet_console
	if [ "$1" = errors ]; then
		set_faults error_ppm=1000000
	else
		set_disk 0 read_only=1
	fi
	dd if=/dev/zero of="$TMP/disk/after" bs=64K count=16 conv=fsync \
		status=none 2>/dev/null && fail "fsync has no error"
	put "$faults/enable" 0
	set_disk 0 read_only=0
	succeeds umount "$TMP/disk"
	run e2fsck -f -y "$node"
	[ "$status" -le 1 ] || fail "e2fsck: $status: $out"
	mount_disk "$node" "$TMP/disk" -t ext4
	cmp "$TMP/data" "$TMP/disk/before" || fail "the file is another one"
	succeeds umount "$TMP/disk"
}

test_wrong_faults() {
	load "$module" disks=1
	for fault in error_ppm=1000001 torn_ppm=1000001 hang_ppm=1000001 \
		     delay_ppm=1000001 \
		     "delay_us=0 10000001" "seed=4294967296" \
		     "delay_us=0 18446744073709551616" \
		     "bad_sectors=18446744073709551617 1" \
		     "writes=18446744073709551616"; do
		refused 'out of range' put "$faults/${fault%%=*}" "${fault#*=}"
	done
	for fault in error_ppm=x seed=-1 delay_us=5 "delay_us=2 1" \
		     "delay_us=1 2 3" "bad_sectors=1" "bad_sectors=-1 5" "bad_sectors=1 -5" \
		     "bad_sectors=a b" writes=x enable=maybe; do
		refused 'Invalid' put "$faults/${fault%%=*}" "${fault#*=}"
	done
	for fault in enable=1 error_ppm=1 seed=1 writes=1 "delay_us=0 1" \
		     "bad_sectors=1 1"; do
		refused 'Invalid' put_bytes "$faults/${fault%%=*}" \
			"${fault#*=}"'\0'x
	done
	expect_eq "enabled" "$(<"$faults/enable")" 0
	expect_eq "delay" "$(<"$faults/delay_us")" "0 0"
	expect_eq "how often" "$(<"$faults/delay_ppm")" 1000000
	expect_eq "bad sectors" "$(<"$faults/bad_sectors")" "0 0"
}

# They outlive the disk, and are there with the next one.
test_faults_stay_with_the_directory() {
	load "$module" disks=1 mode=bio
	quiet_console
	set_faults "bad_sectors=8 8" writes=1 "delay_us=1 2" delay_ppm=5 torn_ppm=1 \
		hang_ppm=1 seed=7
	set_disk 0 power=0
	set_disk 0 power=1
	expect_eq "bad sectors" "$(<"$faults/bad_sectors")" "8 8"
	expect_eq "writes" "$(<"$faults/writes")" 1
	expect_eq "delay" "$(<"$faults/delay_us")" "1 2"
	expect_eq "how often" "$(<"$faults/delay_ppm")" 5
	expect_eq "seed" "$(<"$faults/seed")" 7
	expect_eq "torn" "$(<"$faults/torn")" 0
	! read_block 1 || fail "a bad block can be read"
}

for mode in $modes; do
	for test in bad_sectors same_seed torn_writes delay wears_out; do
		add_test "${test}_$mode" "test_$test" "$mode"
	done
done
add_test delays_hold_up_nobody
add_test delayed_write_and_protection
add_test hang_request test_hang request
add_test hang_segment test_hang segment
add_test knobs_of_the_kernel
for why in errors protection; do
	add_test "file_system_turns_read_only_by_$why" \
		test_file_system_turns_read_only "$why"
done
for mode in request segment; do
	add_test "pulled_out_while_it_hangs_$mode" \
		test_pulled_out_while_it hangs "$mode"
	add_test "pulled_out_while_it_delays_$mode" \
		test_pulled_out_while_it delays "$mode"
done
add_test wrong_faults
add_test faults_stay_with_the_directory
run_tests
