#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The queue device with everyday tools, its parameters and attributes, loading
# and unloading, and the programs that come with it.

# shellcheck source=functions.sh disable=SC2154,SC2317
. "$(dirname "$0")/functions.sh"

require_root
require_command modprobe rmmod cmp dd timeout
require_helper klab_helper
require_module klab_chardev_queue

module=klab_chardev_queue
node=/dev/klab-queue0
attributes=/sys/class/klab-queue/klab-queue0
klab=${KLAB_COMMAND:-klab}

test_echo_and_cat() {
	load "$module"
	echo "Hello, world!" >"$node"
	succeeds cat "$node"
	expect_eq text "$out" "Hello, world!"
}

# An end has been told; the next reader waits for the next writer.
test_second_cat_waits() {
	load "$module"
	echo one >"$node"
	succeeds cat "$node"
	run timeout 1 cat "$node"
	expect_eq "status of cat" "$status" 124
	cat "$node" >"$TMP/text" &
	echo two >"$node"
	wait $!
	expect_eq text "$(<"$TMP/text")" two
}

test_several_writes_stay_in_order() {
	load "$module"
	exec {fd}>"$node"
	for i in 1 2 3; do
		echo "line $i" >&"$fd"
	done
	exec {fd}>&-
	succeeds cat "$node"
	expect_eq text "$out" "line 1"$'\n'"line 2"$'\n'"line 3"
}

# The module's own file, whatever its length, through a queue of 4096 bytes.
test_own_module_file() {
	local file

	file=$(module_file "$module")
	load "$module" size=4096
	cat "$node" >"$TMP/copy" &
	succeeds dd if="$file" of="$node" bs=10007 status=none
	wait $!
	cmp "$file" "$TMP/copy" || fail "the copy differs"
}

test_small_reads_make_the_whole() {
	load "$module"
	head -c 1000 /dev/urandom >"$TMP/data"
	cat "$TMP/data" >"$node"
	succeeds dd if="$node" of="$TMP/copy" bs=7 status=none
	cmp "$TMP/data" "$TMP/copy" || fail "the copy differs"
}

test_what_stays_is_there_for_the_next() {
	load "$module"
	echo stays >"$node"
	expect_eq used "$(<"$attributes/used")" 6
	unload "$module"
	load "$module"
	expect_eq "used after unload" "$(<"$attributes/used")" 0
}

test_queues_are_separate() {
	load "$module" queues=3
	echo zero >/dev/klab-queue0
	echo two >/dev/klab-queue2
	succeeds cat /dev/klab-queue2
	expect_eq text "$out" two
	expect_eq used "$(</sys/class/klab-queue/klab-queue0/used)" 5
	[ ! -e /dev/klab-queue3 ] || fail "a fourth node"
}

# test_refused(parameter, message)
test_refused() {
	refused "$2" "${modprobe[@]}" "$module" "$1"
	expect_gone "$module"
	[ ! -e "$node" ] || fail "there is a node"
}

test_more_than_its_share_of_memory() {
	quiet_console
	refused 'annot allocate memory|emory' \
		"${modprobe[@]}" "$module" queues=64 size=16777216
	expect_log 'more than 1/16 of the memory'
}

test_mode_of_nodes() {
	load "$module" node_mode=0640
	expect_eq mode "$(stat -c %a "$node")" 640
	expect_eq parameter \
		"$(</sys/module/"$module"/parameters/node_mode)" 0640
}

test_anybody_may_use_it() {
	load "$module"
	cp "$HELPER" "$TMP/helper" && chmod 755 "$TMP/helper"
	succeeds "${nobody[@]}" "$TMP/helper" open rw "$node"
}

test_open_node_keeps_the_module() {
	load "$module"
	exec {fd}<"$node"
	refused 'in use' rmmod "$module"
	exec {fd}<&-
	unload "$module"
}

held() {
	[ "$(users_of "$module")" -gt 0 ]
}

test_attributes_are_read_back() {
	load klab_chardev_queue
	expect_eq "mode at first" "$(<"$attributes/mode")" bytes
	expect_eq "delay at first" "$(<"$attributes/delay_ms")" 0
	echo records >"$attributes/mode"
	echo 0x10 >"$attributes/delay_ms"
	expect_eq mode "$(<"$attributes/mode")" records
	expect_eq delay "$(<"$attributes/delay_ms")" 16
}

test_zero_byte_in_an_attribute_is_refused() {
	load "$module"
	zero_byte_is_refused "$attributes/mode" records
	zero_byte_is_refused "$attributes/delay_ms" 5
}

test_killed_holder_keeps_nothing() {
	local pid

	load "$module"
	cat "$node" >/dev/null &
	pid=$!
	within 10 held || fail "it is not held"
	kill -9 "$pid"
	wait "$pid" 2>/dev/null
	unload "$module"
}

test_unload_with_data_and_delay() {
	load "$module"
	echo 50 >"$attributes/delay_ms"
	echo data >"$node"
	unload "$module"
	expect_gone "$module"
}

test_nothing_left_after_unload() {
	local before

	echo 1 >/sys/kernel/rcu_expedited 2>/dev/null
	defer eval 'echo 0 >/sys/kernel/rcu_expedited'
	load "$module"
	unload "$module"
	before=$(traces)
	for _ in 1 2 3 4 5; do
		succeeds "${modprobe[@]}" "$module" queues=8
		echo data >"$node"
		unload "$module"
	done
	expect_same "what there is" "$(traces)" "$before"
}

# needs_klab() - the klab command, without which a test is skipped
needs_klab() {
	command -v "$klab" >/dev/null || skip "no command klab"
}

test_pecho_to_pcat() {
	needs_klab
	load "$module"
	succeeds "$klab" pecho "$node" "twelve bytes"
	expect_match "pecho" "$out" \
		'interval [0-9]+:[0-9]{3} write 12 bytes: twelve bytes'
	succeeds "$klab" pcat --size 5 "$node"
	expect_match "pcat" "$out" 'read 5 bytes: twelv'
	expect_match "pcat" "$out" 'read 5 bytes: e byt'
	expect_match "pcat" "$out" 'read 2 bytes: es'
	expect_match "pcat" "$out" 'end$'
}

test_pcat_blocking() {
	needs_klab
	load "$module"
	"$klab" pcat --blocking --no-poll "$node" >"$TMP/text" 2>&1 &
	succeeds "$klab" pecho --blocking --no-poll "$node" text
	wait $! || fail "pcat failed"
	expect_match "pcat" "$(<"$TMP/text")" 'read 4 bytes: text'
}

test_pcat_not_ready() {
	needs_klab
	load "$module"
	"$klab" pcat --no-poll "$node" >"$TMP/text" 2>&1 &
	defer kill $!
	within 20 grep -q 'device NOT READY' "$TMP/text" ||
		fail "pcat: $(<"$TMP/text")"
	kill -0 $! || fail "pcat has ended"
}

# Three reads, of which two wait for 100 ms after the one before.
test_pcat_shows_the_delay() {
	local begin end

	needs_klab
	load "$module"
	echo 100 >"$attributes/delay_ms"
	echo -n abcdefghi >"$node"
	begin=$(date +%s%N)
	succeeds "$klab" pcat --size 3 "$node"
	end=$(date +%s%N)
	expect_eq "number of reads" "$(grep -c 'read 3 bytes' <<<"$out")" 3
	[ $((end - begin)) -ge 200000000 ] || fail "no delay: $out"
}

test_pecho_waits_for_room() {
	needs_klab
	load "$module" size=4096
	dd if=/dev/zero of="$node" bs=4096 count=1 status=none
	"$klab" pecho "$node" more >"$TMP/text" 2>&1 &
	succeeds dd if="$node" of=/dev/null bs=4096 count=1 status=none
	wait $! || fail "pecho failed: $(<"$TMP/text")"
	expect_match "pecho" "$(<"$TMP/text")" 'write 4 bytes: more'
}

test_programs_fail_as_they_should() {
	needs_klab
	run "$klab" pcat /dev/klab-nothing
	expect_eq "status of pcat" "$status" 3
	expect_match pcat "$out" 'No such file'
	run "$klab" pecho /dev/klab-nothing text
	expect_eq "status of pecho" "$status" 3
	run "$klab" mcat /dev/klab-nothing
	expect_eq "status of mcat" "$status" 3
	run "$klab" two /dev/klab-nothing
	expect_eq "status of two" "$status" 3
	run "$klab" pcat --size 0 "$node"
	expect_eq "status of pcat without size" "$status" 2
}

test_mcat_shows_each_read() {
	needs_klab
	load "$module"
	printf '%s' "0123456789abc" >"$node"
	succeeds "$klab" mcat --size 5 "$node"
	expect_match mcat "$out" 'read 5 bytes, 5 in all'
	expect_match mcat "$out" 'read 3 bytes, 13 in all'
	expect_match mcat "$out" 'read 0 bytes, 13 in all'
	expect_match mcat "$out" 'us: abc'
}

test_two_descriptors() {
	needs_klab
	load "$module"
	succeeds "$klab" two "$node"
	expect_match two "$out" 'first: wrote 7 bytes'
	expect_match two "$out" 'second: wrote 5 bytes'
	expect_match two "$out" 'first: read 12 bytes: 111111122222'
	succeeds "$klab" two --reverse "$node"
	expect_match two "$out" 'second: read 12 bytes: 111111122222'
}

add_test echo_and_cat
add_test second_cat_waits
add_test several_writes_stay_in_order
add_test own_module_file
add_test small_reads_make_the_whole
add_test what_stays_is_there_for_the_next
add_test queues_are_separate
add_test no_queue test_refused queues=0 'Invalid'
add_test too_many_queues test_refused queues=65 'Invalid'
add_test size_of_no_power_of_two test_refused size=5000 'Invalid'
add_test size_too_small test_refused size=2048 'Invalid'
add_test size_too_large test_refused size=33554432 'Invalid'
add_test mode_with_more_than_permissions test_refused node_mode=4666 'Invalid'
add_test mode_not_octal test_refused node_mode=0698 'Invalid'
add_test more_than_its_share_of_memory
add_test mode_of_nodes
add_test anybody_may_use_it
add_test open_node_keeps_the_module
add_test attributes_are_read_back
add_test zero_byte_in_an_attribute_is_refused
add_test killed_holder_keeps_nothing
add_test unload_with_data_and_delay
add_test nothing_left_after_unload
add_test pecho_to_pcat
add_test pcat_blocking
add_test pcat_not_ready
add_test pcat_shows_the_delay
add_test pecho_waits_for_room
add_test programs_fail_as_they_should
add_test mcat_shows_each_read
add_test two_descriptors
run_tests
