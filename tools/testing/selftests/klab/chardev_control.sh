#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The control device with everyday tools and "klab control", loading and
# unloading. chardev_control_calls.sh has the operations one by one.

# shellcheck source=functions.sh disable=SC2154,SC2317
. "$(dirname "$0")/functions.sh"

require_root
require_command modprobe rmmod setpriv
require_helper klab_helper
require_module klab_chardev_control

module=klab_chardev_control
node=/dev/klab-control
klab=${KLAB_COMMAND:-klab}

# needs_klab() - the klab command, without which a test is skipped
needs_klab() {
	command -v "$klab" >/dev/null || skip "no command klab"
}

test_three_reads_are_identical() {
	load "$module"
	for _ in 1 2 3; do
		succeeds cat "$node"
		expect_eq text "$out" "Hello, world!"
	done
	succeeds dd if="$node" bs=5 status=none
	expect_eq "text in pieces" "$out" "Hello, world!"
}

test_echo_replaces_the_text() {
	load "$module"
	echo "another text" >"$node"
	succeeds cat "$node"
	expect_eq text "$out" "another text"
	printf 'without newline' >"$node"
	succeeds cat "$node"
	expect_eq text "$out" "without newline"
}

test_long_line_is_refused_as_a_whole() {
	load "$module"
	head -c 159 /dev/zero | tr '\0' x >"$node"
	expect_eq length "$(wc -c <"$node")" 160
	head -c 161 /dev/zero | tr '\0' y >"$TMP/long"
	refused 'Invalid argument' dd if="$TMP/long" of="$node" bs=161
	expect_eq length "$(tr -d '\n' <"$node" | tr -d x | wc -c)" 0
}

test_program_and_driver_agree() {
	needs_klab
	load "$module"
	succeeds "$klab" control
	expect_match info "$out" 'version of the device   2'
	expect_match info "$out" 'length of the text      13'
	succeeds "$klab" control get
	expect_eq text "$out" "Hello, world!"
	succeeds "$klab" control set "by program"
	succeeds cat "$node"
	expect_eq text "$out" "by program"
	succeeds "$klab" control byte 3
	expect_eq byte "$out" 0x70
	succeeds "$klab" control copy 3 4
	expect_eq piece "$out" prog
	succeeds "$klab" control reset
	succeeds "$klab" control get
	expect_eq text "$out" "Hello, world!"
}

# Bytes, and not what happens to lie behind them up to the next NUL.
test_piece_has_its_length() {
	local text size

	needs_klab
	load "$module"
	printf -v text '%159s' x
	succeeds "$klab" control set "$text"
	for size in {0..64}; do
		succeeds "$klab" control copy 95 "$size"
		expect_eq "piece of $size" "$out" "${text:95:size}"
	done
	succeeds "$klab" control copy 0 4294967295
	expect_eq "all of the longest text" "$out" "$text"
}

# A text that looks like a format, or holds control characters, is only a text.
test_text_is_no_format() {
	needs_klab
	load "$module"
	succeeds "$klab" control set '%s%n%x 100%'
	succeeds "$klab" control get
	expect_eq text "$out" '%s%n%x 100%'
	succeeds "$klab" control set $'a\e[2Jb'
	succeeds "$klab" control get
	expect_eq text "$out" 'a\x1b[2Jb'
}

test_program_fails_as_it_should() {
	needs_klab
	run "$klab" control get
	expect_eq "status without device" "$status" 3
	expect_match message "$out" 'No such file'
	load "$module"
	run "$klab" control byte 13
	expect_eq "status of a byte behind the end" "$status" 3
	expect_match message "$out" 'byte: Invalid argument'
	run "$klab" control copy 14 1
	expect_eq "status of a piece behind the end" "$status" 3
	run "$klab" control byte 4294967296
	expect_eq "status of a number too large" "$status" 2
	run "$klab" control set "$(head -c 160 /dev/zero | tr '\0' x)"
	expect_eq "status of a long text" "$status" 3
	for words in "what" "byte" "byte x" "byte -1" "get more" "copy 1"; do
		# shellcheck disable=SC2086 # several words
		run "$klab" control $words
		expect_eq "status of '$words'" "$status" 2
	done
}

# Everybody may look, the owner may set, the administrator may reset.
test_what_nobody_may() {
	needs_klab
	load "$module"
	cp "$(command -v "$klab")" "$TMP/klab" && chmod 755 "$TMP/klab"
	succeeds "${nobody[@]}" "$TMP/klab" control get
	expect_eq text "$out" "Hello, world!"
	refused 'Permission denied' "${nobody[@]}" "$TMP/klab" control set x
	refused 'Operation not permitted' \
		"${nobody[@]}" "$TMP/klab" control reset
}

test_open_node_keeps_the_module() {
	load "$module"
	exec {fd}<"$node"
	expect_eq users "$(users_of "$module")" 1
	refused 'in use' rmmod "$module"
	exec {fd}<&-
	unload "$module"
	expect_gone "$module"
}

# A killed holder has closed the node by the time that it is gone.
test_killed_holder_keeps_nothing() {
	local pid

	load "$module"
	exec {fd}<"$node"
	sleep 60 &
	pid=$!
	exec {fd}<&-
	expect_eq users "$(users_of "$module")" 1
	kill -9 "$pid"
	wait "$pid" 2>/dev/null
	unload "$module"
}

test_program_and_cat_fail_after_unload() {
	load "$module"
	minor=$(cut -d : -f 2 /sys/class/misc/klab-control/dev)
	unload "$module"
	[ ! -e "$node" ] || fail "there is still a node"
	mknod "$TMP/stale" c 10 "$minor"
	refused 'No such device' cat "$TMP/stale"
	needs_klab
	refused 'No such file' "$klab" control get
}

test_nothing_left_after_unload() {
	local before

	expedite_rcu
	load "$module"
	unload "$module"
	before=$(traces)
	for _ in 1 2 3 4 5; do
		succeeds "${modprobe[@]}" "$module"
		echo text >"$node"
		unload "$module"
	done
	expect_same "what there is" "$(traces)" "$before"
}

add_test three_reads_are_identical
add_test echo_replaces_the_text
add_test long_line_is_refused_as_a_whole
add_test program_and_driver_agree
add_test piece_has_its_length
add_test text_is_no_format
add_test program_fails_as_it_should
add_test what_nobody_may
add_test open_node_keeps_the_module
add_test killed_holder_keeps_nothing
add_test program_and_cat_fail_after_unload
add_test nothing_left_after_unload
run_tests
