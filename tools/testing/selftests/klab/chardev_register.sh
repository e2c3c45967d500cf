#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The ways to register a character device: numbers, nodes and their lives, and
# the read operation that all have.

# shellcheck source=functions.sh disable=SC2154,SC2317
. "$(dirname "$0")/functions.sh"

require_root
require_command modprobe rmmod dd mknod timeout
require_helper klab_helper
require_module klab_chardev_register

module=klab_chardev_register
name=klab-register
node=/dev/klab-register0
class=/sys/class/klab-register
hello="Hello, world!"

# parameter(name) - as the module shows it
parameter() {
	cat "/sys/module/$module/parameters/$1"
}

# number_of(node) - major:minor, decimal
number_of() {
	printf '%d:%d' "0x$(stat -c %t "$1")" "0x$(stat -c %T "$1")"
}

# A directory for nodes made by hand; devices may be forbidden elsewhere.
make_room() {
	nodes=$(mktemp -d -p /dev nodes.XXXXXX) || fail "no directory in /dev"
	defer rm -rf "$nodes"
}

# make_node(name, major, minor)
make_node() {
	succeeds mknod -m 0666 "$nodes/$1" c "$2" "$3"
}

expect_hello() {
	succeeds cat "$1"
	expect_eq "text of $1" "$out" "$hello"
}

# test_nodes_come_and_go(style, directory of the attributes)
test_nodes_come_and_go() {
	local i path

	expedite_rcu
	load "$module" "style=$1"
	for i in 0 1 2; do
		path=$2/$name$i
		expect_eq "dev of $path" "$(<"$path/dev")" \
			"$(number_of "/dev/$name$i")"
		expect_eq "style of $path" "$(<"$path/style")" "$1"
		expect_eq "mode" "$(stat -c %a "/dev/$name$i")" 444
		expect_hello "/dev/$name$i"
		expect_eq "opened of $path" "$(<"$path/opened")" 1
		expect_eq "open of $path" "$(<"$path/open")" 0
	done
	[ ! -e "/dev/${name}3" ] || fail "a fourth node"
	unload "$module"
	for i in 0 1 2; do
		[ ! -e "/dev/$name$i" ] || fail "node $i is still there"
	done
}

# test_numbers_are_shown(style)
test_numbers_are_shown() {
	load "$module" "style=$1"
	expect_eq "numbers" "$(parameter major):$(parameter minor)" \
		"$(number_of "$node")"
}

# test_major_can_be_given(style)
test_major_can_be_given() {
	local major

	load "$module" "style=$1"
	major=$(parameter major)
	unload "$module"
	succeeds "${modprobe[@]}" "$module" "style=$1" "major=$major"
	expect_eq "major" "$(parameter major)" "$major"
	grep -q "^ *$major $name\$" /proc/devices ||
		fail "not in /proc/devices"
	expect_hello "$node"
}

test_minor_can_be_given() {
	load "$module" minor=7
	expect_eq "minor" "$(parameter minor)" 7
	expect_eq "number of node 2" "$(number_of "/dev/${name}2")" \
		"$(parameter major):9"
}

# The memory devices have had their numbers for ever.
test_number_taken_leaves_no_trace() {
	local before

	before=$(traces)
	refused 'resource busy' "${modprobe[@]}" "$module" "style=$1" major=1
	expect_same "what there is" "$(traces)" "$before"
	expect_gone "$module"
}

test_range_is_exact() {
	local major

	make_room
	load "$module" minor=5
	major=$(parameter major)
	make_node before "$major" 4
	make_node first "$major" 5
	make_node last "$major" 7
	make_node after "$major" 8
	refused 'No such device or address' cat "$nodes/before"
	expect_hello "$nodes/first"
	expect_hello "$nodes/last"
	refused 'No such device or address' cat "$nodes/after"
}

# Two modules, one major; the ranges do not overlap.
test_drivers_share_a_major() {
	local major

	module_file klab_chardev_queue >/dev/null || skip "no queue device"
	load klab_chardev_queue queues=2
	major=$(number_of /dev/klab-queue0)
	major=${major%:*}
	refused 'resource busy' "${modprobe[@]}" "$module" \
		"major=$major" minor=1
	load "$module" "major=$major" minor=2
	expect_eq "number" "$(number_of "$node")" "$major:2"
	expect_hello "$node"
	echo queue >/dev/klab-queue1
	succeeds cat /dev/klab-queue1
	expect_eq "text of the queue" "$out" queue
}

# Name and place of a node mean nothing, its number everything.
test_node_of_any_name_at_any_place() {
	make_room
	load "$module"
	mkdir "$nodes/deep"
	make_node abc "$(parameter major)" 0
	make_node deep/z0 "$(parameter major)" 2
	expect_hello "$nodes/abc"
	expect_hello "$nodes/deep/z0"
	succeeds mv "$nodes/abc" "$nodes/other"
	expect_hello "$nodes/other"
}

test_stale_node_leads_nowhere() {
	make_room
	load "$module"
	make_node stale "$(parameter major)" 0
	unload "$module"
	refused 'No such device or address' cat "$nodes/stale"
	# It is not loaded again for that.
	expect_gone "$module"
	rm "$nodes/stale"
	refused 'No such file' cat "$nodes/stale"
}

test_stale_misc_node_leads_nowhere() {
	make_room
	load "$module" style=misc
	make_node stale 10 "$(parameter minor)"
	expect_hello "$nodes/stale"
	unload "$module"
	refused 'No such device$' cat "$nodes/stale"
	expect_gone "$module"
}

test_stale_node_lives_again_with_its_number() {
	local major

	make_room
	load "$module"
	major=$(parameter major)
	make_node stale "$major" 0
	unload "$module"
	succeeds "${modprobe[@]}" "$module" "major=$major" style=major
	expect_hello "$nodes/stale"
}

# Whose number it is now has the node, whatever it was made for.
test_stale_node_of_another_driver() {
	local number

	module_file klab_chardev_queue >/dev/null || skip "no queue device"
	make_room
	load klab_chardev_queue
	number=$(number_of /dev/klab-queue0)
	make_node queue "${number%:*}" "${number#*:}"
	unload klab_chardev_queue
	load "$module" "major=${number%:*}" "minor=${number#*:}"
	expect_hello "$nodes/queue"
}

test_node_removed_while_open() {
	make_room
	load "$module"
	make_node short "$(parameter major)" 1
	exec {fd}<"$nodes/short"
	rm "$nodes/short"
	expect_eq "text" "$(cat <&"$fd")" "$hello"
	exec {fd}<&-
	unload "$module"
}

test_hundreds_of_channels() {
	local i

	expedite_rcu
	load "$module" channels=300
	for ((i = 0; i < 300; i++)); do
		[ -c "/dev/$name$i" ] || fail "no node $i"
	done
	expect_hello "/dev/${name}299"
	expect_eq "number of the last" "$(number_of "/dev/${name}299")" \
		"$(parameter major):299"
	[ ! -e "/dev/${name}300" ] || fail "one too many"
	unload "$module"
	[ ! -e "/dev/${name}299" ] || fail "a node is still there"
}

# All 256, with a node or without.
test_whole_major_answers_everywhere() {
	local major minor

	make_room
	load "$module" style=major
	major=$(parameter major)
	for minor in 0 3 200 255; do
		make_node "$minor" "$major" "$minor"
		expect_hello "$nodes/$minor"
	done
	make_node 256 "$major" 256
	refused 'No such device or address' cat "$nodes/256"
}

test_misc_minor_can_be_given() {
	local minor

	for ((minor = 253; minor > 200; minor--)); do
		grep -q -w -e "$minor" -e $((minor + 1)) /proc/misc || break
	done
	load "$module" style=misc channels=2 "minor=$minor"
	expect_eq "number of node 1" "$(number_of "/dev/${name}1")" \
		"10:$((minor + 1))"
	grep -q "^ *$minor ${name}0\$" /proc/misc || fail "not in /proc/misc"
	! grep -q "$name" /proc/devices || fail "it is in /proc/devices"
}

# test_refused(regex of the log, parameter...)
test_refused() {
	local regex=$1

	shift
	refused 'Invalid argument' "${modprobe[@]}" "$module" "$@"
	expect_log "$module: $regex"
	expect_gone "$module"
	[ ! -e "$node" ] || fail "there is a node"
}

test_mode_is_refused() {
	refused 'Invalid argument' "${modprobe[@]}" "$module" "$1"
	expect_log 'node_mode'
	expect_gone "$module"
}

# test_nobody_and_the_mode(style)
test_nobody_and_the_mode() {
	cp "$HELPER" "$TMP/helper" && chmod 755 "$TMP/helper"
	load "$module" "style=$1"
	succeeds "${nobody[@]}" "$TMP/helper" open r "$node"
	refused EACCES "${nobody[@]}" "$TMP/helper" open w "$node"
	unload "$module"
	succeeds "${modprobe[@]}" "$module" "style=$1" node_mode=0600
	expect_eq "parameter" "$(parameter node_mode)" 0600
	expect_eq "mode" "$(stat -c %a "$node")" 600
	refused EACCES "${nobody[@]}" "$TMP/helper" open r "$node"
	# What is changed by hand is good until the next load.
	chmod 0444 "$node"
	succeeds "${nobody[@]}" "$TMP/helper" open r "$node"
}

test_short_reads_make_the_whole() {
	load "$module"
	succeeds dd if="$node" bs=5 status=none
	expect_eq "text" "$out" "$hello"
	succeeds dd if="$node" bs=1 skip=7 count=5 status=none
	expect_eq "text from the middle" "$out" world
}

test_writing_is_refused() {
	load "$module"
	refused 'Invalid argument' dd if=/dev/zero of="$node" bs=1 count=1 \
		conv=notrunc
	expect_hello "$node"
}

# holder(node) - has it open until it is killed
holder() {
	exec tail -f /dev/null 3<"$1"
}

# users_are(number)
users_are() {
	[ "$(users_of "$module")" = "$1" ]
}

# test_open_keeps_the_module(style, references of each open file)
test_open_keeps_the_module() {
	local first pid

	load "$module" "style=$1"
	exec {first}<"$node"
	expect_eq "users of one" "$(users_of "$module")" "$2"
	expect_eq "open" "$(cat /sys/class/*/"$name"0/open)" 1
	refused 'in use' rmmod "$module"
	holder "/dev/${name}1" &
	pid=$!
	within 10 users_are $((2 * $2)) || fail "users of two: not $((2 * $2))"
	exec {first}<&-
	refused 'in use' rmmod "$module"
	kill -9 "$pid"
	wait "$pid" 2>/dev/null
	unload "$module"
}

test_references_in_the_log() {
	local pid1 pid2

	load "$module" style=misc debug=1
	exec {fd}<"$node"
	holder "$node" &
	pid1=$!
	within 10 users_are 2 || fail "no second"
	holder "$node" &
	pid2=$!
	within 10 users_are 3 || fail "no third"
	kill -9 "$pid2"
	wait "$pid2" 2>/dev/null
	kill "$pid1"
	wait "$pid1" 2>/dev/null
	exec {fd}<&-
	expect_eq "references" "$(log_since_start |
		sed -n 's/.*: \(open\|release\), .*, \([0-9]*\) references/\2/p' |
		tr '\n' ' ')" "1 2 3 3 2 1 "
	expect_eq "users" "$(users_of "$module")" 0
}

# Two reads, the second of which finds the end.
test_calls_of_cat() {
	local reads="read "

	load "$module" debug=1
	expect_hello "$node"
	expect_eq "calls" "$(log_since_start |
		sed -n "s/.*${name}0: \([a-z]*\).*/\1/p" | tr '\n' ' ')" \
		"open $reads${reads}release "
	expect_log 'read of [0-9]+ returns 14'
	expect_log 'read of [0-9]+ returns 0'
}

test_silent_unless_asked() {
	load "$module"
	expect_hello "$node"
	expect_no_log "$name"
}

test_nothing_left_after_unload() {
	local before style

	expedite_rcu
	load "$module"
	unload "$module"
	before=$(traces)
	for style in cdev misc major cdev misc major; do
		succeeds "${modprobe[@]}" "$module" "style=$style" channels=8
		expect_hello "/dev/${name}7"
		unload "$module"
	done
	expect_same "what there is" "$(traces)" "$before"
}

for style in cdev misc major; do
	where=$class
	[ $style != misc ] || where=/sys/class/misc
	add_test "${style}_nodes_come_and_go" \
		test_nodes_come_and_go $style $where
	add_test "${style}_numbers_are_shown" test_numbers_are_shown $style
	add_test "${style}_nobody_and_the_mode" test_nobody_and_the_mode $style
done
for style in cdev major; do
	add_test "${style}_major_can_be_given" test_major_can_be_given $style
	add_test "${style}_number_taken_leaves_no_trace" \
		test_number_taken_leaves_no_trace $style
done
add_test cdev_open_keeps_the_module test_open_keeps_the_module cdev 2
add_test misc_open_keeps_the_module test_open_keeps_the_module misc 1
add_test major_open_keeps_the_module test_open_keeps_the_module major 2
add_test minor_can_be_given
add_test range_is_exact
add_test drivers_share_a_major
add_test node_of_any_name_at_any_place
add_test stale_node_leads_nowhere
add_test stale_misc_node_leads_nowhere
add_test stale_node_lives_again_with_its_number
add_test stale_node_of_another_driver
add_test node_removed_while_open
add_test hundreds_of_channels
add_test whole_major_answers_everywhere
add_test misc_minor_can_be_given
add_test style_is_refused test_refused 'style=block' style=block
add_test no_channel_is_refused test_refused 'channels=0' channels=0
add_test more_than_a_major_has_is_refused \
	test_refused 'channels=257: style major has 1 to 256' \
	style=major channels=257
add_test too_many_misc_are_refused \
	test_refused 'channels=65' style=misc channels=65
add_test too_many_channels_are_refused test_refused 'channels=1025' channels=1025
add_test major_too_large_is_refused test_refused 'major=512' major=512
add_test major_of_misc_is_refused test_refused 'major=10' style=misc major=10
add_test minor_too_large_is_refused \
	test_refused 'minor=1048574' minor=1048574
add_test negative_minor_is_refused test_refused 'minor=-2' minor=-2
add_test minor_of_a_whole_major_is_refused \
	test_refused 'minor=0' style=major minor=0
add_test mode_with_more_than_permissions test_mode_is_refused node_mode=4444
add_test mode_not_octal test_mode_is_refused node_mode=0498
add_test short_reads_make_the_whole
add_test writing_is_refused
add_test references_in_the_log
add_test calls_of_cat
add_test silent_unless_asked
add_test nothing_left_after_unload
run_tests
