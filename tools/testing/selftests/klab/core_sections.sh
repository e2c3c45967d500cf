#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Timed sections, turned on and off by their file; the section of
# klab_basics_timing is the one.

# shellcheck source=functions.sh disable=SC2154,SC2317
. "$(dirname "$0")/functions.sh"

name=basics_timing_work
file=$KLAB_DEBUGFS/timed_sections

require_root
require_command modprobe
require_helper klab_helper
require_module klab_basics_timing

put() {
	printf '%s' "$1" >"$file"
}

# section(column) - a cell of the section's row
section() {
	out=$(<"$file")
	cell "$name" "$1"
}

work() {
	experiment basics/timing events=64 threads=1
}

test_off_at_first() {
	load klab_basics_timing
	work
	expect_eq enabled "$(section enabled)" off
	expect_eq count "$(section count)" 0
	expect_eq median "$(section 'median[ns]')" -
}

test_on_counts() {
	load klab_basics_timing
	succeeds put "$name=on"
	expect_eq enabled "$(section enabled)" on
	work
	expect_eq count "$(section count)" 64
	expect_match max "$(section 'max[ns]')" '^[0-9]+$'
}

test_off_keeps_what_was_counted() {
	load klab_basics_timing
	succeeds put "$name=on"$'\n'
	work
	succeeds put "$name=off"$'\n'
	work
	expect_eq enabled "$(section enabled)" off
	expect_eq count "$(section count)" 64
}

test_reset() {
	load klab_basics_timing
	succeeds put "$name=on"
	work
	succeeds put " $name=reset "
	expect_eq enabled "$(section enabled)" on
	expect_eq count "$(section count)" 0
}

# test_refused(text) - EINVAL, and nothing changes
test_refused() {
	load klab_basics_timing
	succeeds put "$name=on"
	refused 'Invalid argument' put "$1"
	expect_eq enabled "$(section enabled)" on
}

# padded(length) - a right line of so many bytes
padded() {
	printf "%-${1}s" "$name=off"
}

test_longest_line() {
	load klab_basics_timing
	succeeds put "$name=on"
	refused 'Invalid argument' put "$(padded 129)"
	expect_eq enabled "$(section enabled)" on
	succeeds put "$(padded 128)"
	expect_eq enabled "$(section enabled)" off
}

test_needs_the_capability() {
	load klab_basics_timing
	expect_eq "write" "$("$HELPER" use-dropped "$file" "$name=on")" EPERM
	expect_eq enabled "$(section enabled)" off
}

test_goes_with_its_module() {
	load klab_basics_timing
	succeeds put "$name=on"
	work
	unload klab_basics_timing
	refused 'Invalid argument' put "$name=off"
	load klab_basics_timing
	expect_eq enabled "$(section enabled)" off
	expect_eq count "$(section count)" 0
}

add_test off_at_first
add_test on_counts
add_test off_keeps_what_was_counted
add_test reset
add_test unknown_section test_refused no_such=off
add_test unknown_word test_refused "$name=maybe"
add_test nothing_to_set test_refused "$name"
add_test no_name test_refused =off
add_test binary test_refused $'\xff\x01=off'
add_test longest_line
add_test needs_the_capability
add_test goes_with_its_module
run_tests
