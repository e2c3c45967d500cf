#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The files of the room at once: 64 processes that do anything to them and are
# killed, for KLAB_STRESS_SECONDS (10), while modules that files do not hold come
# and go. Then the files say what is there, nothing has been lost, and the modules
# go.

# shellcheck source=functions.sh disable=SC2034,SC2154,SC2317
. "$(dirname "$0")/functions.sh"
# shellcheck source=stress_functions.sh
. "$here/stress_functions.sh"

require_root
require_command modprobe rmmod
require_helper chardev_stress
require_module klab_attr_proc klab_attr_sys klab_attr_regulator

modules=(klab_attr_proc klab_attr_sys klab_attr_regulator)
set=/sys/kernel/klab-attr
class=/sys/class/klab-attr
regulator=/proc/klab-regulator/value
held=klab_attr_regulator:$regulator

# load_one(module) - small and quick
load_one() {
	case $1 in
	klab_attr_proc) set -- "$1" records=100 ;;
	klab_attr_sys) set -- "$1" objects=24 ;;
	esac
	"${modprobe[@]}" "$@"
}

for module in "${modules[@]}"; do
	load_one "$module" || skip_all "cannot load $module"
done
files=("$set/count" "$set"/object{0,7,23}/value "$class"/{text,data1,item1}
	"$class/klab-attr0/data" /sys/class/klab-regulator/klab-regulator/value
	"$regulator" /proc/klab-regulator/state)
for file in /proc/klab-proc/* /proc/klab-proc/numbers/*; do
	[ ! -f "$file" ] || files+=("$file")
done

test_all_files_have_part() {
	local file

	for file in "${files[@]}"; do
		[ -f "$file" ] || fail "no $file"
	done
}

# come_and_go(pid) - until it has ended; what is open does not matter
come_and_go() {
	local module rounds=0

	while kill -0 "$1" 2>/dev/null; do
		for module in klab_attr_proc klab_attr_sys; do
			within 30 rmmod "$module" || fail "$module stays"
			load_one "$module" || fail "$module does not come"
		done
		rounds=$((rounds + 1))
	done
	note "$rounds times unloaded and loaded"
	[ "$rounds" -gt 0 ] || fail "nothing was unloaded"
}

test_processes_run_and_modules_come_and_go() {
	local pid

	expedite_rcu
	# What is allocated once is there after the first seconds.
	succeeds "$KLAB_HELPERS/chardev_stress" 3 "$held" "${files[@]}"
	note_memory
	timeout "$bound" "$KLAB_HELPERS/chardev_stress" "$seconds" "$held" \
		"${files[@]}" >"$TMP/stress" 2>&1 &
	pid=$!
	come_and_go "$pid"
	wait "$pid" || fail "$(<"$TMP/stress")"
	note_killed "$(<"$TMP/stress")"
}

# objects() - how many directories there are
objects() {
	find "$set" -mindepth 1 -maxdepth 1 -type d | wc -l
}

test_files_say_what_is_there() {
	expect_eq "objects" "$(objects)" "$(<"$set/count")"
	expect_eq "value in /sys" \
		"$(</sys/class/klab-regulator/klab-regulator/value)" \
		"$(<"$regulator")"
}

test_files_work_still() {
	echo 3 >"$set/count"
	echo 5 >"$set/object2/value"
	expect_eq "value of an object" "$(<"$set/object2/value")" 5
	echo text >"$class/text"
	expect_eq "text of a class" "$(<"$class/text")" text
	echo text >/proc/klab-proc/text
	expect_eq "text in /proc" "$(</proc/klab-proc/seq)" text
	echo 42 >/proc/klab-proc/numbers/int
	expect_eq "number" "$(</proc/klab-proc/numbers/int)" 42
}

test_modules_go() {
	local module

	for module in "${modules[@]}"; do
		expect_eq "users of $module" "$(users_of "$module")" 0
		unload "$module"
		expect_gone "$module"
	done
}

add_test all_files_have_part
add_test processes_run_and_modules_come_and_go
add_test files_say_what_is_there
add_test no_growth_in_memory
add_test nothing_leaks test_nothing_leaks klab_attr
add_test files_work_still
add_test modules_go
run_tests
