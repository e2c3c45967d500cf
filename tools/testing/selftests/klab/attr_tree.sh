#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# An integer at a path in /proc that is given at load: which paths are refused,
# that procfs is never asked for what it warns about, and what is left behind.

# shellcheck source=functions.sh disable=SC2154,SC2317
. "$(dirname "$0")/functions.sh"

require_root
require_command modprobe rmmod setpriv unshare
require_helper klab_helper
require_module klab_attr_tree

module=klab_attr_tree
file=/proc/klab-tree/room/value

put() {
	printf '%b' "$2" >"$1"
}

# in_proc() - all but processes
in_proc() {
	find /proc -maxdepth 3 -path '/proc/[0-9]*' -prune -o \
		-path '/proc/self' -prune -o -path '/proc/thread-self' -prune \
		-o -path '/proc/sys' -prune -o -print 2>/dev/null | sort
}

test_default_path() {
	load "$module"
	expect_eq value "$(<"$file")" 0
	expect_eq parameter \
		"$(</sys/module/"$module"/parameters/path)" klab-tree/room/value
	expect_eq mode "$(stat -c %a "$file")" 644
	expect_eq "mode of the directory" "$(stat -c %a /proc/klab-tree)" 555
}

# test_path(path)
test_path() {
	load "$module" path="$1" value=-7
	expect_eq value "$(<"/proc/$1")" -7
	succeeds put "/proc/$1" '12345\n'
	expect_eq value "$(<"/proc/$1")" 12345
	unload "$module"
	[ ! -e "/proc/$1" ] || fail "/proc/$1 is still there"
	[ ! -e "/proc/$(dirname "$1")" ] || fail "its directory is still there"
}

# test_refused(error, reason, path)
test_refused() {
	local before

	quiet_console
	before=$(in_proc)
	"$HELPER" load "$(module_file "$module")" "path=$3" >"$TMP/error" 2>&1
	expect_eq "error" "$(<"$TMP/error")" "$1"
	expect_gone "$module"
	expect_log "path=.*: $2"
	expect_same "what is in /proc" "$(in_proc)" "$before"
}

test_too_long_name() {
	test_refused EINVAL 'it is too long' "klab/$(printf '%0256d' 0)"
}

test_longest_name() {
	local name

	name=$(printf '%0250d' 0)
	load "$module" path="klab/$name"
	expect_eq value "$(<"/proc/klab/$name")" 0
}

# The caller may see another /proc, or none: that of the kernel counts.
test_existing_name_that_the_caller_cannot_see() {
	quiet_console
	# shellcheck disable=SC2016 # the inner shell expands it
	unshare --mount sh -c 'mount -t tmpfs none /proc &&
		"$1" load "$2" path=version/klab/value' sh "$HELPER" \
		"$(module_file "$module")" >"$TMP/error" 2>&1
	expect_eq "error" "$(<"$TMP/error")" EBUSY
	expect_gone "$module"
}

# To modprobe, EEXIST would mean that the module is loaded already.
test_modprobe_says_so() {
	quiet_console
	refused 'Device or resource busy' \
		"${modprobe[@]}" "$module" path=version/klab/value
	expect_gone "$module"
}

# test_taken_first(module, name) - the other one makes a directory that this one
# has made already
test_taken_first() {
	module_file "$1" >/dev/null || skip "no module $1"
	quiet_console
	load "$module" path="$2/room/value" value=3
	refused 'Device or resource busy' "${modprobe[@]}" "$1"
	expect_gone "$1"
	expect_log "/proc/$2 is there already"
	expect_no_log 'already registered'
	expect_eq value "$(<"/proc/$2/room/value")" 3
	unload "$module"
	load "$1"
}

test_escapes_in_the_log() {
	quiet_console
	"$HELPER" load "$(module_file "$module")" $'path=a/\e[2Jb' >/dev/null 2>&1
	expect_log 'path=a/\\(e|x1b|033)\[2Jb: it has a character'
}

# test_bad_value(text, message) - the old one stays
test_bad_value() {
	load "$module" value=7
	refused "$2" put "$file" "$1"
	expect_eq value "$(<"$file")" 7
}

test_bad_first_value() {
	refused 'Invalid' "${modprobe[@]}" "$module" value=many
	expect_gone "$module"
	[ ! -e /proc/klab-tree ] || fail "there is a directory"
}

test_pieces_make_the_whole() {
	load "$module" value=-12345
	expect_eq "by bytes" "$(dd if="$file" bs=1 2>/dev/null)" -12345
	expect_eq "from 3" "$(dd if="$file" bs=1 skip=3 2>/dev/null)" 345
}

test_nobody_may_read_and_not_write() {
	load "$module"
	succeeds "${nobody[@]}" cat "$file"
	refused 'Permission denied' "${nobody[@]}" sh -c "echo 1 >$file"
}

test_unload_with_open_files() {
	load "$module"
	exec 7<>"$file" 6</proc/klab-tree/room
	expect_eq users "$(users_of "$module")" 0
	unload "$module"
	refused 'Input/output error' bash -c 'cat <&7'
	refused 'Input/output error' bash -c 'echo 1 >&7'
	refused 'No such file' sh -c 'cat </proc/self/fd/7'
	expect_eq "names in the directory" "$(find /proc/self/fd/6/ -mindepth 1 | wc -l)" 0
	# A new one of the same name is another one.
	load "$module" value=3
	expect_eq value "$(<"$file")" 3
	refused 'Input/output error' sh -c 'cat <&7'
	exec 7<&- 6<&-
}

# A program whose working directory goes.
test_unload_under_a_working_directory() {
	load "$module"
	(
		cd /proc/klab-tree/room || exit 1
		rmmod "$module" || exit 1
		[ ! -e value ]
	) || fail "it was in the way"
	expect_gone "$module"
}

# Readers and writers on all CPUs, while the module comes and goes.
test_load_and_unload_while_used() {
	local i job jobs=()

	expedite_rcu
	for ((i = 0; i < 4; i++)); do
		until [ -e "$TMP/stop" ]; do
			cat "$file" && echo "$i" >"$file"
		done >/dev/null 2>&1 &
		jobs+=($!)
	done
	defer touch "$TMP/stop"
	for ((i = 0; i < 30; i++)); do
		succeeds "${modprobe[@]}" "$module"
		within 10 test -e "$file" || fail "no $file"
		unload "$module"
	done
	touch "$TMP/stop"
	for job in "${jobs[@]}"; do
		wait "$job"
	done
	[ ! -e /proc/klab-tree ] || fail "it is still there"
}

# No reader sees what nobody has written, or a part of it.
test_readers_and_writers() {
	local i n job jobs=()

	load "$module" value=-2147483648
	for ((i = 0; i < 3; i++)); do
		(
			for ((n = 0; n < 200; n++)); do
				[[ $(<"$file") =~ ^(-2147483648|7)$ ]] ||
					exit 1
			done
		) &
		jobs+=($!)
	done
	for ((i = 0; i < 200; i++)); do
		echo 7 >"$file"
		echo -2147483648 >"$file"
	done
	for job in "${jobs[@]}"; do
		wait "$job" || fail "a reader saw what nobody wrote"
	done
}

add_test default_path
add_test path_of_two_names test_path klab-one/value
add_test path_below_driver test_path driver/klab/value
add_test path_of_sixteen_names test_path klab/2/3/4/5/6/7/8/9/10/11/12/13/14/15/16
while IFS='|' read -r name error reason path; do
	add_test "refused_$name" test_refused "$error" "$reason" \
		"$(printf '%b' "$path")"
done <<'EOT'
empty|EINVAL|it is empty|
absolute|EINVAL|it has to be relative|/klab/value
no_directory|EINVAL|it has no directory|value
only_driver|EINVAL|it has no directory of its own|driver/value
slash_at_the_end|EINVAL|a name in it is empty|klab/
two_slashes|EINVAL|a name in it is empty|klab//value
dots|EINVAL|a name in it is . or ..|klab/../value
dot|EINVAL|a name in it is . or ..|./klab/value
process|EINVAL|it begins with a number|1/value
no_process|EINVAL|it begins with a number|123456789/value
control_character|EINVAL|it has a character|klab/va\x01lue
not_ascii|EINVAL|it has a character|klab/\xc3\xa9
too_deep|EINVAL|it is too deep|a/2/3/4/5/6/7/8/9/10/11/12/13/14/15/16/17
existing_file|EBUSY|its first directory is there already|version/klab/value
existing_directory|EBUSY|its first directory is there already|fs/klab/value
existing_link|EBUSY|its first directory is there already|self/klab/value
existing_sys|EBUSY|its first directory is there already|sys/klab/value
EOT
add_test too_long_name
add_test longest_name
add_test existing_name_that_the_caller_cannot_see
add_test modprobe_says_so
add_test taken_before_klab_attr_proc test_taken_first klab_attr_proc klab-proc
add_test taken_before_klab_attr_regulator \
	test_taken_first klab_attr_regulator klab-regulator
add_test escapes_in_the_log
while IFS='|' read -r name value message; do
	add_test "bad_value_$name" test_bad_value "$value" "$message"
done <<'EOT'
word|many\n|Invalid argument
trailing_text|5 apples\n|Invalid argument
hidden_by_zero_byte|5\0many|Invalid argument
too_large|2147483648\n|out of range
too_small|-2147483649\n|out of range
overlong|0000000000000000000000000000000000000000000005|Invalid argument
EOT
add_test bad_first_value
add_test pieces_make_the_whole
add_test nobody_may_read_and_not_write
add_test unload_with_open_files
add_test unload_under_a_working_directory
add_test load_and_unload_while_used
add_test readers_and_writers
run_tests
