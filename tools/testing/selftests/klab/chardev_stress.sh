#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# All devices of the room at once: 64 processes that do anything to them and are
# killed, for KLAB_STRESS_SECONDS (10). Then nothing is open, waits or has been
# lost, the devices work, and the modules go.

# shellcheck source=functions.sh disable=SC2034,SC2154,SC2317
. "$(dirname "$0")/functions.sh"

seconds=${KLAB_STRESS_SECONDS:-10}
bound=$((seconds + 120))

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

# What is only cached goes, twice, since freeing is put off.
settle() {
	local knob

	for _ in 1 2; do
		sync
		echo 3 >/proc/sys/vm/drop_caches
		for knob in /sys/kernel/slab/*/shrink; do
			echo 1 >"$knob"
		done
		sleep 1
	done 2>/dev/null
}

# Name, objects, objects in a slab, of each cache.
memory() {
	awk 'NR > 2 { print $1, $2, $5 }' /proc/slabinfo 2>/dev/null
}

test_processes_run_and_modules_stay() {
	# What is allocated once is there after the first seconds.
	succeeds "$KLAB_HELPERS/chardev_stress" 3 "${held[@]}" "${nodes[@]}"
	settle
	memory >"$TMP/before"
	succeeds "$KLAB_HELPERS/chardev_stress" "$seconds" "${held[@]}" \
		"${nodes[@]}"
	note "$out"
	sed -n 's/ processes were killed//p' <<<"$out" >"$TMP/killed"
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

# Who loses something with each process loses more than a fourth of that. All
# objects of the slab that a CPU allocates from count, and of one more.
test_no_growth_in_memory() {
	local grown

	[ -s "$TMP/before" ] || skip "no /proc/slabinfo"
	settle
	memory >"$TMP/after"
	grown=$(awk -v killed="$(<"$TMP/killed")" -v cpus="$(nproc)" '
		NR == FNR { before[$1] = $2; next }
		{ room = 2 * cpus * $3 }
		room < 400 { room = 400 }
		room < killed / 4 { room = killed / 4 }
		$2 - before[$1] > room { print $1, before[$1], $2 }' \
		"$TMP/before" "$TMP/after")
	[ -z "$grown" ] || fail "$grown"
}

test_nothing_leaks() {
	local knob=/sys/kernel/debug/kmemleak

	[ -w "$knob" ] || return 0
	echo scan >"$knob" && sleep 5 && echo scan >"$knob"
	! grep -B 8 -A 24 klab_chardev "$knob" || fail "kmemleak has found that"
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
add_test nothing_is_open
add_test memory_keeps_its_bound
add_test no_growth_in_memory
add_test nothing_leaks
add_test devices_work_still
add_test modules_go
run_tests
