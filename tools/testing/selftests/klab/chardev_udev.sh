#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The rules for udev that come with klab: that they are well formed, and, where
# there is a udev, what it makes of them.

# shellcheck source=functions.sh disable=SC2154,SC2317
. "$(dirname "$0")/functions.sh"

require_root
require_command modprobe rmmod
require_module klab_chardev_control klab_chardev_queue

rules=$here/60-klab.rules
[ -r "$rules" ] || skip_all "no file 60-klab.rules"

# rule_lines() - without remarks and empty lines
rule_lines() {
	grep -v -e '^#' -e '^$' "$rules"
}

# One rule per line: keys, an operator that the key can have, a quoted value.
test_lines_are_well_formed() {
	local match='(ACTION|SUBSYSTEM|KERNEL)(==|!=)"[^"]+"'
	local set='(SYMLINK|RUN)\+="[^"]+"|MODE="0[0-7]{3}"'

	expect_eq "lines that are wrong" \
		"$(rule_lines | grep -E -v "^($match, )+($set)\$")" ""
	[ "$(rule_lines | wc -l)" -ge 6 ] || fail "no rules"
}

# A module has no node, so a link in its rule would never be made.
test_links_are_of_devices() {
	expect_eq "links of modules" \
		"$(rule_lines | grep 'SUBSYSTEM=="module"' | grep SYMLINK)" ""
}

# What is run when something comes has its match when it goes.
test_rules_are_symmetric() {
	local what

	for what in add remove; do
		expect_eq "programs run for $what" "$(rule_lines |
			grep -c "^ACTION==\"$what\", .*RUN+=")" 1
	done
}

# Every device that the rules name is one that klab makes.
test_names_are_those_of_devices() {
	load klab_chardev_control
	load klab_chardev_queue
	[ -d /sys/class/misc/klab-control ] || fail "no klab-control"
	[ -d /sys/class/klab-queue/klab-queue0 ] || fail "no klab-queue0"
	rule_lines | grep -q 'SUBSYSTEM=="misc", KERNEL=="klab-control"' ||
		fail "no rule for klab-control"
	expect_eq "mode in the rules" "$(rule_lines |
		sed -n 's/.*KERNEL=="klab-control", MODE="\(.*\)"/\1/p')" \
		"0$(stat -c %a /dev/klab-control)"
}

# udevd() - where the daemon is
udevd() {
	local path

	for path in /usr/lib/systemd/systemd-udevd /lib/systemd/systemd-udevd \
		    "$(command -v udevd)"; do
		[ ! -x "$path" ] || { echo "$path"; return; }
	done
	return 1
}

test_udev_finds_nothing_wrong() {
	command -v udevadm >/dev/null || skip "no udevadm"
	udevadm verify --help >/dev/null 2>&1 ||
		skip "this udevadm cannot verify"
	succeeds udevadm verify "$rules"
}

test_udev_makes_the_links() {
	command -v udevadm >/dev/null || skip "no udevadm"
	udevd >/dev/null || skip "no udev daemon"
	[ -d /proc/sys/fs/inotify ] || skip "no inotify, which udev needs"
	mkdir -p /run/udev/rules.d
	cp "$rules" /run/udev/rules.d/
	defer rm -f /run/udev/rules.d/60-klab.rules
	"$(udevd)" >"$TMP/udevd" 2>&1 &
	defer kill $!
	within 20 test -S /run/udev/control || fail "$(<"$TMP/udevd")"
	load klab_chardev_queue
	load klab_chardev_control
	succeeds udevadm settle --timeout=30
	expect_eq "link of a queue" "$(readlink -f /dev/klab/queue0)" \
		/dev/klab-queue0
	expect_eq "link of the control device" \
		"$(readlink -f /dev/klab/control)" /dev/klab-control
	expect_eq mode "$(stat -c %a /dev/klab-control)" 644
	unload klab_chardev_queue
	succeeds udevadm settle --timeout=30
	[ ! -L /dev/klab/queue0 ] || fail "the link is still there"
}

add_test lines_are_well_formed
add_test links_are_of_devices
add_test rules_are_symmetric
add_test names_are_those_of_devices
add_test udev_finds_nothing_wrong
add_test udev_makes_the_links
run_tests
