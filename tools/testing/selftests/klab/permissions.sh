#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Every interface that klab's modules have, and who may use it. Each is tried
# as nobody, and none may be missing here.

# shellcheck source=functions.sh disable=SC2154,SC2317
. "$(dirname "$0")/functions.sh"

require_root
require_command modprobe rmmod setpriv ip
require_helper klab_helper
require_module klab_core

# module, path or pattern, mode, what nobody may do (r, w, rw or -)
interfaces=(
	"klab_core /sys/kernel/debug/klab/experiments 400 -"
	"klab_core /sys/kernel/debug/klab/timed_sections 600 -"
	"klab_core /sys/module/klab_core/parameters/runs 444 r"
	"klab_basics_channels /dev/klab-channels 600 -"
	"klab_basics_channels /dev/klab-channels-raw 600 -"
	"klab_basics_channels /proc/klab-channels 644 r"
	"klab_basics_channels /sys/class/klab-channels/klab-channels/value 644 r"
	"klab_basics_channels /sys/kernel/debug/klab/basics/channels 600 -"
	"klab_basics_params /sys/module/klab_basics_params/parameters/iparam 444 r"
	"klab_basics_params /sys/module/klab_basics_params/parameters/int_param 644 r"
	"klab_basics_params /sys/module/klab_basics_params/parameters/short_param 660 -"
	"klab_basics_params /sys/module/klab_basics_params/parameters/long_param 400 -"
	"klab_basics_refcount /dev/klab-refcount 600 -"
	"klab_syscall_log /sys/module/klab_syscall_log/parameters/burst 444 r"
	"klab_syscall_log /sys/module/klab_syscall_log/parameters/interval 444 r"
	"klab_syscall_example /sys/module/klab_syscall_example/parameters/nr 444 r"
	"klab_syscall_example /sys/module/klab_syscall_example/parameters/pin 444 r"
	"klab_syscall_example /proc/sys/kernel/klab_call_autoload 644 r"
	"klab_irq_bridge /dev/klab-irq 600 -"
	"klab_irq_observe /proc/klab-irq-observe 400 -"
	"klab_irq_observe /sys/class/klab-irq/klab-irq-observe/attach 200 -"
	"klab_irq_observe /sys/class/klab-irq/klab-irq-observe/calls 400 -"
	"klab_irq_observe /sys/class/klab-irq/klab-irq-observe/detach 200 -"
	"klab_irq_observe /sys/class/klab-irq/klab-irq-observe/fire 200 -"
	"klab_chardev_policy /dev/klab-policy* 666 rw"
	"klab_chardev_policy /sys/class/klab-policy/klab-policy*/policy 644 r"
	"klab_chardev_policy /sys/class/klab-policy/klab-policy*/timeout_ms 644 r"
	"klab_chardev_policy /sys/class/klab-policy/klab-policy*/inside 444 r"
	"klab_chardev_policy /sys/class/klab-policy/klab-policy*/waiting 444 r"
	"klab_chardev_policy /sys/class/klab-policy/klab-policy*/statistics/opened 444 r"
	"klab_chardev_control /dev/klab-control 644 r"
	"klab_chardev_channels /sys/class/klab-chan/reload 200 -"
	"klab_attr_proc /proc/klab-proc/whole 444 r"
	"klab_attr_proc /proc/klab-proc/ended 444 r"
	"klab_attr_proc /proc/klab-proc/first 444 r"
	"klab_attr_proc /proc/klab-proc/open 444 r"
	"klab_attr_proc /proc/klab-proc/slice 444 r"
	"klab_attr_proc /proc/klab-proc/iter 444 r"
	"klab_attr_proc /proc/klab-proc/both 444 r"
	"klab_attr_proc /proc/klab-proc/single 444 r"
	"klab_attr_proc /proc/klab-proc/created 444 r"
	"klab_attr_proc /proc/klab-proc/seq 444 r"
	"klab_attr_proc /proc/klab-proc/text 644 r"
	"klab_attr_proc /proc/klab-proc/counters 644 r"
	"klab_attr_proc /proc/klab-proc/records 644 r"
	"klab_attr_proc /proc/klab-proc/numbers/int 644 r"
	"klab_attr_proc /proc/klab-proc/numbers/uint 644 r"
	"klab_attr_proc /proc/klab-proc/numbers/s64 644 r"
	"klab_attr_proc /proc/klab-proc/numbers/u64 644 r"
	"klab_attr_proc /proc/klab-proc/numbers/bool 644 r"
	"klab_attr_proc /proc/klab-proc/numbers/percent 644 r"
	"klab_attr_proc /proc/klab-proc/numbers/size 644 r"
	"klab_attr_tree /proc/klab-tree/room/value 644 r"
	"klab_chardev_queue /dev/klab-queue0 666 rw"
	"klab_chardev_queue /dev/klab-queue1 666 rw"
	"klab_chardev_queue /sys/class/klab-queue/klab-queue0/mode 644 r"
	"klab_chardev_queue /sys/class/klab-queue/klab-queue0/delay_ms 644 r"
	"klab_chardev_queue /sys/class/klab-queue/klab-queue0/size 444 r"
	"klab_chardev_queue /sys/class/klab-queue/klab-queue0/used 444 r"
	"klab_chardev_queue /sys/class/klab-queue/klab-queue1/mode 644 r"
	"klab_chardev_queue /sys/class/klab-queue/klab-queue1/delay_ms 644 r"
	"klab_chardev_queue /sys/class/klab-queue/klab-queue1/size 444 r"
	"klab_chardev_queue /sys/class/klab-queue/klab-queue1/used 444 r"
	"klab_chardev_queue /sys/class/klab-queue/klab-queue0/statistics/in_bytes 444 r"
	"klab_blkdev /dev/klab-disk* 600 -"
	"klab_blkdev /sys/block/klab-disk0/klab/mode 444 r"
	"klab_blkdev /sys/block/klab-disk0/klab/memory 444 r"
	"klab_blkdev /sys/block/klab-disk0/klab/save 200 -"
	"klab_blkdev /sys/block/klab-disk0/klab/save_error 444 r"
	"klab_blkdev /sys/kernel/config/klab-blkdev/disk0/file 644 r"
	"klab_blkdev /sys/kernel/config/klab-blkdev/disk0/write_cache 644 r"
	"klab_blkdev /sys/kernel/config/klab-blkdev/disk0/size 644 r"
	"klab_blkdev /sys/kernel/config/klab-blkdev/disk0/mode 644 r"
	"klab_blkdev /sys/kernel/config/klab-blkdev/disk0/block_size 644 r"
	"klab_blkdev /sys/kernel/config/klab-blkdev/disk0/queues 644 r"
	"klab_blkdev /sys/kernel/config/klab-blkdev/disk0/queue_depth 644 r"
	"klab_blkdev /sys/kernel/config/klab-blkdev/disk0/read_only 644 r"
	"klab_blkdev /sys/kernel/config/klab-blkdev/disk0/power 644 r"
	"klab_blkdev /sys/kernel/config/klab-blkdev/disk0/removable 644 r"
	"klab_blkdev /sys/kernel/config/klab-blkdev/disk0/medium 644 r"
	"klab_blkdev /sys/kernel/config/klab-blkdev/disk0/faults/enable 644 r"
	"klab_blkdev /sys/kernel/config/klab-blkdev/disk0/faults/seed 644 r"
	"klab_blkdev /sys/kernel/config/klab-blkdev/disk0/faults/error_ppm 644 r"
	"klab_blkdev /sys/kernel/config/klab-blkdev/disk0/faults/torn_ppm 644 r"
	"klab_blkdev /sys/kernel/config/klab-blkdev/disk0/faults/hang_ppm 644 r"
	"klab_blkdev /sys/kernel/config/klab-blkdev/disk0/faults/writes 644 r"
	"klab_blkdev /sys/kernel/config/klab-blkdev/disk0/faults/delay_ppm 644 r"
	"klab_blkdev /sys/kernel/config/klab-blkdev/disk0/faults/delay_us 644 r"
	"klab_blkdev /sys/kernel/config/klab-blkdev/disk0/faults/bad_sectors 644 r"
	"klab_blkdev /sys/kernel/config/klab-blkdev/disk0/faults/lost_flush_ppm 644 r"
	"klab_blkdev /sys/kernel/config/klab-blkdev/disk0/faults/lost_flushes 444 r"
	"klab_blkdev /sys/kernel/config/klab-blkdev/disk0/faults/errors 444 r"
	"klab_blkdev /sys/kernel/config/klab-blkdev/disk0/faults/torn 444 r"
	"klab_blkdev /sys/kernel/config/klab-blkdev/disk0/faults/hangs 444 r"
	"klab_blkdev /sys/kernel/config/klab-blkdev/disk0/faults/resets 444 r"
	"klab_chardev_register /dev/klab-register* 444 r"
	"klab_chardev_register /sys/class/klab-register/klab-register*/style 444 r"
	"klab_chardev_register /sys/class/klab-register/klab-register*/open 444 r"
	"klab_chardev_register /sys/class/klab-register/klab-register*/opened 444 r"
	"klab_attr_sys /sys/class/klab-attr/text 644 r"
	"klab_attr_sys /sys/class/klab-attr/data1 644 r"
	"klab_attr_sys /sys/class/klab-attr/data2 644 r"
	"klab_attr_sys /sys/class/klab-attr/data3 644 r"
	"klab_attr_sys /sys/class/klab-attr/item1 644 r"
	"klab_attr_sys /sys/class/klab-attr/item2 644 r"
	"klab_attr_sys /sys/class/klab-attr/item3 644 r"
	"klab_attr_sys /sys/class/klab-attr/faulty 644 r"
	"klab_attr_sys /sys/class/klab-attr/faulty_read_error 644 r"
	"klab_attr_sys /sys/class/klab-attr/faulty_write_error 644 r"
	"klab_attr_sys /dev/klab-attr0 600 -"
	"klab_attr_sys /sys/class/klab-attr/klab-attr0/data 644 r"
	"klab_attr_sys /dev/klab-attr1 600 -"
	"klab_attr_sys /sys/class/klab-attr/klab-attr1/data 644 r"
	"klab_attr_sys /dev/klab-attr2 600 -"
	"klab_attr_sys /sys/class/klab-attr/klab-attr2/data 644 r"
	"klab_attr_sys /sys/class/klab-attr/klab-attr1/place/above 444 r"
	"klab_attr_sys /sys/class/klab-attr/klab-attr1/place/level 444 r"
	"klab_attr_sys /sys/kernel/klab-attr/count 644 r"
	"klab_attr_sys /sys/kernel/klab-attr/object0/number 444 r"
	"klab_attr_sys /sys/kernel/klab-attr/object0/value 644 r"
	"klab_attr_regulator /proc/klab-regulator/value 644 r"
	"klab_attr_regulator /proc/klab-regulator/increment 644 r"
	"klab_attr_regulator /proc/klab-regulator/multiply 644 r"
	"klab_attr_regulator /proc/klab-regulator/target 644 r"
	"klab_attr_regulator /proc/klab-regulator/integral 644 r"
	"klab_attr_regulator /proc/klab-regulator/derivative 644 r"
	"klab_attr_regulator /proc/klab-regulator/period_ms 644 r"
	"klab_attr_regulator /proc/klab-regulator/carry 444 r"
	"klab_attr_regulator /proc/klab-regulator/sum 444 r"
	"klab_attr_regulator /proc/klab-regulator/error 444 r"
	"klab_attr_regulator /proc/klab-regulator/steps 444 r"
	"klab_attr_regulator /proc/klab-regulator/changes 444 r"
	"klab_attr_regulator /sys/class/klab-regulator/klab-regulator/value 644 r"
	"klab_attr_regulator /sys/class/klab-regulator/klab-regulator/increment 644 r"
	"klab_attr_regulator /sys/class/klab-regulator/klab-regulator/multiply 644 r"
	"klab_attr_regulator /sys/class/klab-regulator/klab-regulator/target 644 r"
	"klab_attr_regulator /sys/class/klab-regulator/klab-regulator/integral 644 r"
	"klab_attr_regulator /sys/class/klab-regulator/klab-regulator/derivative 644 r"
	"klab_attr_regulator /sys/class/klab-regulator/klab-regulator/period_ms 644 r"
	"klab_attr_regulator /sys/class/klab-regulator/klab-regulator/carry 444 r"
	"klab_attr_regulator /sys/class/klab-regulator/klab-regulator/sum 444 r"
	"klab_attr_regulator /sys/class/klab-regulator/klab-regulator/error 444 r"
	"klab_attr_regulator /sys/class/klab-regulator/klab-regulator/steps 444 r"
	"klab_attr_regulator /sys/class/klab-regulator/klab-regulator/changes 444 r"
	"klab_attr_regulator /proc/klab-regulator/state 444 r"
)

mapfile -t patterns < <(printf '%s\n' "${interfaces[@]}" | cut -d ' ' -f 2)

mountpoint -q /sys/kernel/config 2>/dev/null ||
	mount -t configfs none /sys/kernel/config 2>/dev/null
cp "$HELPER" "$TMP/helper" && chmod 755 "$TMP/helper"

# Lets nobody through to the files, which have to stand by themselves.
open_debugfs() {
	local mode

	mode=$(stat -c %a /sys/kernel/debug)
	defer chmod "$mode" /sys/kernel/debug
	chmod 755 /sys/kernel/debug
}

# may(what, path) - whether nobody can open the file so
may() {
	"${nobody[@]}" "$TMP/helper" open "$1" "$2" >/dev/null
}

# expect_access(path, mode, what nobody may do)
expect_access() {
	local how

	[ -e "$1" ] || fail "no $1"
	expect_eq "mode of $1" "$(stat -c %a "$1")" "$2"
	expect_eq "owner of $1" "$(stat -c %u:%g "$1")" 0:0
	for how in r w; do
		if [[ $3 == *$how* ]]; then
			may "$how" "$1" || fail "nobody cannot open $1 for $how"
		elif may "$how" "$1"; then
			fail "nobody can open $1 for $how"
		fi
	done
}

# test_interfaces(module) - all of the table that are its own
test_interfaces() {
	local interface module path pattern mode rights

	expedite_rcu
	load "$1"
	open_debugfs
	for interface in "${interfaces[@]}"; do
		read -r module pattern mode rights <<<"$interface"
		[ "$module" = "$1" ] || continue
		# shellcheck disable=SC2086 # all that the pattern stands for
		for path in $pattern; do
			expect_access "$path" "$mode" "$rights"
		done
	done
}

# nobody_calls(argument...) - what a system call of nobody's returns
nobody_calls() {
	"${nobody[@]}" "$TMP/helper" call "$@"
}

test_calls_of_nobody() {
	load klab_syscall_log
	load klab_syscall_strtrans
	load klab_syscall_example
	expect_eq "klab_null" "$(nobody_calls 600)" 0
	expect_eq "klab_log" "$(nobody_calls 601 =x 1 0)" EPERM
	expect_eq "klab_strtrans" \
		"$(nobody_calls 602 =upper =text 4 @16 16 0)" 4
	expect_eq "example" "$(nobody_calls 603 1 2)" 3
	expect_eq "free slot" "$(nobody_calls 604)" ENOSYS
}

load_everything() {
	local module

	expedite_rcu
	for module in $(known_modules); do
		load "$module"
	done
}

# in_table(path) - does a line of the table stand for it
in_table() {
	local pattern

	for pattern in "${patterns[@]}"; do
		# shellcheck disable=SC2053 # it is one
		[[ $1 != $pattern ]] || return 0
	done
	return 1
}

# Whatever is there that is named after klab stands in the table or is an
# experiment.
test_nothing_is_missing_here() {
	local path

	load_everything
	for path in /dev/klab* /proc/klab* /proc/klab*/* /proc/klab*/*/* \
		    /proc/sys/klab* /sys/class/klab*/* /sys/class/klab*/*/* \
		    /sys/kernel/klab*/* /sys/block/klab*0/klab/* \
		    /sys/kernel/config/klab*/*0/* /sys/kernel/config/klab*/*0/*/* \
		    /sys/module/klab_*/parameters/* "$KLAB_DEBUGFS"/*; do
		[ -f "$path" ] || [ -c "$path" ] || [ -b "$path" ] || continue
		case $path in
		*/uevent | */dev | /sys/module/klab_basics_params/*)
			continue
			;;
		*/parameters/*)
			expect_eq "mode of $path" "$(stat -c %a "$path")" 444
			continue
			;;
		esac
		in_table "$path" || fail "$path is not in the table"
	done
}

# experiments() - the files of all experiments
experiments() {
	find "$KLAB_DEBUGFS" -mindepth 2 -type f ! -path '*/faults/*'
}

test_experiments_are_for_root() {
	local path

	load_everything
	open_debugfs
	[ "$(experiments | wc -l)" -gt 3 ] || fail "no experiments"
	for path in $(experiments); do
		expect_eq "mode of $path" "$(stat -c %a "$path")" 600
		! may r "$path" || fail "nobody can read $path"
		! may rw "$path" || fail "nobody can write $path"
	done
}

# Who has the file open and not the capability gets nowhere either.
test_experiments_need_the_capability() {
	local path

	load_everything
	for path in $(experiments); do
		expect_eq "read of $path" \
			"$("$HELPER" use-dropped "$path" "")" EPERM
		expect_eq "write to $path" \
			"$("$HELPER" use-dropped "$path" "x=1")" EPERM
	done
}

test_fault_knobs_are_for_root() {
	local path

	load_everything
	open_debugfs
	find "$KLAB_DEBUGFS" -path '*/faults/*' -type f >"$TMP/knobs"
	while read -r path; do
		! may r "$path" || fail "nobody can read $path"
		! may w "$path" || fail "nobody can write $path"
	done <"$TMP/knobs"
}

test_debugfs_is_closed_as_the_system_has_it() {
	load klab_core
	[ "$(stat -c %a /sys/kernel/debug)" = 700 ] ||
		skip "debugfs is open to all on this system"
	refused 'Permission denied' "${nobody[@]}" ls "$KLAB_DEBUGFS"
}

test_modules_are_loaded_by_root() {
	local file

	file=$TMP/module.ko
	cp "$(module_file klab_basics_hello)" "$file" 2>/dev/null ||
		skip "no module klab_basics_hello"
	chmod 644 "$file"
	refused 'Operation not permitted' "${nobody[@]}" insmod "$file"
	load klab_basics_hello
	refused 'Operation not permitted' \
		"${nobody[@]}" rmmod klab_basics_hello
}

test_interface_of_the_network_is_set_by_root() {
	local name

	load klab_basics_channels
	experiment basics/channels
	name=$(awk -F '\t' '$1 == "net" { sub(" .*", "", $2); print $2 }' \
		<<<"$out")
	refused 'Operation not permitted' \
		"${nobody[@]}" ip link set "$name" up
	succeeds "${nobody[@]}" ip -s link show "$name"
}

for module in $(printf '%s\n' "${interfaces[@]}" | cut -d' ' -f1 | sort -u); do
	add_test "interfaces_of_$module" test_interfaces "$module"
done
add_test calls_of_nobody
add_test nothing_is_missing_here
add_test experiments_are_for_root
add_test experiments_need_the_capability
add_test fault_knobs_are_for_root
add_test debugfs_is_closed_as_the_system_has_it
add_test modules_are_loaded_by_root
add_test interface_of_the_network_is_set_by_root
run_tests
