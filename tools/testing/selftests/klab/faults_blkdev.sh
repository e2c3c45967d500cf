#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Memory that fails, in the modules and experiments of blkdev.

# shellcheck disable=SC2034,SC2317
room=blkdev

disk=/sys/kernel/config/klab-blkdev/disk0

# make_with_faults(file, text, parameter...) - of a disk; nothing stays
make_with_faults() {
	local file=$1 text=$2 before

	shift 2
	prepare_faults
	mountpoint -q /sys/kernel/config ||
		mount -t configfs none /sys/kernel/config
	load klab_blkdev disks=0 "$@"
	succeeds mkdir "$disk"
	succeeds rmdir "$disk"
	before=$(traces)
	# A device for whose name there was no memory is one without a name.
	succeeds "$HELPER" make-faults "$disk" "$file" "$text" \
		ENOMEM,EAGAIN,EINVAL
	expect_same "what there is" "$(traces)" "$before"
	unload klab_blkdev
}

test_make_bio() {
	make_with_faults power 1 mode=bio
}

test_make_request() {
	make_with_faults power 1 mode=request removable=1
}

test_name_a_file() {
	truncate -s 1M "$TMP/image"
	make_with_faults file "$TMP/image"
}

more_tests=(make_bio make_request name_a_file)

# shellcheck source=faults_functions.sh
. "$(dirname "$0")/faults_functions.sh"
