#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Channels from a configuration file: what lines make, what a channel keeps,
# what happens when the file is read again, and when it is wrong.

# shellcheck source=functions.sh disable=SC2154,SC2317
. "$(dirname "$0")/functions.sh"

require_root
require_command modprobe rmmod cmp dd head setpriv tail timeout
require_helper klab_helper
require_module klab_chardev_channels

module=klab_chardev_channels
class=/sys/class/klab-chan
reload=$class/reload
config=$TMP/channels.conf

# configure(line...) - what the file says from now on
configure() {
	rm -f "$config"
	printf '%s\n' "$@" >"$config"
}

# start(line...) - the module with this configuration
start() {
	configure "$@"
	load "$module" path="$config"
}

# read_again(line...) - the same while it is loaded
read_again() {
	configure "$@"
	succeeds again
}

ask() {
	echo "$1" >"$reload"
}

# again() - has the file read again
again() {
	ask 1
}

test_line_makes_a_node() {
	start chan=dev123
	[ -c /dev/dev123 ] || fail "no node"
	expect_eq mode "$(stat -c %a /dev/dev123)" 600
	echo "Hello, world!" >/dev/dev123
	succeeds cat /dev/dev123
	expect_eq text "$out" "Hello, world!"
	expect_eq size "$(<"$class/dev123/size")" 65536
	expect_eq used "$(<"$class/dev123/used")" 14
}

test_any_number_of_channels() {
	local lines=() i

	for i in {1..64}; do
		lines+=("chan=klab-many$i size=10")
	done
	start "${lines[@]}"
	for i in {1..64}; do
		echo "$i" >"/dev/klab-many$i"
	done
	for i in {1..64}; do
		expect_eq "text of $i" "$(<"/dev/klab-many$i")" "$i"
	done
	unload "$module"
	[ ! -e /dev/klab-many1 ] || fail "a node is left"
}

# As it should be for every device, whatever its driver says about ends.
test_three_reads_are_identical() {
	start chan=dev123
	head -c 10000 /dev/urandom >"$TMP/data"
	cp "$TMP/data" /dev/dev123
	for _ in 1 2 3; do
		cmp "$TMP/data" /dev/dev123 || fail "what is read differs"
	done
	# Parts, short reads, places, ends; and cat after each is as before.
	dd if=/dev/dev123 of="$TMP/copy" bs=7 status=none
	cmp "$TMP/data" "$TMP/copy" || fail "in pieces of 7"
	cmp <(tail -c +5001 "$TMP/data") <(tail -c +5001 /dev/dev123) ||
		fail "from the middle"
	expect_eq "what tail finds" "$(tail -c 99 /dev/dev123 | cksum)" \
		"$(tail -c 99 "$TMP/data" | cksum)"
	dd if=/dev/dev123 of="$TMP/copy" bs=1000 skip=9 count=5 status=none
	expect_eq "bytes at the end" "$(wc -c <"$TMP/copy")" 1000
	dd if=/dev/dev123 of="$TMP/copy" bs=1000 skip=10 status=none
	expect_eq "bytes behind the end" "$(wc -c <"$TMP/copy")" 0
	cmp "$TMP/data" /dev/dev123 || fail "the last read differs"
}

test_parallel_readers_see_the_same() {
	local pids=() pid

	start chan=dev123
	head -c 60000 /dev/urandom >"$TMP/data"
	cp "$TMP/data" /dev/dev123
	for _ in 1 2 3 4 5 6 7 8; do
		cmp "$TMP/data" /dev/dev123 &
		pids+=($!)
	done
	for pid in "${pids[@]}"; do
		wait "$pid" || fail "one of the readers saw something else"
	done
}

# Who shares a descriptor does not write over what the others write.
test_writers_by_one_descriptor() {
	local pids=() fd pid

	start chan=dev123
	exec {fd}>/dev/dev123
	for _ in 1 2 3 4; do
		for _ in {1..200}; do
			printf x >&"$fd" || exit 1
		done &
		pids+=($!)
	done
	exec {fd}>&-
	for pid in "${pids[@]}"; do
		wait "$pid" || fail "a writer failed"
	done
	expect_eq used "$(<"$class/dev123/used")" 800
}

test_own_module_file() {
	local file

	file=$(module_file "$module")
	start "chan=dev123 size=16777216"
	cp "$file" /dev/dev123
	cmp "$file" /dev/dev123 || fail "the copy differs"
}

# Without a buffer of the program's, to the device, from it, and between two.
test_splice() {
	start chan=klab-one chan=klab-two
	head -c 60001 /dev/urandom >"$TMP/data"
	: >"$TMP/copy"
	succeeds "$HELPER" sendfile "$TMP/data" /dev/klab-one
	cmp "$TMP/data" /dev/klab-one || fail "what was sent differs"
	succeeds "$HELPER" sendfile /dev/klab-one /dev/klab-two
	succeeds "$HELPER" sendfile /dev/klab-two "$TMP/copy"
	cmp "$TMP/data" "$TMP/copy" || fail "what comes back differs"
}

test_shell_redirections() {
	start chan=dev123
	echo "a long first line" >/dev/dev123
	echo short >/dev/dev123
	expect_eq "after >" "$(</dev/dev123)" short
	echo more >>/dev/dev123
	expect_eq "after >>" "$(</dev/dev123)" short$'\n'more
	: >/dev/dev123
	expect_eq "after nothing" "$(</dev/dev123)" ""
	printf 'abcdef' >/dev/dev123
	printf 'XY' | dd of=/dev/dev123 bs=1 seek=2 conv=notrunc status=none
	expect_eq "after a write to the middle" "$(</dev/dev123)" abXYef
	printf 'z' | dd of=/dev/dev123 bs=1 seek=8 conv=notrunc status=none
	expect_eq "with a gap" "$(tr '\0' . </dev/dev123)" abXYef..z
}

test_no_more_than_its_size() {
	start "chan=dev123 size=100"
	head -c 1000 /dev/zero >"$TMP/data"
	refused 'No space left' dd if="$TMP/data" of=/dev/dev123 bs=1000
	expect_eq used "$(<"$class/dev123/used")" 100
	echo ok >/dev/dev123 || fail "it cannot be used again"
}

test_channels_are_separate() {
	start "# two of them" "chan=klab-one" "" "  chan=klab-two size=99 # 2"
	echo 1 >/dev/klab-one
	echo 2 >/dev/klab-two
	expect_eq "text of one" "$(</dev/klab-one)" 1
	expect_eq "text of two" "$(</dev/klab-two)" 2
	expect_eq "size of two" "$(<"$class/klab-two/size")" 99
}

test_reload_keeps_what_stays() {
	start chan=klab-goes chan=klab-stays
	echo kept >/dev/klab-stays
	read_again "chan=klab-stays size=3" chan=klab-new
	[ ! -e /dev/klab-goes ] || fail "the old node is there"
	[ -c /dev/klab-new ] || fail "the new node is not there"
	expect_eq text "$(</dev/klab-stays)" kept
	expect_eq size "$(<"$class/klab-stays/size")" 3
	refused 'No space left' dd if=/dev/zero of=/dev/klab-stays bs=1 seek=3 \
		count=1 conv=notrunc
}

# What is open goes on, and is gone with the last close.
test_reload_leaves_open_files_valid() {
	start chan=klab-goes chan=klab-stays
	exec {fd}<>/dev/klab-goes
	echo before >&"$fd"
	read_again chan=klab-stays
	[ ! -e /dev/klab-goes ] || fail "the node is there"
	echo after >&"$fd"
	expect_eq "users" "$(users_of "$module")" 2
	refused 'in use' rmmod "$module"
	# The same name again is another channel.
	read_again chan=klab-stays chan=klab-goes
	expect_eq "text of the new one" "$(</dev/klab-goes)" ""
	echo still >&"$fd"
	exec {fd}>&-
	expect_eq "users" "$(users_of "$module")" 0
	unload "$module"
}

# wrong(message, line...) - such a file is refused, and the old one stays
wrong() {
	local message=$1

	shift
	configure "$@"
	refused 'Invalid argument' again
	expect_log "channels.conf:$message"
	[ ! -e /dev/klab-bad ] || fail "a channel of the bad file is there"
	expect_eq text "$(</dev/klab-old)" kept
}

test_bad_lines_are_named() {
	quiet_console
	start chan=klab-old
	echo kept >/dev/klab-old
	wrong '2: a line that does not begin with chan=' chan=klab-bad what
	wrong '1: no name' chan=
	wrong '3: a name that there was before' \
		chan=klab-bad '#' chan=klab-bad
	wrong '1: a name with other characters' chan=klab/bad
	wrong '1: a name that does not begin' chan=..
	wrong '1: a name longer than 31' \
		chan=a2345678901234567890123456789012
	wrong '2: a size that is no number' '' 'chan=klab-bad size=x'
	wrong '1: something else' 'chan=klab-bad mode=0666'
	wrong '65: more than 64' "$(printf 'chan=x%s\n' {1..65})"
}

test_bad_file_is_refused_at_load() {
	quiet_console
	configure chan=klab-good 'chan=klab-bad size=0'
	refused 'Invalid argument' "${modprobe[@]}" "$module" path="$config"
	expect_log 'channels.conf:2: a size that is no number'
	expect_gone "$module"
	[ ! -e /dev/klab-good ] || fail "a node is left"
	refused 'Invalid argument' "${modprobe[@]}" "$module" path=relative
	# modprobe has its own idea of what ENOENT means.
	refused 'No such file|Unknown symbol' \
		"${modprobe[@]}" "$module" path="$TMP/nothing"
	refused 'Invalid argument' "${modprobe[@]}" "$module" path="$TMP"
	expect_gone "$module"
}

test_files_that_are_none() {
	quiet_console
	start chan=klab-old
	: >"$config"
	refused 'Invalid argument' again
	head -c 65537 /dev/zero | tr '\0' '#' >"$config"
	refused 'File too large' again
	printf 'chan=klab-a\0\n' >"$config"
	refused 'Invalid argument' again
	expect_log 'channels.conf:1: a NUL'
	# As long as it may be.
	head -c 65522 /dev/zero | tr '\0' '#' >"$config"
	printf '\nchan=klab-old' >>"$config"
	succeeds again
	# Nobody writes to it: who opens it to read would wait, and holds its lock.
	rm "$config"
	mkfifo "$config"
	refused 'Invalid argument' timeout "$bound" bash -c "echo 1 >$reload"
	[ -c /dev/klab-old ] || fail "the old channel is gone"
}

# To open a device is to have it do something.
test_device_is_not_opened() {
	quiet_console
	start chan=klab-old
	load klab_chardev_register
	rm "$config"
	ln -s /dev/klab-register0 "$config"
	refused 'Invalid argument' again
	expect_eq "times opened" \
		"$(</sys/class/klab-register/klab-register0/opened)" 0
}

# A file that is being written is not read.
test_file_that_is_being_written() {
	quiet_console
	start chan=klab-old
	exec {fd}>>"$config"
	refused 'Text file busy' again
	echo "chan=klab-new" >&"$fd"
	exec {fd}>&-
	again
	[ -c /dev/klab-new ] || fail "the new channel is not there"
}

# Of two devices with one name, one would have no node.
test_name_that_is_taken() {
	quiet_console
	start chan=klab-old
	configure chan=klab-old chan=klab-new chan=null
	refused 'Device or resource busy' again
	expect_log 'channels.conf:3: a name that is there'
	[ ! -e /dev/klab-new ] || fail "a channel of the bad file is there"
	[ -c /dev/klab-old ] || fail "the old channel is gone"
	expect_eq "number of /dev/null" "$(stat -c %t:%T /dev/null)" 1:3
}

# In the directory of the class there is a file already.
test_name_of_the_file_of_the_class() {
	quiet_console
	start chan=klab-old
	configure chan=klab-old chan=reload
	refused 'Invalid argument' again
	expect_log 'channels.conf:2: the name of the file'
	expect_no_log 'duplicate filename'
	[ -c /dev/klab-old ] || fail "the old channel is gone"
}

test_modprobe_refuses_a_name_that_is_taken() {
	quiet_console
	configure chan=klab-new chan=null
	refused 'Device or resource busy' \
		"${modprobe[@]}" "$module" path="$config"
	expect_gone "$module"
	[ ! -e /dev/klab-new ] || fail "a channel of the bad file is there"
}

test_share_of_the_memory() {
	quiet_console
	start chan=klab-old
	printf 'chan=klab-a%s size=16777216\n' {1..63} >"$config"
	[ "$(awk '/MemTotal/ { print $2 }' /proc/meminfo)" -lt 16000000 ] ||
		skip "this machine has memory for all channels there can be"
	refused 'annot allocate memory' again
	expect_log 'more than 1/16 of the memory'
	[ -c /dev/klab-old ] || fail "the old channel is gone"
}

test_request_that_is_none() {
	local request

	start chan=klab-old
	configure chan=klab-new
	for request in 0 what yellow 12 on; do
		refused 'Invalid argument' ask "$request"
	done
	refused 'Invalid argument' put_hidden "$reload" 1
	refused 'Permission denied' cat "$reload"
	[ -c /dev/klab-old ] || fail "the channel is gone"
}

test_no_file_no_channels() {
	load "$module"
	expect_eq "channels" "$(find "$class/" -type l)" ""
	refused 'No such file' again
}

# The capability of who writes counts, not who has opened the file.
test_reload_needs_the_capability() {
	start chan=klab-old
	exec {fd}>"$reload"
	refused 'Operation not permitted' setpriv --bounding-set=-all \
		--inh-caps=-all bash -c "echo 1 >&$fd"
	exec {fd}>&-
	cp "$HELPER" "$TMP/helper" && chmod 755 "$TMP/helper"
	! "${nobody[@]}" "$TMP/helper" open w "$reload" >/dev/null ||
		fail "nobody can open it"
}

test_mode_of_nodes() {
	configure chan=dev123
	load "$module" path="$config" node_mode=0640
	expect_eq mode "$(stat -c %a /dev/dev123)" 640
	expect_eq parameter \
		"$(<"/sys/module/$module/parameters/node_mode")" 0640
	unload "$module"
	refused 'Invalid argument|umerical result' \
		"${modprobe[@]}" "$module" node_mode=0777
}

test_open_node_keeps_the_module() {
	start chan=dev123
	exec {fd}</dev/dev123
	refused 'in use' rmmod "$module"
	exec {fd}<&-
	unload "$module"
}

unused() {
	[ "$(users_of "$module")" -eq 0 ]
}

# write_for_ever(channel) - by a program that does not fork
write_for_ever() {
	(
		exec {fd}<>"/dev/$1"
		while :; do
			printf %100s '' >&"$fd"
		done
	) 2>/dev/null &
	pids+=($!)
	defer kill -9 $!
}

# read_for_ever(channel) - the same
read_for_ever() {
	(
		exec {fd}<"/dev/$1"
		while :; do
			read -r -N 100 -u "$fd"
		done
	) 2>/dev/null &
	pids+=($!)
	defer kill -9 $!
}

# An open file counts twice: as one of the device, and as one of its operations.
all_have_opened() {
	local users

	read -r users <"/sys/module/$module/refcnt"
	[ "$users" -eq 8 ]
}

# Readers and writers of what stays and of what goes are killed meanwhile.
test_kills_and_reloads() {
	local pids

	expedite_rcu
	start chan=klab-stays chan=klab-comes
	for _ in 1 2 3 4 5; do
		pids=()
		write_for_ever klab-stays
		read_for_ever klab-stays
		write_for_ever klab-comes
		read_for_ever klab-comes
		within 20 all_have_opened || fail "some do not open"
		read_again chan=klab-stays
		read_again chan=klab-stays chan=klab-comes
		exec {fd}</dev/klab-stays
		refused 'in use' rmmod "$module"
		exec {fd}<&-
		kill -9 "${pids[@]}"
		wait "${pids[@]}" 2>/dev/null
		expect_eq "used of a new one" "$(<"$class/klab-comes/used")" 0
	done
	expect_eq users "$(users_of "$module")" 0
	unload "$module"
	expect_gone "$module"
}

test_nothing_left_after_unload() {
	local before

	expedite_rcu
	configure chan=klab-a chan=klab-b
	load "$module" path="$config"
	unload "$module"
	before=$(traces)
	for _ in 1 2 3 4 5; do
		succeeds "${modprobe[@]}" "$module" path="$config"
		echo data >/dev/klab-a
		again
		unload "$module"
	done
	expect_same "what there is" "$(traces)" "$before"
}

add_test line_makes_a_node
add_test any_number_of_channels
add_test three_reads_are_identical
add_test parallel_readers_see_the_same
add_test writers_by_one_descriptor
add_test own_module_file
add_test splice
add_test shell_redirections
add_test no_more_than_its_size
add_test channels_are_separate
add_test reload_keeps_what_stays
add_test reload_leaves_open_files_valid
add_test bad_lines_are_named
add_test bad_file_is_refused_at_load
add_test files_that_are_none
add_test device_is_not_opened
add_test file_that_is_being_written
add_test name_that_is_taken
add_test name_of_the_file_of_the_class
add_test modprobe_refuses_a_name_that_is_taken
add_test share_of_the_memory
add_test request_that_is_none
add_test no_file_no_channels
add_test reload_needs_the_capability
add_test mode_of_nodes
add_test open_node_keeps_the_module
add_test kills_and_reloads
add_test nothing_left_after_unload
run_tests
