# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2016,SC2154
#
# The part of test-series.sh that tests where a guest leaves its results, that two
# of them do not meet there, and what is decided before and after it runs: with a
# script in the place of the kernel.

# What is there is removed only where it can be nothing but results.
guest_results()
{
	fake_kernel 'echo klab.status=0'
	mkdir mine
	: >mine/precious
	OUT=$PWD/mine refuses 1 'mine holds something else than results' "$boot" uml tests
	[[ $(ls -A mine) == precious ]]
	OUT=$PWD/mine KEEP=1 "$boot" uml tests
	[[ -e mine/precious && -s mine/console ]]
	OUT=$PWD/new/results "$boot" uml tests
	: >new/results/old
	OUT=$PWD/new/results "$boot" uml tests
	[[ ! -e new/results/old && -s new/results/console ]]
	mkdir -p copy/build/results/uml
	: >copy/build/results/uml/old
	"$boot" uml tests
	[[ ! -e copy/build/results/uml/old && -s $console ]]
}

# The second of two waits, or it would remove what the first one uses.
guest_twice()
{
	fake_kernel 'echo "$$" >>"$UML_DIR/../started"
		for i in $(seq 600); do [ -s "$UML_DIR/../waits" ] || sleep 0.1; done
		[ -d "$UML_DIR" ] && echo klab.status=0'
	mkdir -p copy/build/results
	"$boot" uml tests &
	filled copy/build/results/started
	"$boot" uml tests 2>copy/build/results/waits
	wait $!
	cat copy/build/results/waits
	grep -q 'waiting for another run to let go of .*/results/uml.lock' copy/build/results/waits
	[[ $(wc -l <copy/build/results/started) == 2 ]]
}

# What prepares for make run is left out.
fake_run()
{
	local script

	fake_kernel "echo 'klab tour: Linux, 1 CPU(s)'; echo 'tour: all of it worked'; echo klab.status=$1"
	for script in setup prepare; do
		printf '#!/bin/sh\n' >copy/scripts/$script.sh
	done
	run=$PWD/copy/scripts/run.sh
}

# The reason, and nothing about a console that is not there, or of the run before.
run_refused()
{
	local status=0

	fake_run 0
	CPUS=0 refuses 2 'CPUS=0 is no number of processors' "$run" uml tour
	says '^tour: all of it worked' "$run" uml tour
	CPUS=0 refuses 2 'CPUS=0 is no number of processors' "$run" uml tour
	[[ ! -s out ]]
	rm copy/build/guest/uml/kernel
	refuses 1 'is of another kernel' "$run" uml tour
	fake_run 3
	"$run" uml tour >out || status=$?
	[[ $status == 3 ]] && grep -q '^tour: ' out
}

# As many as were asked for, or QEMU or the kernel has lost some.
run_counts_processors()
{
	fake_run 0
	cat >copy/scripts/boot.sh <<-'END'
	#!/bin/sh
	mkdir -p "$OUT"
	printf 'klab tour: Linux, %s CPU(s)\r\ntour: all of it worked\r\n' "$came" >"$OUT/console"
	END
	unset CPUS
	came=2 refuses 1 'not all of the 4 processors came up' "$run" x86_64 tour
	came=14 refuses 1 'not all of the 4 processors came up' "$run" x86_64 tour
	came=4 says '^tour: all' "$run" x86_64 tour
	came=2 CPUS=2 says '^tour: all' "$run" x86_64 tour
}

run_decides()
{
	fake_run 0
	printf '#!/bin/sh\nmkdir -p "$OUT"; echo "$2" | tee -a "%s/ran" >"$OUT/console"\n' "$PWD" >copy/scripts/boot.sh
	"$run" uml auto </dev/null
	script -qec "'$run' uml auto >/dev/null" /dev/null </dev/null
	script -qec "'$run' uml auto </dev/null" /dev/null </dev/null
	script -qec "'$run' uml auto" /dev/null </dev/null
	[[ $(cat ran) == $'tour\ntour\ntour\nshell' ]]
}

# probe STATUS TIMES [SCRIPT]: how the probe ends, and how often QEMU has run.
probe()
{
	local status=0

	[[ $# == 2 ]] || fake qemu-system-x86_64 "echo run >>\"$PWD/runs\"; $3"
	PATH=$PWD/bin:$PATH XDG_CACHE_HOME=$PWD KVM_NODE=$PWD/node KVM_LIMIT=1 \
		timeout 60 "$clone/scripts/kvm-probe.sh" vmlinux || status=$?
	[[ $status == "$1" && $(cat runs 2>/dev/null | wc -l) == "$2" ]] ||
		{ say "status $status, $(cat runs | wc -l) runs"; return 1; }
}

# One boot of the guest for each of the machine.
probes_kvm()
{
	probe 1 0 'echo VFS: Unable to mount'
	[[ ! -e klab ]]
	: >node
	probe 0 1 'echo VFS: Unable to mount'
	probe 0 1 'exit 1'
	mv klab/kvm-* klab/kvm-of-another-boot
	probe 1 2 'exit 0'
	[[ $(ls klab) == "kvm-$(cat /proc/sys/kernel/random/boot_id)" ]]
	probe 1 2 'echo VFS: Unable to mount'
	rm klab/kvm-*
	probe 1 3 'exec sleep 600'
	probe 1 3
}

# The guest's shell, where the paths of the guest are in this directory.
shell_greets()
{
	mkdir -p klab sys/klab_a sys/klab_b
	sed "s,/klab/,$PWD/klab/,g; s,/sys/module/,$PWD/sys/," "$clone/kunit/guest/shell" >greet
	printf '#!/bin/sh\n[ "$1" = setsid ] || exec "$@"\n' >klab/busybox
	chmod +x klab/busybox
	echo klab_a klab_b >klab/modules
	fake modprobe 'exit 1'
	PATH=$PWD/bin:$PATH says 'CPU\(s\), .*The modules are loaded\.$' sh greet
	rmdir sys/klab_b
	PATH=$PWD/bin:$PATH says ' Not loaded: klab_b\.$' sh greet
	[[ $(wc -l <out) == 3 ]]
}

it 'boot: only results are removed' guest_results
it 'boot: two at once' guest_twice
it 'run: what boot.sh refuses' run_refused
it 'run: not all processors came up' run_counts_processors
it 'run: a shell on a terminal, else the tour' run_decides
it 'kvm-probe: no node, good, silent, hanging; once' probes_kvm
it 'guest: the shell says what is not loaded' shell_greets
