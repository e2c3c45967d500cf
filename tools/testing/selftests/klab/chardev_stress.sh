#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# All devices of the room at once: 64 processes that do anything to them and are
# killed, for KLAB_STRESS_SECONDS (10). Then nothing is open, waits or has been
# lost, the devices work, and the modules go.

# shellcheck source=functions.sh disable=SC2034,SC2154,SC2317
. "$(dirname "$0")/functions.sh"
# shellcheck source=stress_functions.sh
. "$here/stress_functions.sh"

require_root
require_command modprobe rmmod
require_helper chardev_stress
require_module klab_chardev_queue

# parameters_of(module) - those that make it small and quick
parameters_of() {
	case $1 in
	klab_chardev_queue) echo "size=8192 queues=3" ;;
	klab_chardev_policy) echo "timeout_ms=20" ;;
	klab_chardev_channels) echo "path=$TMP/channels node_mode=0666" ;;
	*) ;;
	esac
}

modules=()
held=()
nodes=()
printf 'chan=klab-chan%s size=8192\n' 0 1 >"$TMP/channels"

# Each module is held by the first of its nodes.
load_all() {
	local module node first before

	for module in $(known_modules); do
		[[ $module == klab_chardev_* ]] || continue
		before=$(echo /dev/klab-*)
		# shellcheck disable=SC2046 # several parameters
		"${modprobe[@]}" "$module" $(parameters_of "$module") ||
			skip_all "cannot load $module"
		modules+=("$module")
		first=
		for node in /dev/klab-*; do
			[ -c "$node" ] || continue
			[[ " $before " != *" $node "* ]] || continue
			nodes+=("$node")
			[ -n "$first" ] || held+=("$module:$node")
			first=$node
		done
	done
}

# Of three queues, one keeps records, and one publishes late.
set_queues() {
	echo records >/sys/class/klab-queue/klab-queue1/mode
	echo 1 >/sys/class/klab-queue/klab-queue2/delay_ms
}

test_all_modules_have_part() {
	local module

	for module in "${modules[@]}"; do
		[[ " ${held[*]}" == *" $module:"* ]] ||
			fail "no node of $module"
	done
	expect_eq mode "$(</sys/class/klab-queue/klab-queue1/mode)" records
	expect_eq delay "$(</sys/class/klab-queue/klab-queue2/delay_ms)" 1
}

test_processes_run_and_modules_stay() {
	# What is allocated once is there after the first seconds.
	succeeds "$KLAB_HELPERS/chardev_stress" 3 "${held[@]}" "${nodes[@]}"
	note_memory
	succeeds "$KLAB_HELPERS/chardev_stress" "$seconds" "${held[@]}" \
		"${nodes[@]}"
	echo "$out" >"$TMP/stress"
	note_killed "$out"
}

test_control_does_what_it_is_asked() {
	[ -e /dev/klab-control ] || skip "no /dev/klab-control"
	grep -qx '[1-9][0-9]* operations of a control device were done' \
		"$TMP/stress" || fail "$(<"$TMP/stress")"
}

# Those who were killed are gone, and what they had.
test_nothing_is_open() {
	local path

	for path in /sys/class/klab-{policy,register}/*/{inside,waiting,open}; do
		[ -e "$path" ] || continue
		expect_eq "$path" "$(<"$path")" 0
	done
	for path in "${modules[@]}"; do
		expect_eq "users of $path" "$(users_of "$path")" 0
	done
}

test_memory_keeps_its_bound() {
	local path

	for path in /sys/class/klab-queue/*; do
		[ "$(<"$path/used")" -le "$(<"$path/size")" ] ||
			fail "$path has $(<"$path/used") bytes"
	done
}

test_devices_work_still() {
	local path

	if [ -e /dev/klab-register0 ]; then
		succeeds cat /dev/klab-register0
		expect_eq "text" "$out" "Hello, world!"
	fi
	for path in /dev/klab-policy*; do
		[ -e "$path" ] || continue
		exec {fd}<>"$path"
		echo works >&"$fd"
		expect_eq "text of $path" "$(cat <&"$fd")" works
		exec {fd}>&-
	done
}

test_modules_go() {
	local i

	for ((i = ${#modules[@]} - 1; i >= 0; i--)); do
		unload "${modules[i]}"
	done
}

load_all
set_queues
add_test all_modules_have_part
add_test processes_run_and_modules_stay
add_test control_does_what_it_is_asked
add_test nothing_is_open
add_test memory_keeps_its_bound
add_test no_growth_in_memory
add_test nothing_leaks test_nothing_leaks klab_chardev
add_test devices_work_still
add_test modules_go
run_tests
