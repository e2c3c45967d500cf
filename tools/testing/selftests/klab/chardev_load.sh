#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Modules of character devices come and go while others race to open the nodes:
# who gets in holds the module, who comes too late finds nothing.

# shellcheck source=functions.sh disable=SC2154,SC2317
. "$(dirname "$0")/functions.sh"

require_root
require_command modprobe rmmod dd renice
require_module klab_chardev_register

rounds=5

# Who races has the time that loading and unloading leave: with as much of it
# as they, on one CPU, the node would be open nearly always.
be_patient() {
	renice -n 19 -p "$BASHPID" >/dev/null
}

# open_for_ever(node) - by a program that does not fork
open_for_ever() {
	be_patient
	until [ -e "$TMP/stop" ]; do
		: <"$1" && echo opened
	done >>"$TMP/opened" 2>/dev/null
}

# use_for_ever(node) - what has no node is not made one
use_for_ever() {
	be_patient
	until [ -e "$TMP/stop" ]; do
		dd if=/dev/zero of="$1" bs=1 count=1 conv=nocreat,notrunc \
			oflag=nonblock
		dd if="$1" of=/dev/null bs=100 count=1 iflag=nonblock
	done 2>/dev/null
}

# opens() - how often it has been opened
opens() {
	wc -l <"$TMP/opened"
}

# opened_since(number)
opened_since() {
	[ "$(opens)" -gt "$1" ]
}

# test_load(module, node, parameter...)
test_load() {
	local module=$1 node=$2 i job jobs=() before

	shift 2
	module_file "$module" >/dev/null || skip "no module $module"
	expedite_rcu
	rm -f "$TMP/stop"
	: >"$TMP/opened"
	for i in open use open use; do
		"${i}_for_ever" "$node" &
		jobs+=($!)
	done
	defer touch "$TMP/stop"
	for ((i = 0; i < rounds; i++)); do
		before=$(opens)
		succeeds "${modprobe[@]}" "$module" "$@"
		[ -c "$node" ] || fail "no $node"
		within 20 opened_since "$before" || fail "nobody opens it"
		within 30 rmmod "$module" 2>/dev/null ||
			fail "$module cannot be unloaded"
	done
	touch "$TMP/stop"
	for job in "${jobs[@]}"; do
		wait "$job"
	done
	note "opened $(opens) times"
	expect_gone "$module"
	[ ! -e "$node" ] || fail "$node is still there"
}

for style in cdev misc major; do
	add_test "register_$style" test_load klab_chardev_register \
		/dev/klab-register0 "style=$style"
done
add_test queue test_load klab_chardev_queue /dev/klab-queue0
add_test policy_exclusive test_load klab_chardev_policy /dev/klab-policy0 \
	policies=exclusive
add_test policy_wait test_load klab_chardev_policy /dev/klab-policy0 \
	policies=wait
add_test control test_load klab_chardev_control /dev/klab-control
run_tests
