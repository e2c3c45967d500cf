#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Module parameters of every kind: what they are without being told, what they
# take at load time and through sysfs, and what they refuse.

# shellcheck source=functions.sh disable=SC2154,SC2317
. "$(dirname "$0")/functions.sh"

module=klab_basics_params
parameters=/sys/module/$module/parameters

require_root
require_command insmod modprobe rmmod setpriv
require_module "$module"
keep_core

# name, mode, value without being told, value to set, value then shown
kinds=(
	"iparam 444 0 3 3"
	"nparam 444 0 4 4"
	"bparam 444 N 1 Y"
	"sparam 644 (null) str1 str1"
	"cparam 644 - str2 str2"
	"aparam 644 0,0,0,0,0 5,4,3 5,4,3"
	"pair_param 0 -1,-1 128 128"
	"hidden_param 0 blah hush hush"
	"bool_param 644 N on Y"
	"latch_param 644 N 1 Y"
	"bint_param 644 0 y 1"
	"byte_param 644 0 255 255"
	"short_param 660 1 -32768 -32768"
	"ushort_param 644 0 65535 65535"
	"int_param 644 420 0x80 128"
	"uint_param 644 0 4294967295 4294967295"
	"hexint_param 644 0x000000 0xdeadbeef 0xdeadbeef"
	"long_param 400 9999 -1 -1"
	"ulong_param 444 0 4294967295 4294967295"
	"ullong_param 644 0 18446744073709551615 18446744073709551615"
	"range_param 644 10 100 100"
	"choice_param 644 normal fast fast"
)

value() {
	cat "$parameters/$1"
}

# put(parameter, text) - the text as one write, without a newline
put() {
	printf %s "$2" >"$parameters/$1"
}

# expect_value(parameter, mode, value) - in sysfs and in the experiment
expect_value() {
	local value=${3/#-/}

	[ "$3" = - ] || value=$3
	if [ "$2" = 0 ]; then
		[ ! -e "$parameters/$1" ] || fail "$1 is in sysfs"
	else
		expect_eq "$1 in sysfs" "$(value "$1")" "$value"
		expect_eq "mode of $1" \
			"$(stat -c %a "$parameters/$1")" "$2"
	fi
	expect_eq "$1 in the experiment" "$(cell "$1" value)" "$value"
	expect_eq "mode of $1 in the experiment" \
		"$(cell "$1" mode)" "$(printf '%04o' "0$2")"
}

test_default() {
	load "$module"
	experiment basics/params
	expect_value "$1" "$2" "$3"
}

test_set_at_load() {
	load "$module" "$1=$4"
	experiment basics/params
	expect_value "$1" "$2" "$5"
}

test_all_at_once() {
	local kind name given shown _
	local args=()

	for kind in "${kinds[@]}"; do
		read -r name _ _ given _ <<<"$kind"
		args+=("$name=$given")
	done
	load "$module" "${args[@]}"
	experiment basics/params
	for kind in "${kinds[@]}"; do
		read -r name _ _ _ shown <<<"$kind"
		expect_eq "$name" "$(cell "$name" value)" "$shown"
	done
	expect_eq "rows" "$(grep -cv '^#' <<<"$out")" $((${#kinds[@]} + 1))
}

# Writes what the table has to the parameters that can be written.
test_set_by_sysfs() {
	load "$module"
	succeeds put "$1" "$4"
	experiment basics/params
	expect_value "$1" "$2" "$5"
}

# test_refused_at_load(what the log says, message of the tool, parameter...)
test_refused_at_load() {
	local log=$1 message=$2

	shift 2
	defer rmmod "$module"
	refused "$message" "${modprobe[@]}" "$module" "$@"
	expect_gone "$module"
	expect_log "$log"
}

test_refused_by_sysfs() {
	local before

	load "$module"
	before=$(value "$1")
	refused "$3" put "$1" "$2"
	expect_eq "$1" "$(value "$1")" "$before"
}

# The elements before the wrong one are stored: so it is for every array.
test_array_refused_by_sysfs() {
	load "$module" aparam=5,4,3
	refused 'Invalid argument' put aparam 9,x,7
	expect_eq "aparam" "$(value aparam)" 9
	refused 'Invalid argument' put aparam 1,2,3,4,5,6
	expect_eq "aparam" "$(value aparam)" 1,2,3,4,5
	expect_log 'aparam: can only take 5 arguments'
}

test_latch_stays_on() {
	load "$module"
	succeeds put latch_param 1
	refused 'Read-only file system' put latch_param 0
	expect_eq "latch_param" "$(value latch_param)" Y
}

test_unknown_is_only_warned_about() {
	load "$module" colour=blue iparam=3
	expect_log "unknown parameter 'colour' ignored"
	expect_eq "iparam" "$(value iparam)" 3
}

test_bare_bool_means_yes() {
	load "$module" bool_param
	expect_eq "bool_param" "$(value bool_param)" Y
}

test_quoted_text_keeps_its_spaces() {
	load "$module" 'sparam="two words"'
	expect_eq "sparam" "$(value sparam)" "two words"
}

# What users store is escaped in the table, once.
test_text_cannot_break_the_table() {
	load "$module"
	succeeds put sparam $'a\tb\x01'
	experiment basics/params
	expect_eq "sparam" "$(cell sparam value)" 'a\tb\x01'
}

# A text is copied, so that it serves code that stays (and is freed with the
# next one): memory that the loader had is gone by then.
test_text_stays_after_init() {
	local i

	load "$module" sparam=stays
	for ((i = 0; i < 10; i++)); do
		experiment basics/params
		expect_eq "sparam" "$(cell sparam value)" stays
	done
	for ((i = 0; i < 100; i++)); do
		succeeds put sparam "$(printf '%*s' $((i * 10 + 1)) x)"
	done
	unload "$module"
}

test_read_only_for_root_too() {
	load "$module"
	refused 'Permission denied' put iparam 5
	expect_eq "iparam" "$(value iparam)" 0
}

test_nobody_cannot_write() {
	load "$module"
	refused 'Permission denied' "${nobody[@]}" \
		sh -c "echo 5 >$parameters/int_param"
	refused 'Permission denied' "${nobody[@]}" cat "$parameters/long_param"
	refused 'Permission denied' "${nobody[@]}" cat "$parameters/short_param"
	succeeds "${nobody[@]}" cat "$parameters/int_param"
}

test_modinfo_describes_each() {
	local kind name _

	succeeds modinfo -F parm "$(module_file "$module")"
	for kind in "${kinds[@]}"; do
		read -r name _ <<<"$kind"
		grep -q "^$name:..* (.*)$" <<<"$out" ||
			fail "no description and type of $name"
	done
}

for kind in "${kinds[@]}"; do
	read -r name mode default given shown <<<"$kind"
	row=("$name" "$mode" "$default" "$given" "$shown")
	add_test "default_of_$name" test_default "${row[@]}"
	add_test "set_at_load_$name" test_set_at_load "${row[@]}"
	[ $((0$mode & 0200)) -eq 0 ] ||
		add_test "set_by_sysfs_$name" test_set_by_sysfs "${row[@]}"
done
add_test all_at_once

long=$(printf '%01025d' 0)
invalid='Invalid argument'
range='Numerical result out of range'
while IFS='|' read -r name log message args; do
	# shellcheck disable=SC2086 # several parameters, separated by spaces
	add_test "refused_at_load_$name" test_refused_at_load "$log" \
		"$message" $args
done <<EOT
text_for_int|\`abc' invalid for parameter \`iparam'|$invalid|iparam=abc
int_too_large|for parameter \`iparam'|$range|iparam=2147483648
byte_too_large|for parameter \`byte_param'|$range|byte_param=256
minus_for_unsigned|invalid for parameter \`ushort_param'|$invalid|ushort_param=-1
six_for_array_of_five|aparam: can only take 5 arguments|$invalid|aparam=1,2,3,4,5,6
text_in_array|invalid for parameter \`aparam'|$invalid|aparam=1,x,3
string_too_long|cparam: string doesn't fit in 4 chars|No space left on device|cparam=ninechars
charp_too_long|sparam: string parameter too long|No space left on device|sparam=$long
bare_invbool|invalid for parameter \`bparam'|$invalid|bparam
bare_int|invalid for parameter \`iparam'|$invalid|iparam
no_bool|invalid for parameter \`bool_param'|$invalid|bool_param=maybe
below_range|for parameter \`range_param'|$invalid|range_param=0
above_range|for parameter \`range_param'|$invalid|range_param=101
no_choice|invalid for parameter \`choice_param'|$invalid|choice_param=sideways
one_of_several|invalid for parameter \`iparam'|$invalid|int_param=1 iparam=x nparam=2
EOT

while IFS='|' read -r name parameter text message; do
	add_test "refused_by_sysfs_$name" test_refused_by_sysfs \
		"$parameter" "$text" "$message"
done <<EOT
text_for_int|int_param|abc|Invalid argument
int_too_large|int_param|2147483648|$range
byte_too_large|byte_param|256|$range
minus_for_unsigned|uint_param|-1|Invalid argument
string_too_long|cparam|12345|No space left on device
charp_too_long|sparam|$long|No space left on device
no_bool|bool_param|maybe|Invalid argument
above_range|range_param|101|Invalid argument
no_choice|choice_param|sideways|Invalid argument
EOT

add_test array_refused_by_sysfs
add_test latch_stays_on
add_test unknown_is_only_warned_about
add_test bare_bool_means_yes
add_test quoted_text_keeps_its_spaces
add_test text_cannot_break_the_table
add_test text_stays_after_init
add_test read_only_for_root_too
add_test nobody_cannot_write
add_test modinfo_describes_each
run_tests
