#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# What the tests of the disk's integrity share. Sourced by them, after
# functions.sh and blkdev_functions.sh.

# shellcheck disable=SC2154

require_helper blkdev_integrity

integrity=$KLAB_HELPERS/blkdev_integrity

# begin(parameter...) - with nothing that a test before has left
begin() {
	rm -f "$TMP/model" "$TMP/image"
	truncate -s 4M "$TMP/image"
	load "$module" "$@"
}

# go(seed, steps) - on disk 0, whatever fails
go() {
	succeeds "$integrity" run "$node" "$TMP/model" "$1" "$2"
	note "$out"
}

# go_until_error(seed) - in the background, as $writer, which has begun
go_until_error() {
	: >"$TMP/steps"
	"$integrity" until "$node" "$TMP/model" "$1" 1000000 >"$TMP/steps" &
	writer=$!
	within 60 test -s "$TMP/steps" || fail "no step was done"
}

verify() {
	succeeds "$integrity" verify "$node" "$TMP/model"
}

# file_disk(setting...) - as $TMP/image keeps it
file_disk() {
	make_dir 0
	set_disk 0 "file=$TMP/image" "$@" power=1
}

# go_wrong() - errors, writes that are torn, and other delays
go_wrong() {
	local faults=$config/disk0/faults

	quiet_console
	put "$faults/error_ppm" 100000
	put "$faults/torn_ppm" 100000
	put "$faults/delay_us" "0 100"
	put "$faults/bad_sectors" "500 8"
	put "$faults/enable" 1
	go 2 2000
	[ "$(<"$faults/torn")" -gt 10 ] || fail "few torn writes"
	put "$faults/enable" 0
	verify
	go 3 500
	verify
}
