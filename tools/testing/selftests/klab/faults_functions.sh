#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Memory that fails: each module is loaded, and each experiment run, with the
# first allocation failing, then the second, and so on until none is left to
# fail. What fails has to fail cleanly, and nothing may stay behind. Sourced by
# a script for each room, which has set $room, and $more_tests where it has some.

# shellcheck source=functions.sh disable=SC2154,SC2317
. "$(dirname "$0")/functions.sh"

# A load or a run with each allocation failing, within the time of the script.
bound=$((${KLAB_TEST_TIMEOUT:-300} - 20))
failslab=/sys/kernel/debug/failslab
fail_page_alloc=/sys/kernel/debug/fail_page_alloc

require_root
require_command modprobe rmmod
require_helper klab_helper
require_module klab_core
[ -e /proc/self/fail-nth ] || skip_all "no fault injection in this kernel"
[ -d "$failslab" ] || skip_all "no failslab in this kernel"

put() {
	echo "$2" >"$1"
}

# set_knob(file, text) - until the test ends
set_knob() {
	[ -e "$1" ] || return 0
	defer put "$1" "$(cat "$1")"
	put "$1" "$2"
}

# hold_bio_slab() - until the test ends: otherwise the first disk makes it, and
# the kernel loses the name of a slab for whose files there is no memory
hold_bio_slab() {
	loaded loop || ! modprobe -q loop || defer modprobe -q -r loop
}

# Allocations that may sleep fail too, of every order, and quietly.
prepare_faults() {
	local dir

	quiet_console
	[ "$room" != blkdev ] || hold_bio_slab
	expedite_rcu
	for dir in "$failslab" "$fail_page_alloc"; do
		set_knob "$dir/ignore-gfp-wait" N
		set_knob "$dir/ignore-gfp-highmem" N
		set_knob "$dir/min-order" 0
		set_knob "$dir/verbose" 0
		set_knob "$dir/probability" 0
		set_knob "$dir/times" -1
	done
}

# errors_of(module or experiment) - those that missing memory may show as
errors_of() {
	case $1 in
	# A network interface: its name, its address data.
	klab_basics_channels) echo ENOMEM,EAGAIN,EINVAL,ENOBUFS ;;
	# Not told by the kernel from a lack of interrupt numbers.
	core/interrupts | irq/*) echo ENOMEM,EAGAIN,ENOSPC ;;
	# A page of the caller's that cannot be had.
	basics/usercopy) echo ENOMEM,EAGAIN,EFAULT ;;
	*) echo ENOMEM,EAGAIN ;;
	esac
}

test_load() {
	local before

	prepare_faults
	load "$1"
	unload "$1"
	before=$(traces)
	succeeds "$HELPER" load-faults "$(module_file "$1")" "$1" \
		"$(errors_of "$1")"
	expect_same "what there is" "$(traces)" "$before"
}

# parameters_of(experiment) - those that make it short
parameters_of() {
	case $1 in
	basics/printk) echo "loudest=6" ;;
	basics/timing) echo "events=64 threads=2" ;;
	core/clock) echo "rounds=10" ;;
	core/interrupts) echo "count=10" ;;
	syscall/tap) echo "switch=on calls=0" ;;
	syscall/tap-cost) echo "rounds=1" ;;
	irq/bottom-halves) echo "count=2 histogram=0" ;;
	irq/control) echo "rounds=1" ;;
	irq/observe | irq/order) echo "count=10" ;;
	irq/softirqs) echo "ms=1" ;;
	*) ;;
	esac
}

# makes_lines(experiment) - synthetic ones, for itself
makes_lines() {
	case $1 in
	irq/lines | irq/softirqs) return 1 ;;
	core/interrupts | irq/*) return 0 ;;
	*) return 1 ;;
	esac
}

# test_run(module, experiment)
test_run() {
	# The directory is there with SPARSE_IRQ only.
	if makes_lines "$2" && [ -d /sys/kernel/irq ]; then
		skip "the kernel warns about a /proc/irq/N it could not make"
	fi
	prepare_faults
	load "$1"
	succeeds "$HELPER" use-faults "$KLAB_DEBUGFS/$2" \
		"$(parameters_of "$2")" "$(errors_of "$2")"
	expect_eq "users" "$(users_of "$1")" 0
	unload "$1"
}

# add_runs(module) - a test for each experiment that the module brings
add_runs() {
	local before experiment depends

	"${modprobe[@]}" -q -r "$1"
	depends=$(modinfo -F depends "$(module_file "$1")")
	# shellcheck disable=SC2086 # several modules
	[ -z "$depends" ] || "${modprobe[@]}" -a ${depends//,/ }
	before=$(catalogue)
	"${modprobe[@]}" "$1" || return
	for experiment in $(catalogue); do
		grep -qxF "$experiment" <<<"$before" ||
			add_test "run_${experiment//[^a-z0-9]/_}" \
				test_run "$1" "$experiment"
	done
	"${modprobe[@]}" -r "$1"
}

for module in $(known_modules); do
	[[ $module == klab_$room || $module == klab_${room}_* ]] || continue
	add_test "load_$module" test_load "$module"
	add_runs "$module"
done
for test in "${more_tests[@]}"; do
	add_test "$test"
done
run_tests
