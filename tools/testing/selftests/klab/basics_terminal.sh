#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Text that the kernel writes to whoever runs the experiment: to the standard
# output, whatever that is, and to the controlling terminal, if there is one.

# shellcheck source=functions.sh disable=SC2154,SC2317
. "$(dirname "$0")/functions.sh"

file=$KLAB_DEBUGFS/basics/terminal

require_root
require_command modprobe mkfifo setsid
require_helper klab_helper
require_module klab_basics_terminal
keep_core

# Other shells run this: the experiment in $1 with the parameters in $2, read by
# the shell itself, so that its own descriptors are what the kernel writes to;
# the result goes to the file $3.
# shellcheck disable=SC2016
ask='exec 9<>"$1" && { [ -z "$2" ] || echo "$2" >&9; } &&
	IFS= read -r -d "" result <&9; printf %s "$result" >"$3"'

# answer(parameters, redirection) - asks with standard output redirected; sets
# out to the result
answer() {
	: >"$TMP/result"
	timeout 60 bash -c "exec $2; $ask" - "$file" "$1" "$TMP/result" \
		2>"$TMP/errors"
	out=$(cat "$TMP/result")
	[ -n "$out" ] || fail "no result: $(cat "$TMP/errors")"
}

# on_terminal(command...) - what the terminal of the command shows
on_terminal() {
	"$HELPER" terminal "$@" </dev/null | tr -d '\r'
}

mount_terminals() {
	if ! mountpoint -q /dev/pts; then
		mkdir -p /dev/pts
		mount -t devpts none /dev/pts || skip "no devpts"
	fi
	[ -c /dev/ptmx ] || skip "no /dev/ptmx"
}

make_pipe() {
	rm -f "$TMP/pipe"
	mkfifo "$TMP/pipe" || fail "cannot make a pipe"
}

test_stdout_is_a_terminal() {
	local seen

	mount_terminals
	load klab_basics_terminal
	seen=$(on_terminal cat "$file")
	expect_eq "first line on the terminal" "$(head -n 1 <<<"$seen")" hello
	out=$(tail -n +2 <<<"$seen")
	expect_eq "kind" "$(cell stdout kind)" character
	expect_match "device" "$(cell stdout device)" '^136:'
	expect_eq "meaning" "$(cell stdout meaning)" written
}

test_stdout_is_a_pipe() {
	load klab_basics_terminal
	out=$(cat "$file")
	expect_eq "first line" "$(head -n 1 <<<"$out")" hello
	out=$(tail -n +2 <<<"$out")
	expect_eq "kind" "$(cell stdout kind)" pipe
	expect_eq "result" "$(cell stdout result)" 6
}

# The kernel moves the file's position, so that the reader's own output goes
# behind it.
test_stdout_is_a_file() {
	load klab_basics_terminal
	{
		echo before
		cat "$file"
	} >"$TMP/output"
	expect_eq "first line" "$(sed -n 1p "$TMP/output")" before
	expect_eq "second line" "$(sed -n 2p "$TMP/output")" hello
	out=$(tail -n +3 "$TMP/output")
	expect_eq "kind" "$(cell stdout kind)" regular
	expect_eq "position" "$(cell stdout 'position[B]')" 13
}

test_stdout_appends() {
	load klab_basics_terminal
	echo before >"$TMP/output"
	answer text=word ">>$TMP/output"
	expect_eq "file" "$(tr '\n' ' ' <"$TMP/output")" "before word "
}

test_stdout_is_closed() {
	load klab_basics_terminal
	answer "" ">&-"
	expect_eq "kind" "$(cell stdout kind)" none
	expect_eq "result" "$(cell stdout result)" -9
	expect_match "meaning" "$(cell stdout meaning)" EBADF
}

test_stdout_is_not_for_writing() {
	load klab_basics_terminal
	answer "" "1</dev/null"
	expect_eq "result" "$(cell stdout result)" -9
}

# Devices that may take text from user memory only: a refusal, not a warning.
test_stdout_is_null() {
	load klab_basics_terminal
	answer "" ">/dev/null"
	expect_eq "kind" "$(cell stdout kind)" character
	expect_eq "device" "$(cell stdout device)" 1:3
	expect_match "result" "$(cell stdout result)" '^(6|-22)$'
}

test_stdout_is_full() {
	load klab_basics_terminal
	answer "" ">/dev/full"
	expect_eq "device" "$(cell stdout device)" 1:7
	expect_match "result" "$(cell stdout result)" '^-(22|28)$'
}

test_file_system_is_full() {
	local dir=$TMP/small

	mkdir "$dir"
	mount -t tmpfs -o size=4k small "$dir" || skip "no tmpfs"
	defer umount "$dir"
	head -c 4096 /dev/zero >"$dir/output"
	load klab_basics_terminal
	answer "" ">>$dir/output"
	expect_eq "result" "$(cell stdout result)" -28
	expect_match "meaning" "$(cell stdout meaning)" ENOSPC
}

test_stdout_is_a_directory() {
	load klab_basics_terminal
	answer "" "1</"
	expect_eq "result" "$(cell stdout result)" -9
}

test_nobody_reads_the_pipe() {
	make_pipe
	load klab_basics_terminal
	# The reading end makes the opening succeed and is then closed.
	answer "" "8<>$TMP/pipe >$TMP/pipe 8>&-; trap '' PIPE"
	expect_eq "result" "$(cell stdout result)" -32
	expect_match "meaning" "$(cell stdout meaning)" EPIPE
}

test_broken_pipe_kills_as_write_does() {
	make_pipe
	load klab_basics_terminal
	run bash -c "exec 8<>$TMP/pipe >$TMP/pipe 8>&-; exec cat $file"
	expect_eq "status" "$status" 141
}

# A pipe that nobody empties: the run ends at its time limit or when killed.
test_a_full_pipe_can_be_left() {
	local pid

	make_pipe
	load klab_basics_terminal
	exec 8<>"$TMP/pipe"
	dd if=/dev/zero of="$TMP/pipe" bs=4096 count=1024 \
		oflag=nonblock conv=notrunc 2>/dev/null
	cat "$file" >"$TMP/pipe" 8>&- &
	pid=$!
	within 10 held_by_reader || fail "the reader does not run"
	kill -9 "$pid"
	wait "$pid" 2>/dev/null
	expect_eq "users" "$(users_of klab_basics_terminal)" 0
	exec 8>&-
}

held_by_reader() {
	[ "$(users_of klab_basics_terminal)" -gt 0 ]
}

# The terminal is reached although the standard output leads elsewhere.
test_tty_beside_a_file() {
	local seen

	mount_terminals
	load klab_basics_terminal
	seen=$(on_terminal bash -c "exec >$TMP/output; $ask" - \
		"$file" "target=tty text=shown" "$TMP/result")
	expect_eq "terminal" "$seen" shown
	expect_eq "standard output" "$(cat "$TMP/output")" ""
	out=$(cat "$TMP/result")
	expect_match "tty" "$(remark tty)" '^pts'
	expect_eq "meaning" "$(cell tty meaning)" written
}

test_no_controlling_tty() {
	load klab_basics_terminal
	setsid -w bash -c "$ask" - "$file" target=tty "$TMP/result" \
		</dev/null >"$TMP/output" 2>&1
	out=$(cat "$TMP/result")
	expect_eq "tty" "$(remark tty)" none
	expect_eq "result" "$(cell tty result)" -6
	expect_match "meaning" "$(cell tty meaning)" ENXIO
	expect_eq "standard output" "$(cat "$TMP/output")" ""
}

test_text_is_the_parameter() {
	load klab_basics_terminal
	answer text=a-longer-word ">$TMP/output"
	expect_eq "file" "$(cat "$TMP/output")" a-longer-word
	expect_eq "result" "$(cell stdout result)" 14
}

add_test stdout_is_a_terminal
add_test stdout_is_a_pipe
add_test stdout_is_a_file
add_test stdout_appends
add_test stdout_is_closed
add_test stdout_is_not_for_writing
add_test stdout_is_null
add_test stdout_is_full
add_test file_system_is_full
add_test stdout_is_a_directory
add_test nobody_reads_the_pipe
add_test broken_pipe_kills_as_write_does
add_test a_full_pipe_can_be_left
add_test tty_beside_a_file
add_test no_controlling_tty
add_test text_is_the_parameter
run_tests
