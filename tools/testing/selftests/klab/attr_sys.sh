#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Attributes of a class, of devices and of kobjects with everyday tools, loading
# and unloading with users inside, and what is wrong in many examples.

# shellcheck source=functions.sh disable=SC2154,SC2317
. "$(dirname "$0")/functions.sh"

require_root
require_command modprobe rmmod setpriv tee timeout
require_helper klab_helper attr_sys_event
require_module klab_attr_sys
keep_core

module=klab_attr_sys
class=/sys/class/klab-attr
set=/sys/kernel/klab-attr

# put(file, text) - by one write
put() {
	printf '%s\n' "$2" >"$1"
}

# errno_of(mode, file, text) - what a read or a write ends with
errno_of() {
	case $1 in
	r) cat "$2" 2>&1 >/dev/null ;;
	w) tee "$2" <<<"$3" 2>&1 >/dev/null ;;
	esac | sed 's/.*: //'
}

test_text_is_read_and_written() {
	load "$module"
	expect_eq "first text" "$(cat "$class/text")" "Hello from klab!"
	expect_eq mode "$(stat -c %a "$class/text")" 644
	put "$class/text" 12345
	expect_eq text "$(cat "$class/text")" 12345
	put "$class/text" 'Привет'
	expect_eq "text in another script" "$(cat "$class/text")" 'Привет'
}

# The shell opens the file, whoever runs the command then.
test_text_is_written_by_tee() {
	load "$module"
	refused 'Permission denied' "${nobody[@]}" tee "$class/text"
	# shellcheck disable=SC2016
	refused 'Permission denied' "${nobody[@]}" \
		bash -c 'echo 1 >"$0"' "$class/text"
	echo new | tee "$class/text" >/dev/null
	expect_eq text "$(cat "$class/text")" new
}

# Defect of many examples: a page is copied into 161 bytes.
test_text_too_long_is_refused() {
	local long

	load "$module"
	printf -v long '%160s' x
	succeeds put "$class/text" "$long"
	expect_eq "longest text" "$(cat "$class/text")" "$long"
	refused 'Argument list too long' put "$class/text" "x$long"
	refused 'Argument list too long' \
		dd if=/dev/zero of="$class/text" bs=4095 count=1 status=none
	expect_eq "text" "$(cat "$class/text")" "$long"
}

test_zero_byte_is_refused() {
	load "$module"
	refused 'Invalid argument' \
		dd if=/dev/zero of="$class/text" bs=1 count=1 status=none
	expect_eq text "$(cat "$class/text")" "Hello from klab!"
}

# Read in pieces, it is the text of one moment.
test_text_is_read_in_pieces() {
	load "$module"
	put "$class/text" 0123456789
	succeeds dd if="$class/text" bs=3 status=none
	expect_eq text "$out" 0123456789
}

test_families_are_independent() {
	local name

	load "$module"
	for name in data1 data2 data3 item1 item2 item3; do
		expect_eq "first text" "$(cat "$class/$name")" \
			"not initialised $name"
		put "$class/$name" "this is $name"
	done
	for name in data1 data2 data3 item1 item2 item3; do
		expect_eq "$name" "$(cat "$class/$name")" "this is $name"
	done
}

test_errors_on_purpose() {
	load "$module"
	ls -l "$class/faulty" >/dev/null || fail "cannot be listed"
	expect_eq "read" "$(errno_of r "$class/faulty")" 'Input/output error'
	expect_eq "write" "$(errno_of w "$class/faulty" x)" 'Input/output error'
	put "$class/faulty_read_error" 28
	put "$class/faulty_write_error" 13
	expect_eq "read" "$(errno_of r "$class/faulty")" \
		'No space left on device'
	expect_eq "write" "$(errno_of w "$class/faulty" x)" \
		'Permission denied'
	put "$class/faulty_read_error" 0
	put "$class/faulty_write_error" 0
	put "$class/faulty" works
	expect_eq text "$(cat "$class/faulty")" works
	unload "$module"
}

# seq_file makes all that is before the position first, and gets the error there.
test_errors_behind_the_start() {
	load "$module"
	refused 'Input/output error' \
		dd if="$class/faulty" bs=1 skip=1 status=none
	# Of all errors, it would take this one for its own and never end.
	refused 'Invalid argument' put "$class/faulty_read_error" 11
	put "$class/faulty_read_error" 28
	refused 'No space left on device' \
		dd if="$class/faulty" bs=1 skip=1 status=none
	unload "$module"
}

# bad_number(file, text...) - each is refused, and what was there stays
bad_number() {
	local file=$1 before text

	before=$(cat "$file")
	shift
	for text; do
		refused 'Invalid argument|out of range' put "$file" "$text"
		expect_eq "$file after '$text'" "$(cat "$file")" "$before"
	done
}

test_bad_input_keeps_the_old_value() {
	load "$module"
	put "$set/object0/value" 7
	bad_number "$set/object0/value" x '' 1x '1 2' 1.5 0x 99999999999 \
		2147483648
	bad_number "$set/count" x '' -1 1025 '3 4' 4294967299
	bad_number "$class/faulty_read_error" x '' -5 512 EIO 99999999999 11
	bad_number "$class/faulty_write_error" x -1
}

test_zero_byte_in_a_number_is_refused() {
	local file

	load "$module"
	put "$set/object0/value" 7
	for file in "$set/object0/value" "$set/count" \
		    "$class"/faulty_{read,write}_error; do
		zero_byte_is_refused "$file" 5
	done
}

test_numbers_in_every_base() {
	load "$module"
	put "$set/object1/value" -0x10
	expect_eq value "$(cat "$set/object1/value")" -16
	put "$set/object1/value" 010
	expect_eq value "$(cat "$set/object1/value")" 8
}

test_devices_stand_below_each_other() {
	local dir=/sys/devices/virtual/klab-attr/klab-attr0

	load "$module" levels=4
	dir+=/klab-attr1/klab-attr2/klab-attr3
	expect_eq level "$(cat "$dir/place/level")" 3
	expect_eq above "$(cat "$dir/place/above")" klab-attr2
	[ ! -e "$class/klab-attr0/place/above" ] || fail "something above"
	expect_eq link "$(readlink -f "$class/klab-attr3")" "$dir"
	put "$dir/data" deep
	expect_eq data "$(cat "$class/klab-attr3/data")" deep
	expect_eq "other data" "$(cat "$class/klab-attr2/data")" \
		"not initialised data"
}

test_node_has_nothing_behind_it() {
	load "$module" levels=1
	expect_eq mode "$(stat -c %a:%F /dev/klab-attr0)" \
		"600:character special file"
	expect_eq number "$(stat -c %Hr:%Lr /dev/klab-attr0)" \
		"$(cat "$class/klab-attr0/dev")"
	expect_eq open "$("$HELPER" open r /dev/klab-attr0)" ENXIO
	unload "$module"
	[ ! -e /dev/klab-attr0 ] || fail "the node stays"
}

# Who reads at the event finds everything; also for objects made later.
test_attributes_are_there_before_the_event() {
	local i

	succeeds "$KLAB_HELPERS/attr_sys_event" klab-attr 8 data \
		"${modprobe[@]}" "$module" levels=8 objects=0
	defer rmmod "$module"
	for i in {0..7}; do
		expect_match "event $i" "$out" \
			"/klab-attr$i"$'\t'"not initialised data"$'\t'"$i"
	done
	succeeds "$KLAB_HELPERS/attr_sys_event" klab-attr 20 number \
		bash -c "echo 20 >$set/count"
	for i in {0..19}; do
		expect_match "event $i" "$out" \
			"/kernel/klab-attr/object$i"$'\t'"$i"$'\t'"-"
	done
}

# objects() - how many directories there are
objects() {
	find "$set" -mindepth 1 -maxdepth 1 -type d | wc -l
}

test_number_of_objects_is_a_file() {
	local count

	load "$module" objects=2
	expect_eq count "$(cat "$set/count")" 2
	for count in 0 1 17 1024 3; do
		put "$set/count" "$count"
		expect_eq count "$(cat "$set/count")" "$count"
		expect_eq directories "$(objects)" "$count"
	done
}

test_objects_that_stay_keep_their_values() {
	load "$module" objects=3
	put "$set/object1/value" 11
	put "$set/object2/value" 22
	put "$set/count" 2
	put "$set/count" 3
	expect_eq "one that stayed" "$(cat "$set/object1/value")" 11
	expect_eq "one that was made anew" "$(cat "$set/object2/value")" 0
}

test_writers_at_once() {
	local i

	load "$module"
	for i in 1 2 3 4; do
		for _ in {1..25}; do
			echo $((i * 5)) >"$set/count" || exit 1
		done &
	done
	wait -n && wait -n && wait -n && wait -n || fail "a writer failed"
	expect_match count "$(cat "$set/count")" '^(5|10|15|20)$'
	expect_eq directories "$(objects)" "$(cat "$set/count")"
}

# Files in /sys do not hold the module: it goes, and what is open says so.
test_unload_with_open_files() {
	local fd1 fd2 fd3 fd4

	load "$module"
	exec {fd1}<"$class/text" {fd2}<"$class/klab-attr2/data"
	exec {fd3}<"$set/object2/value" {fd4}<>"$set/count"
	unload "$module"
	for fd in "$fd1" "$fd2" "$fd3" "$fd4"; do
		out=$(cat <&"$fd" 2>&1) && fail "still readable: $out"
		expect_match "error" "$out" 'No such device'
	done
	out=$(echo 5 2>&1 >&"$fd4") && fail "still writable"
	exec {fd1}<&- {fd2}<&- {fd3}<&- {fd4}<&-
	expect_gone "$module"
	[ ! -e "$class" ] || fail "$class stays"
	[ ! -e "$set" ] || fail "$set stays"
}

# Readers and writers in every file, again and again, while it comes and goes.
test_unload_with_users_inside() {
	local pids=() i

	expedite_rcu
	for i in 1 2 3; do
		while :; do
			cat "$class"/* "$class"/*/data "$set"/*/value
			for file in "$class/text" "$set/object1/value"; do
				# Not made where there is none.
				[ ! -e "$file" ] || echo 1 >>"$file"
			done
			echo 9 >>"$set/count"
		done >/dev/null 2>&1 &
		pids+=($!)
	done
	defer kill "${pids[@]}"
	for i in {1..15}; do
		succeeds "${modprobe[@]}" "$module"
		within 30 rmmod "$module" || fail "cannot be unloaded"
	done
	expect_gone "$module"
}

# Defect of many examples: init says that all is well when something is not.
test_impossible_parameters_load_nothing() {
	local before

	load "$module"
	unload "$module"
	before=$(traces)
	refused 'Invalid argument' "${modprobe[@]}" "$module" levels=0
	refused 'Invalid argument' "${modprobe[@]}" "$module" levels=9
	refused 'Invalid argument' "${modprobe[@]}" "$module" objects=1025
	expect_gone "$module"
	expect_same "what there is" "$(traces)" "$before"
}

test_nothing_stays_after_unload() {
	local before

	before=$(traces)
	load "$module" levels=8 objects=100
	unload "$module"
	expect_same "what there is" "$(traces)" "$before"
}

add_test text_is_read_and_written
add_test text_is_written_by_tee
add_test text_too_long_is_refused
add_test zero_byte_is_refused
add_test text_is_read_in_pieces
add_test families_are_independent
add_test errors_on_purpose
add_test errors_behind_the_start
add_test bad_input_keeps_the_old_value
add_test zero_byte_in_a_number_is_refused
add_test numbers_in_every_base
add_test devices_stand_below_each_other
add_test node_has_nothing_behind_it
add_test attributes_are_there_before_the_event
add_test number_of_objects_is_a_file
add_test objects_that_stay_keep_their_values
add_test writers_at_once
add_test unload_with_open_files
add_test unload_with_users_inside
add_test impossible_parameters_load_nothing
add_test nothing_stays_after_unload
run_tests
