#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Shell functions of klab's selftests.
#
# A script sources this file, names its tests with add_test and ends with
# run_tests. A test is a function that runs in a subshell of its own: it passes
# when it returns, and fails or is skipped where one of the functions below
# says so. Each result line carries SCRIPT.TEST, which stays the same for ever.
#
# KLAB_MODULES=DIR    modules are taken from this build tree; default: modprobe
# KLAB_FIXTURES=DIR   fixture modules; default: test_modules beside the script
# KLAB_HELPERS=DIR    compiled helpers; default: beside the script
# KLAB_COMMAND=FILE   the klab command; default: klab from PATH
#
# Tests run in subshells and read variables that are set here:
# shellcheck disable=SC2030,SC2031,SC2034

KSFT_SKIP=4

here=$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")
script=$(basename "$0" .sh)
export PATH=$PATH:/usr/sbin:/sbin LC_ALL=C

KLAB_FIXTURES=${KLAB_FIXTURES:-$here/test_modules}
KLAB_HELPERS=${KLAB_HELPERS:-$here}
HELPER=$KLAB_HELPERS/klab_helper
KLAB_DEBUGFS=/sys/kernel/debug/klab
# What a healthy kernel never logs; modules of the staging tree taint it.
KLAB_SPLATS='WARNING: |BUG: |Oops|UBSAN: |general protection|Kernel panic'
KLAB_SPLATS+='|unreferenced object|possible .* deadlock|scheduling while atomic'

tests=()
commands=()
log_fd=
modroot=
core=
bound=60	# seconds that a program may take
modprobe=(modprobe)

skip_all() {
	echo "TAP version 13"
	echo "1..0 # SKIP $*"
	exit $KSFT_SKIP
}

require_root() {
	[ "$(id -u)" -eq 0 ] || skip_all "must be run as root"
}

# require_command(name...) - programs that the whole script needs
require_command() {
	local name

	for name; do
		command -v "$name" >/dev/null || skip_all "no command $name"
	done
}

# require_fixture(name...) - fixture modules that the whole script needs
require_fixture() {
	local name

	for name; do
		[ -r "$(fixture "$name")" ] ||
			skip_all "no fixture module $name"
	done
}

# require_module(name...) - modules that the whole script needs
require_module() {
	local name

	for name; do
		[ -d "/sys/module/$name" ] || module_file "$name" >/dev/null ||
			skip_all "no module $name"
	done
}

# require_helper(name...) - compiled helpers that the whole script needs
require_helper() {
	local name

	for name; do
		[ -x "$KLAB_HELPERS/$name" ] || skip_all "no helper $name"
	done
}

# add_test(name, command...) - the command is run as the test SCRIPT.name
add_test() {
	tests+=("$1")
	shift
	[ $# -gt 0 ] || set -- "test_${tests[-1]}"
	commands+=("$(printf '%q ' "$@")")
}

# run_tests() - run what was added, print TAP, exit
run_tests() {
	local i result passed=0 failed=0 skipped=0

	open_log
	echo "TAP version 13"
	echo "1..${#tests[@]}"
	for i in "${!tests[@]}"; do
		run_test "${tests[i]}" "${commands[i]}"
		result=$?
		case $result in
		0)
			echo "ok $((i + 1)) $script.${tests[i]}"
			passed=$((passed + 1))
			;;
		"$KSFT_SKIP")
			echo "ok $((i + 1)) $script.${tests[i]} # SKIP" \
			     "$(cat "$TMP/reason")"
			skipped=$((skipped + 1))
			;;
		*)
			echo "not ok $((i + 1)) $script.${tests[i]}"
			failed=$((failed + 1))
			;;
		esac
	done
	echo "# Totals: pass:$passed fail:$failed xfail:0 xpass:0" \
	     "skip:$skipped error:0"
	[ "$failed" -eq 0 ] || exit 1
	[ "$passed" -gt 0 ] || exit $KSFT_SKIP
	exit 0
}

# run_test(name, command) - one test in a subshell
run_test() {
	(
		cleanups=()
		trap run_cleanups EXIT
		begin_log "$script.$1"
		eval "$2" || fail "returned $?"
		log_clean
	)
}

run_cleanups() {
	local result=$? i

	trap - EXIT
	for ((i = ${#cleanups[@]} - 1; i >= 0; i--)); do
		eval "${cleanups[i]}"
	done >/dev/null 2>&1
	exit $result
}

# defer(command...) - run it when the test ends, last one first
defer() {
	cleanups+=("$(printf '%q ' "$@")")
}

note() {
	local line

	while IFS= read -r line; do
		echo "# $line"
	done <<<"$*"
}

fail() {
	note "$*"
	exit 1
}

skip() {
	echo "$*" >"$TMP/reason"
	exit $KSFT_SKIP
}

# expedite_rcu() - until the test ends: each load and unload waits for grace
# periods, which take long where the CPUs are busy or emulated
expedite_rcu() {
	local knob=/sys/kernel/rcu_expedited

	[ -w "$knob" ] || return 0
	defer eval "echo $(cat "$knob") >$knob"
	echo 1 >"$knob"
}

# open_log() - the log is read from here on
open_log() {
	[ -x "$KLAB_HELPERS/klab_kmsg" ] || skip_all "no helper klab_kmsg"
	exec {log_fd}</dev/kmsg && "$KLAB_HELPERS/klab_kmsg" end <&"$log_fd"
}

# begin_log(name) - a test of that name begins here
begin_log() {
	[ -n "$log_fd" ] || open_log
	log_mark="$1 $$ $RANDOM$RANDOM"
	: >"$TMP/log"
	echo "$log_mark" >/dev/kmsg
}

# read_log() - adds what has come into the log to the file of this test
read_log() {
	"$KLAB_HELPERS/klab_kmsg" <&"$log_fd" >>"$TMP/log"
}

# log_since_start() - what the kernel logged since the test began
log_since_start() {
	read_log
	awk -v mark="$log_mark" '
		seen { print }
		index($0, mark) { seen = 1 }' "$TMP/log"
}

# records_since_start() - the same from /dev/kmsg: level, tab, text
records_since_start() {
	# A read takes a record, and fails if that is longer than the buffer.
	dd if=/dev/kmsg iflag=nonblock bs=16384 2>/dev/null |
		sed -n 's/^\([0-9]*\),[^;]*;/\1\t/p' |
		awk -F '\t' -v OFS='\t' -v mark="$log_mark" '
			seen { $1 = $1 % 8; print }
			index($0, mark) { seen = 1 }'
}

# quiet_console() - until the test ends: for messages that are caused on purpose;
# the log keeps them
quiet_console() {
	defer dmesg -n "$(cut -f 1 /proc/sys/kernel/printk)"
	dmesg -n 1
}

# complaint() - the first thing that the kernel complained of since the test
# began; false where it has not
complaint() {
	read_log
	grep -E -q "$KLAB_SPLATS" "$TMP/log" || return 1
	log_since_start | awk -f "$here/races.awk" |
		grep -E -A 12 -m 1 "$KLAB_SPLATS"
}

# log_clean() - the test fails where the kernel complained
log_clean() {
	local splat

	! splat=$(complaint) || fail "the kernel complained: $splat"
}

# expect_log(regex) - the kernel has logged such a line since the test began
expect_log() {
	log_since_start | grep -E -q -e "$1" ||
		fail "no line '$1' in the log:"$'\n'"$(log_since_start)"
}

expect_no_log() {
	! log_since_start | grep -E -q -e "$1" ||
		fail "unwanted line '$1' in the log:"$'\n'"$(log_since_start)"
}

# put_bytes(file, text) - write it at once, without a newline; it may have escapes
# such as those of zero bytes
put_bytes() {
	printf %b "$2" >"$1"
}

# expect_eq(what, actual, expected)
expect_eq() {
	[ "$2" = "$3" ] || fail "$1: '$2', expected '$3'"
}

# expect_match(what, actual, regex)
expect_match() {
	[[ $2 =~ $3 ]] || fail "$1: '$2', expected a match of '$3'"
}

# expect_same(what, text, text before) - shows the lines that differ
expect_same() {
	[ "$2" = "$3" ] || fail "$1 changed: $(printf '%s\n' "$3" >"$TMP/before"
		printf '%s\n' "$2" | diff "$TMP/before" -)"
}

# known_modules() - klab's modules that modprobe knows, but for the tests
known_modules() {
	sed -n 's/:.*//; s/.*\///; s/\.ko.*//; /^klab_/p' \
		"$modroot/lib/modules/$(uname -r)/modules.dep" |
		grep -v -e '_kunit$' -e '^klab_fixture$'
}

# catalogue() - names of the experiments there are now
catalogue() {
	[ ! -r "$KLAB_DEBUGFS/experiments" ] ||
		awk -F '\t' 'NR > 1 && $3 == "" { print $1 "/" $2 }' \
			"$KLAB_DEBUGFS/experiments"
}

# traces() - what modules may leave behind
traces() {
	cut -d ' ' -f 1 /proc/modules
	cat /proc/devices
	ls -d /proc/[a-z]* /dev/* /sys/class/*/* /sys/module/* \
		/sys/kernel/debug/* "$KLAB_DEBUGFS"/*/* /proc/irq/* 2>/dev/null
	sed 's/.* //' /proc/interrupts
}

# run(command...) - a program, for a bounded time, or a function; sets status,
# and out to standard output and standard error
run() {
	local limit=(timeout "$bound")

	! declare -F "$1" >/dev/null || limit=()
	out=$("${limit[@]}" "$@" 2>&1 </dev/null)
	# shellcheck disable=SC2034 # read by the tests
	status=$?
}

# succeeds(command...) - the command must exit with 0; sets out
succeeds() {
	run "$@"
	[ "$status" -eq 0 ] || fail "'$*' failed with $status: $out"
}

# refused(regex, command...) - the command must fail with such a message
refused() {
	local regex=$1

	shift
	run "$@"
	[ "$status" -ne 0 ] || fail "'$*' succeeded: $out"
	[ "$status" -ne 124 ] || fail "'$*' did not end"
	expect_match "message of '$*'" "$out" "$regex"
}

# within(seconds, command...) - look again until it is true, 20 times a second;
# only for states that nothing can be waited for
within() {
	local tries=$(($1 * 20))

	shift
	until "$@"; do
		[ $((tries--)) -gt 0 ] || return 1
		sleep 0.05
	done
}

# put_hidden(file, text) - with something behind a zero byte
put_hidden() {
	printf '%b' "$2\0x" >"$1"
}

# zero_byte_is_refused(file, text) - the text alone would be taken
zero_byte_is_refused() {
	local before

	before=$(<"$1")
	refused 'Invalid argument' put_hidden "$1" "$2"
	expect_eq "$1" "$(<"$1")" "$before"
}

nobody=(setpriv --reuid=65534 --regid=65534 --clear-groups
	--bounding-set=-all --inh-caps=-all)

# fixture(name) - file of a fixture module
fixture() {
	echo "$KLAB_FIXTURES/$1.ko"
}

# Lays the modules of KLAB_MODULES out so that modprobe finds them.
use_build_tree() {
	local dir

	modroot=$TMP/root
	dir=$modroot/lib/modules/$(uname -r)
	mkdir -p "$dir"
	modprobe=(modprobe -d "$modroot")
	find "$KLAB_MODULES" -name '*.ko' -exec ln -s -t "$dir" {} +
	depmod -b "$modroot" "$(uname -r)" 2>/dev/null
}

# module_file(name) - file of a module that modprobe knows
module_file() {
	modinfo ${modroot:+-b "$modroot"} -F filename "$1" 2>/dev/null |
		grep '\.ko'
}

# load(name, parameter...) - load with what it depends on, unload when the
# test ends
load() {
	defer "${modprobe[@]}" -r "$1"
	succeeds "${modprobe[@]}" "$@"
	loaded "$1" || fail "$1 is not there after modprobe"
}

# keep_core() - klab_core stays loaded while the script runs, for speed
keep_core() {
	"${modprobe[@]}" klab_core || skip_all "klab_core does not load"
	exec {core}<"$KLAB_DEBUGFS/experiments"
}

# Newest first, as /proc/modules has them, so that users go before what they use.
clean_up() {
	local module modules

	[ -z "$core" ] || exec {core}<&-
	modules=$(awk '/^klab_/ { print $1 }' /proc/modules)
	for module in $modules; do
		rmmod "$module" 2>/dev/null
	done
	rm -rf "$TMP"
}

unload() {
	succeeds rmmod "$1"
	! loaded "$1" || fail "$1 is still there after rmmod"
}

loaded() {
	grep -q "^$1 " /proc/modules
}

# expect_gone(name) - nothing is left of a module
expect_gone() {
	! loaded "$1" || fail "$1 is in /proc/modules"
	[ ! -e "/sys/module/$1" ] || fail "/sys/module/$1 is still there"
}

# experiment(room/name, parameter=value...) - runs it, sets out to the result
experiment() {
	local path=$KLAB_DEBUGFS/$1 fd

	shift
	exec {fd}<>"$path" || fail "cannot open $path"
	[ $# -eq 0 ] || echo "$*" >&"$fd" ||
		fail "$path refuses '$*': $(cat <&"$fd")"
	out=$(timeout "$bound" cat <&"$fd") || fail "$path $* failed"
	exec {fd}>&-
}

# cell(key, column) - a cell of the row of out that begins with key
cell() {
	awk -F '\t' -v key="$1" -v column="$2" '
		/^#/ { next }
		!header { for (i = 1; i <= NF; i++) at[$i] = i; header = 1 }
		$1 == key { print $at[column]; exit }' <<<"$out"
}

# remark(key) - a note of out
remark() {
	sed -n "s/^# $1=//p" <<<"$out"
}

# run_program(helper, module, parameter...) - passes on what a compiled program
# of tests says while the module is loaded; exits
run_program() {
	local helper=$1 module=$2 result

	shift
	require_helper "$helper"
	require_module "$module"
	"${modprobe[@]}" "$@" || skip_all "cannot load $module"
	begin_log "$script"
	"$KLAB_HELPERS/$helper"
	result=$?

	if ! rmmod "$module"; then
		note "$module cannot be unloaded"
		result=1
	fi
	if complaint; then
		note "the kernel complained"
		result=1
	fi
	exit $result
}

# users_of(name) - its reference count
users_of() {
	awk -v name="$1" '$1 == name { print $3 }' /proc/modules
}

TMP=$(mktemp -d) || exit 1
chmod 0755 "$TMP"
trap clean_up EXIT
mountpoint -q /sys/kernel/debug 2>/dev/null ||
	mount -t debugfs none /sys/kernel/debug 2>/dev/null
[ -z "$KLAB_MODULES" ] || use_build_tree
