# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2016,SC2154
#
# The part of test-series.sh that tests what boots a guest, with scripts in the
# place of kernels.

# A kernel for UML that is a script.
fake_kernel()
{
	with_copy
	mkdir -p copy/build/linux/build-uml copy/build/guest/uml
	: >copy/build/guest/uml/initramfs.cpio
	printf '#!/bin/sh\n%s\n' "$1" >copy/build/linux/build-uml/linux
	chmod +x copy/build/linux/build-uml/linux
	cksum <copy/build/linux/build-uml/linux >copy/build/guest/uml/kernel
	boot=$PWD/copy/scripts/boot.sh
	console=$PWD/copy/build/results/uml/console
}

# fake NAME SCRIPT: a command of that name goes before the real one.
fake()
{
	mkdir -p bin
	printf '#!/bin/sh\n%s\n' "$2" >"bin/$1"
	chmod +x "bin/$1"
}

# filled FILE: waits until it is.
filled()
{
	for _ in {1..600}; do
		[[ ! -s $1 ]] || return 0
		sleep 0.1
	done
	say "nothing came into $1"
	return 1
}

guest_status()
{
	fake_kernel "printf 'a line\r\nklab.status=$1\r\nreboot: Power down\r\n'; exit 1"
	local status=0
	"$boot" uml tests || status=$?
	[[ $status == "$1" ]]
	grep -q '^a line' "$console"
}

# ends REGEX COMMAND...: it fails, and the last line that it says tells why.
ends()
{
	local regex=$1 status=0

	shift
	"$@" >out 2>err || status=$?
	cat out err
	[[ $status == 1 ]] || { say "status $status"; return 1; }
	tail -n 1 err | grep -qE "$regex"
}

guest_dies()
{
	fake_kernel 'echo Kernel panic; exit 3'
	ends '^boot.sh: uml: the guest died \(status 3\); the console is in .*/uml/console$' "$boot" uml tests
	grep -q '^Kernel panic' err
	fake_kernel 'echo before; echo Oops: int3: 0000; seq 100; echo Kernel panic; exit 3'
	ends 'the guest died \(status 3\)' "$boot" uml tests
	grep -q '^Oops: int3' err
	! grep -qE '^(before|100)' err
	fake_kernel 'seq 100; exit 3'
	ends 'the guest died \(status 3\)' "$boot" uml tests
	grep -q '^100' err
}

# It may not notice that it is to end.
guest_hangs()
{
	fake_kernel 'exec sleep 600'
	TIMEOUT=1 ends 'no end after 1 s; the console is in' "$boot" uml tests
}

guest_without_image()
{
	fake_kernel 'echo klab.status=0'
	refuses 1 'what to run: shell, tour' "$boot" uml
	refuses 1 "no kernel 'umm' in kunit/variants" "$boot" umm tests
	CPUS=many refuses 2 'CPUS=many is no number of processors' "$boot" uml tests
	CPUS=0 refuses 2 'CPUS=0 is no number' "$boot" uml tests
	echo 'echo another' >>copy/build/linux/build-uml/linux
	refuses 1 "the initramfs of uml is of another kernel: run 'scripts/image.sh uml'" "$boot" uml tests
	rm copy/build/guest/uml/kernel
	refuses 1 'is of another kernel' "$boot" uml tests
	rm copy/build/guest/uml/initramfs.cpio
	refuses 1 "no initramfs for uml: run 'scripts/image.sh uml'" "$boot" uml tests
	[[ ! -e $console ]]
}

# free SHM REST: what df says is left, in MiB.
free()
{
	fake df "for last; do :; done; case \$last in /dev/shm) n=$1 ;; *) n=$2 ;; esac; echo h; echo \"d 9 9 \$n 9 m\""
}

guest_memory()
{
	fake_kernel 'echo "memory in $TMPDIR"; echo klab.status=0'
	unset TMPDIR
	free 400 1
	PATH=$PWD/bin:$PATH "$boot" uml tests
	grep -qx 'memory in /dev/shm' "$console"
	free 399 1000
	PATH=$PWD/bin:$PATH says '/dev/shm has 399 MiB free, using .*/copy/build for' "$boot" uml tests
	grep -qx "memory in $PWD/copy/build" "$console"
	TMPDIR=$PWD PATH=$PWD/bin:$PATH "$boot" uml tests
	grep -qx "memory in $PWD" "$console"
	free 399 399
	PATH=$PWD/bin:$PATH ends 'no space: .* has 399 MiB left, 400 MiB are needed' "$boot" uml tests
}

# Whatever becomes of the guest, the terminal is as it was.
guest_terminal()
{
	fake_kernel "$1"
	cat >shell <<-'END'
	stty -g >before
	copy/scripts/boot.sh uml shell
	echo $? >status
	stty -g >after
	END
	script -qec 'bash shell' /dev/null </dev/null >said
	cat said
	diff before after
	[[ $(cat status) == "$2" ]]
}

for status in 0 3; do
	it "boot: status $status of the guest is the script's" guest_status $status
done
it 'boot: a guest that dies' guest_dies
it 'boot: a guest that hangs' guest_hangs
it 'boot: no image, that of another kernel, nothing to run' guest_without_image
it 'boot: /dev/shm too small, and no space at all' guest_memory
it 'boot: a shell that ends leaves the terminal as it was' guest_terminal \
	'stty raw -echo </dev/tty; echo 0 >"$UML_DIR/status"' 0
it 'boot: a shell whose guest dies leaves the terminal as it was' guest_terminal \
	'stty raw -echo </dev/tty; kill -KILL $$' 1
