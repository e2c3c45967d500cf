#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# /proc/klab-proc with everyday tools: each way of reading, what it costs in
# calls and copies, numbers from text, and unloading while files are open.

# shellcheck source=functions.sh disable=SC2154,SC2317
. "$(dirname "$0")/functions.sh"

require_root
require_command modprobe rmmod dd od cmp setpriv tail
require_helper klab_helper
require_module klab_attr_proc

module=klab_attr_proc
dir=/proc/klab-proc
numbers=$dir/numbers
klab=${KLAB_COMMAND:-klab}
ways="whole ended first open slice iter both single created seq"
text='alpha-0001 bravo-0002 charlie-003 delta-0004 echo-00005 end.'

# start() - the module with few records
start() {
	load "$module" records=10
}

put() {
	printf '%b' "$2" >"$1"
}

# sizes_of(way, size) - what reads of that size return, in one line
sizes_of() {
	"$klab" mcat --size "$2" "$dir/$1" |
		sed -n 's/^read \([0-9]*\) bytes.*/\1/p' | tr '\n' ' '
}

# counted(way) - calls, copies and bytes
counted() {
	awk -v way="$1" '$1 == way { print $2, $3, $4 }' "$dir/counters"
}

needs_klab() {
	command -v "$klab" >/dev/null || skip "no command klab"
}

test_same_text_from_all() {
	local way

	start
	for way in $ways text; do
		expect_eq "$way" "$(<"$dir/$way")" "$text"
		expect_eq "bytes of $way" "$(wc -c <"$dir/$way")" 61
	done
}

# test_pieces(size, what the reads return)
test_pieces() {
	local way

	needs_klab
	start
	for way in $ways; do
		expect_eq "$way" "$(sizes_of "$way" "$1")" "$2 "
		expect_eq "$way" "$(dd if="$dir/$way" bs="$1" 2>/dev/null)" \
			"$text"
	done
}

# One group a record: seq_file fills a read with several, up to its buffer.
test_position_is_honoured() {
	local way skip

	start
	for way in $ways; do
		for skip in 0 1 9 10 11 59 60 61 62; do
			expect_eq "$way from $skip" \
				"$(dd if="$dir/$way" bs=1 skip="$skip" \
					2>/dev/null)" "${text:skip}"
		done
	done
}

# What reads at the end and beyond say again and again: 0, and not the start.
test_end_stays_the_end() {
	local way fd

	start
	for way in $ways; do
		exec {fd}<"$dir/$way"
		cat <&"$fd" >/dev/null
		expect_eq "$way after its end" "$(cat <&"$fd" | wc -c)" 0
		expect_eq "$way after its end" "$(cat <&"$fd" | wc -c)" 0
		exec {fd}<&-
	done
}

# way, calls, copies, bytes for reads of 20 bytes
test_table_of_the_ways() {
	local way wanted

	needs_klab
	start
	succeeds put "$dir/counters" '0\n'
	for way in $ways; do
		"$klab" mcat --size 20 "$dir/$way" >/dev/null ||
			fail "cannot read $way"
	done
	while read -r way wanted; do
		expect_eq "calls, copies, bytes of $way" "$(counted "$way")" \
			"$wanted"
	done <<-EOT
		whole 5 5 305
		ended 5 4 244
		first 5 1 61
		open 5 1 61
		slice 5 4 61
		iter 5 4 61
		both 5 4 61
		single 1 1 61
		created 1 1 61
		seq 7 7 61
		both.proc_read 0 0 0
	EOT
}

test_counters_begin_anew() {
	start
	cat "$dir/whole" >/dev/null
	refused 'Invalid argument' put "$dir/counters" '1\n'
	expect_eq whole "$(counted whole)" "2 2 122"
	succeeds put "$dir/counters" '0\n'
	expect_eq whole "$(counted whole)" "0 0 0"
}

# The text of .proc_read is another one: nobody sees it.
test_read_iter_wins() {
	start
	expect_eq both "$(<"$dir/both")" "$text"
	expect_eq "calls of .proc_read" "$(counted both.proc_read)" "0 0 0"
	expect_match "calls of .proc_read_iter" "$(counted both)" '^[1-9]'
}

test_mcat_repeats_and_fails() {
	needs_klab
	start
	succeeds "$klab" mcat --size 61 --repeat 3 "$dir/slice"
	expect_eq "reads of the whole" \
		"$(grep -c '^read 61 bytes' <<<"$out")" 3
	run "$klab" mcat "$dir/none"
	expect_eq "status" "$status" 3
	expect_match "message" "$out" 'No such file'
	# A directory can be opened, and not read.
	run "$klab" mcat "$numbers"
	expect_eq "status" "$status" 3
	expect_match "message" "$out" 'Is a directory'
	succeeds "$klab" mcat --size 1000000 "$dir/slice"
}

test_tail_finds_the_end() {
	local way

	start
	for way in $ways; do
		expect_eq "$way" "$(tail -c 5 "$dir/$way")" "end."
	done
}

test_text_is_replaced_by_echo() {
	start
	succeeds put "$dir/text" 'new string\n'
	expect_eq text "$(<"$dir/text")" 'new string'
	expect_eq seq "$(<"$dir/seq")" 'new string'
	needs_klab
	expect_eq "pieces of 3" "$(sizes_of text 3)" "3 3 3 2 0 "
}

test_text_of_any_script() {
	start
	succeeds put "$dir/text" 'здравствуй, 世界\n'
	expect_eq text "$(<"$dir/text")" 'здравствуй, 世界'
}

# test_bad_text(message, command) - it stays what it was
test_bad_text() {
	start
	refused "$1" bash -c "$2"
	expect_eq text "$(<"$dir/text")" "$text"
}

# A reader in pieces gets the rest of what it has begun.
test_a_read_begun_stays_whole() {
	local way fd first

	start
	for way in $ways; do
		succeeds put "$dir/text" "$text\n"
		exec {fd}<"$dir/$way"
		first=$(dd bs=7 count=1 <&"$fd" 2>/dev/null)
		succeeds put "$dir/text" 'short\n'
		expect_eq "$way" "$first$(cat <&"$fd")" "$text"
		exec {fd}<&-
		expect_eq "$way opened again" "$(<"$dir/$way")" short
	done
}

test_nobody_may_read_and_not_write() {
	local file

	start
	for file in $ways text counters records numbers/int; do
		succeeds "${nobody[@]}" cat "$dir/$file"
	done
	for file in text counters records numbers/int; do
		refused 'Permission denied' \
			"${nobody[@]}" sh -c "echo 0 >$dir/$file"
	done
}

# test_number(file, text, what is read then)
test_number() {
	start
	succeeds put "$numbers/$1" "$2"
	expect_eq "$1" "$(<"$numbers/$1")" "$3"
}

# test_bad_number(file, text, message) - the old value stays
test_bad_number() {
	start
	succeeds put "$numbers/$1" 1
	refused "$3" put "$numbers/$1" "$2"
	expect_eq "$1" "$(<"$numbers/$1")" 1
}

test_position_of_a_write_says_nothing() {
	start
	exec {fd}<>"$numbers/int"
	echo 12 >&"$fd"
	echo 34 >&"$fd"
	expect_eq int "$(cat <&"$fd")" 34
	echo 5 >&"$fd"
	exec {fd}<&-
	expect_eq int "$(<"$numbers/int")" 5
}

test_lines_of_records() {
	start
	expect_eq "lines" "$(wc -l <"$dir/records")" 11
	expect_eq "first lines" "$(head -n 3 "$dir/records")" \
		$'id\thash\n0\t00000000\n1\t61c88647'
	expect_eq "by bytes" "$(dd if="$dir/records" bs=1 2>/dev/null | cksum)" \
		"$(cksum <"$dir/records")"
}

test_a_million_records() {
	load "$module"
	expect_eq "parameter" \
		"$(</sys/module/"$module"/parameters/records)" 1000000
	awk 'NR > 1 && $1 != NR - 2 { bad++ }
		END { print NR, bad + 0, $1 }' "$dir/records" >"$TMP/walk"
	expect_eq "lines, wrong ones, the last one" "$(<"$TMP/walk")" \
		"1000001 0 999999"
}

test_records_come_and_go() {
	start
	succeeds put "$dir/records" '-3\n'
	succeeds put "$dir/records" '+16777215\n'
	refused 'File exists' put "$dir/records" '+16777215\n'
	refused 'No such file' put "$dir/records" '-3\n'
	refused 'out of range' put "$dir/records" '+16777216\n'
	refused 'Invalid argument' put "$dir/records" '5\n'
	expect_eq "lines" "$(wc -l <"$dir/records")" 11
	expect_eq "last" "$(tail -n 1 "$dir/records" | cut -f 1)" 16777215
	! grep -q '^3' "$dir/records" || fail "3 is there"
}

# Those that stay are seen once each by a reader that takes its time.
test_walk_over_records_that_change() {
	local i job

	load "$module" records=4000
	(
		for ((i = 1; i < 4000; i += 2)); do
			echo "-$i" >"$dir/records"
			echo "+$((i + 100000))" >"$dir/records"
		done
	) &
	job=$!
	for ((i = 0; i < 20; i++)); do
		dd if="$dir/records" bs=100 2>/dev/null >"$TMP/walk"
		awk 'NR > 1 && $1 < 4000 && $1 % 2 == 0 { n++ }
			NR > 2 && $1 <= last { bad = 1 }
			{ last = $1 }
			END { exit n != 2000 || bad }' "$TMP/walk" ||
			fail "a record is missing or comes twice"
	done
	wait "$job"
	expect_eq "lines" "$(wc -l <"$dir/records")" 4001
}

# is_walking(pid) - it has the records as its standard input, and does not yet
# have the position that it seeks
is_walking() {
	local pos

	[ "/proc/$1/fd/0" -ef "$dir/records" ] &&
		read -r _ pos 2>/dev/null <"/proc/$1/fdinfo/0" &&
		[ "$pos" = 0 ]
}

not() {
	! "$@"
}

# The walk over all that is before a position lets others come in between, and
# ends when its reader is killed.
test_far_reads_keep_nobody_waiting() {
	local pid i

	load "$module" records=16777216
	dd if="$dir/records" of=/dev/null bs=1 skip=1T count=1 2>/dev/null &
	pid=$!
	within 10 is_walking "$pid" || fail "nobody reads"
	for i in 1 2 3; do
		echo -7 >"$dir/records"
		echo +7 >"$dir/records"
	done
	is_walking "$pid" || fail "the reader was waited for"
	kill -9 "$pid"
	within 10 not is_walking "$pid" || fail "the reader cannot be killed"
	wait "$pid" 2>/dev/null
	succeeds put "$dir/records" '-7\n'
}

test_too_many_records() {
	quiet_console
	refused 'Invalid' "${modprobe[@]}" "$module" records=16777217
	expect_gone "$module"
	[ ! -e "$dir" ] || fail "$dir is there"
	expect_log 'records=16777217: more than 16777216'
}

test_no_records() {
	load "$module" records=0
	expect_eq records "$(<"$dir/records")" $'id\thash'
}

# An open file of /proc does not keep the module; it is closed by the removal.
test_unload_with_open_files() {
	local way fd fds=()

	start
	for way in $ways text counters records numbers/int; do
		exec {fd}<"$dir/$way"
		dd bs=7 count=1 <&"$fd" >/dev/null 2>&1
		fds+=("$fd")
	done
	expect_eq users "$(users_of "$module")" 0
	unload "$module"
	for fd in "${fds[@]}"; do
		refused 'Input/output error' bash -c "cat <&$fd"
		# To open it again by the descriptor finds that it is gone.
		refused 'No such file' bash -c "cat </proc/self/fd/$fd"
	done
	for fd in "${fds[@]}"; do
		exec {fd}<&-
	done
	[ ! -e "$dir" ] || fail "$dir is still there"
}

# has_read(pid) - some of the records, its standard input
has_read() {
	local pos

	[ "/proc/$1/fd/0" -ef "$dir/records" ] &&
		read -r _ pos 2>/dev/null <"/proc/$1/fdinfo/0" &&
		[ "$pos" -gt 0 ]
}

test_killed_reader_keeps_nothing() {
	local pid

	load "$module"
	dd if="$dir/records" of=/dev/null bs=1 2>/dev/null &
	pid=$!
	within 10 has_read "$pid" || fail "nobody reads"
	kill -9 "$pid"
	wait "$pid" 2>/dev/null
	expect_eq "status of the reader" "$?" 137
	succeeds timeout 10 sh -c "echo -7 >$dir/records"
	unload "$module"
}

test_nothing_left_after_unload() {
	local before i

	expedite_rcu
	start
	unload "$module"
	before=$(traces)
	for ((i = 0; i < 5; i++)); do
		succeeds "${modprobe[@]}" "$module" records=5000
		cat "$dir/seq" "$dir/records" >/dev/null
		unload "$module"
	done
	expect_same "what there is" "$(traces)" "$before"
}

# What a module may call is more than is exported: what a header has, too.
test_api_is_exports_and_headers() {
	needs_klab
	[ -r "/lib/modules/$(uname -r)/build/Module.symvers" ] ||
		skip "no Module.symvers of this kernel"
	succeeds "$klab" symbols --tsv proc_create_single_data
	expect_match "function" "$out" 'EXPORT_SYMBOL'
	succeeds "$klab" symbols --tsv proc_create_reg
	[[ $out != *EXPORT_SYMBOL* ]] || fail "proc_create_reg is exported"
	# A macro of the header, which nothing but the header has.
	run "$klab" symbols proc_create_single
	expect_eq "status for a macro" "$status" 1
}

add_test same_text_from_all
add_test pieces_of_1 test_pieces 1 "$(printf '1 %.0s' {1..61})0"
add_test pieces_of_5 test_pieces 5 "5 5 5 5 5 5 5 5 5 5 5 5 1 0"
add_test pieces_of_10 test_pieces 10 "10 10 10 10 10 10 1 0"
add_test pieces_of_20 test_pieces 20 "20 20 20 1 0"
add_test pieces_of_61 test_pieces 61 "61 0"
add_test pieces_of_80 test_pieces 80 "61 0"
add_test pieces_of_131072 test_pieces 131072 "61 0"
add_test position_is_honoured
add_test end_stays_the_end
add_test table_of_the_ways
add_test counters_begin_anew
add_test read_iter_wins
add_test mcat_repeats_and_fails
add_test tail_finds_the_end
add_test text_is_replaced_by_echo
add_test text_of_any_script
add_test text_too_long test_bad_text 'too long' "printf '%0161d' 0 >$dir/text"
add_test text_with_zero_byte test_bad_text 'Invalid argument' \
	"printf 'a\\0b' >$dir/text"
add_test a_read_begun_stays_whole
add_test nobody_may_read_and_not_write
while IFS='|' read -r name file value shown; do
	add_test "number_$name" test_number "$file" "$value" "$shown"
done <<EOT
int|int|-999\n|-999
int_base_16|int|0xff|255
int_base_8|int|010|8
uint|uint|4294967295|4294967295
s64|s64|-9223372036854775808|-9223372036854775808
u64|u64|18446744073709551615|18446744073709551615
bool|bool|on\n|1
percent|percent|007\n|7
size|size|2G\n|2147483648
EOT
while IFS='|' read -r name file value message; do
	add_test "bad_number_$name" test_bad_number "$file" "$value" "$message"
done <<EOT
word|int|garbage\n|Invalid argument
empty_line|int|\n|Invalid argument
trailing_text|int|5 apples\n|Invalid argument
hidden_by_zero_byte|int|5\0garbage|Invalid argument
overlong|int|$(printf '%0100d' 1)|Invalid argument
binary|int|\xff\xfe\x80|Invalid argument
int_too_large|int|2147483648|out of range
int_too_small|int|-2147483649|out of range
uint_negative|uint|-1|Invalid argument
u64_too_large|u64|18446744073709551616|out of range
bool_like_yes|bool|yellow|Invalid argument
percent_too_large|percent|101|out of range
size_too_large|size|99999999999T|out of range
size_two_suffixes|size|1KK|Invalid argument
EOT
add_test position_of_a_write_says_nothing
add_test lines_of_records
add_test a_million_records
add_test records_come_and_go
add_test walk_over_records_that_change
add_test far_reads_keep_nobody_waiting
add_test too_many_records
add_test no_records
add_test unload_with_open_files
add_test killed_reader_keeps_nothing
add_test nothing_left_after_unload
add_test api_is_exports_and_headers
run_tests
