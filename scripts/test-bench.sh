# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2016,SC2154
#
# The part of test-series.sh that tests how the rows of a benchmark are counted,
# with a console in the place of the guest.

header='room\tsubject\tpeer\tsubject_cost[cycles]\tpeer_cost[cycles]\tratio\tbar\tverdict'
ok_row='core\tread\tpipe\t90.1\t100.1\t0.901\t1.000\tok'

# bench STATUS ROOM LINE...: what bench.sh makes of the lines on a console.
bench()
{
	local want=$1 room=$2 script status=0

	shift 2
	with_copy
	for script in setup prepare; do
		printf '#!/bin/sh\n' >copy/scripts/$script.sh
	done
	printf '%b\n' "$@" >console
	cat >copy/scripts/boot.sh <<-END
	#!/bin/sh
	echo "\$1 \$2" >>"$PWD/boots"
	mkdir -p "\$OUT"
	cp "$PWD/console" "\$OUT/console"
	: >"\$OUT/fio.tsv"
	[ \$2 != fio ] || exit ${fio_status:-0}
	exit ${guest_status:-0}
	END
	copy/scripts/bench.sh "$room" >out 2>err || status=$?
	cat out err
	[[ $status == "$want" ]] || { say "status $status"; return 1; }
}

ends_with() { [[ $(tail -n 1 out) == "$1" ]] || { say "instead of $1"; return 1; }; }

bench_counts()
{
	bench 0 core klab.bench.begin "$header\tunit" "$ok_row\tcycles" \
		'syscall\tcall\tgetpid\t90.1\t-0.1\t-\t+12\tok\tns' klab.bench.end=3
	ends_with '2 passed, 0 failed, 0 skipped'
	rm -rf copy
	bench 1 core klab.bench.begin "$header" "$ok_row" "${ok_row%ok}over" klab.bench.end=3
	ends_with '1 passed, 1 failed, 0 skipped'
}

# What cannot be compared, as where the peer costs nothing, is not within the bar.
bench_without_bar()
{
	bench 0 core klab.bench.begin '# core.experiment=core/bench' "$header" \
		'core\tcopy\tcopy\t9.0\t9.0\t1.000\t-\t-' "$ok_row" klab.bench.end=4
	ends_with '1 passed, 0 failed, 0 skipped'
	grep -qx '1 figures without a bar' out
	rm -rf copy
	bench 1 core klab.bench.begin "$header" 'core\tread\tpipe\t9.0\t0.0\t-\t1.000\t-' klab.bench.end=2
	ends_with '0 passed, 1 failed, 0 skipped'
	rm -rf copy
	bench 1 syscall klab.bench.begin "$header" 'syscall\tempty\tnull\t9.0\t8.0\t1.125\t+15\t-' klab.bench.end=2
	ends_with '0 passed, 1 failed, 0 skipped'
	grep -qx '0 figures without a bar' out
}

# guest MODULE: the script in the guest, where that module cannot be loaded.
guest()
{
	local status=0

	mkdir -p guest
	echo 'klab_core klab_syscall_empty' >guest/modules
	printf '#!/bin/sh\n[ "$1" != modprobe ] || { shift; [ "$1" != "%s" ]; exit; }\nexec "$@"\n' "$1" >guest/busybox
	printf '#!/bin/sh\nprintf "room\\nrow\\n"\nexit ${table_status:-0}\n' >guest/klab
	chmod +x guest/busybox guest/klab
	sed "s,/klab/,$PWD/guest/,g; s,/tmp/table,$PWD/guest/table,; 1d" "$root/kunit/guest/bench" >guest/bench
	PATH=$PWD/guest:$PATH sh guest/bench >out 2>&1 || status=$?
	cat out
	grep -qx 'klab.bench.end=2' out
	[[ $status == "$2" ]] || { say "status $status"; return 1; }
}

# What is not loaded has no rows, and would not be missed.
bench_without_module()
{
	guest none 0
	table_status=1 guest none 1
	guest klab_syscall_empty 1
	grep -qx 'cannot load klab_syscall_empty' out
	guest null_blk 1
}

# The kernel writes to the same console.
bench_between()
{
	bench 0 core 'boot' klab.bench.begin 'tsc: Refined\r' "$header\r" \
		'clocksource: Switched\tto\ttsc' "$ok_row\r" 'core\tread' 'klab.bench.end=2\r' "$ok_row"
	ends_with '1 passed, 0 failed, 0 skipped'
	! grep -q clocksource copy/build/results/bench.tsv || return 1
	grep -q 'not of the table: tsc: Refined' err
}

bench_cut_short()
{
	bench 1 core klab.bench.begin "$header" "$ok_row" "tsc: Refined$ok_row" klab.bench.end=3
	ends_with '1 passed, 1 failed, 0 skipped'
	grep -q '^2 of 3 lines of the table are there' err
	rm -rf copy
	bench 1 core klab.bench.begin "$header" "$ok_row"
	grep -q '^the table has no end' err
	rm -rf copy
	bench 1 core 'Kernel panic'
	ends_with '0 passed, 1 failed, 0 skipped'
	rm -rf copy
	guest_status=3 bench 1 core klab.bench.begin "$header" "$ok_row" klab.bench.end=2
	ends_with '1 passed, 1 failed, 0 skipped'
}

# The second boot is part of the table.
bench_on_several_cpus()
{
	bench 0 softwork klab.bench.begin "# softwork.x=1" "$header" "${ok_row/core/softwork}" klab.bench.end=3
	ends_with '2 passed, 0 failed, 0 skipped'
	[[ $(grep -c '^# softwork\(-4cpu\)\?.x=1' copy/build/results/bench.tsv) == 2 ]]
	grep -q '^softwork-4cpu	read' copy/build/results/bench.tsv
}

# A kernel that patches its code does not live long on several CPUs of QEMU.
bench_fio()
{
	local rows=(klab.bench.begin "$header" "${ok_row/core/blkdev}" klab.bench.end=2)

	bench 0 blkdev "${rows[@]}"
	[[ $(sort -u boots) == $'bench bench\nx86_64 fio' ]]
	grep -qx 'CONFIG_JUMP_LABEL=y' copy/kunit/bench.config
	grep -qx '# CONFIG_JUMP_LABEL is not set' copy/kunit/x86_64.config
	rm -rf copy boots
	fio_status=3 bench 1 blkdev "${rows[@]}"
	rm -rf copy boots
	FIO=0 bench 0 blkdev "${rows[@]}"
	rm -rf copy
	bench 0 core klab.bench.begin "$header" "$ok_row" klab.bench.end=2
	[[ $(sort -u boots) == 'bench bench' ]]
}

it 'bench: rows within their bar and over it' bench_counts
it 'bench: rows without a bar, and without a verdict' bench_without_bar
it 'bench: a module that cannot be loaded in the guest' bench_without_module
it 'bench: lines of the kernel in between are no rows' bench_between
it 'bench: a table or a guest that is cut short fails' bench_cut_short
it 'bench: the boot on several CPUs' bench_on_several_cpus
it 'bench: fio has a kernel of its own' bench_fio
