# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2016,SC2154
#
# The part of test-series.sh that tests what prepares and boots a guest: with
# scripts in the place of kernels, and of what builds them.

# A kernel for UML that is a script.
fake_kernel()
{
	with_copy
	mkdir -p copy/build/linux/build-uml copy/build/guest/uml
	: >copy/build/guest/uml/initramfs.cpio
	printf '#!/bin/sh\n%s\n' "$1" >copy/build/linux/build-uml/linux
	chmod +x copy/build/linux/build-uml/linux
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
	rm copy/build/guest/uml/initramfs.cpio
	refuses 1 "no initramfs for uml: run 'scripts/image.sh uml'" "$boot" uml tests
	refuses 1 'what to run: shell, tour' "$boot" uml
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

# Each step says that it is done, and does the next thing in $1.
fake_steps()
{
	local step

	with_copy
	for step in tree kernel image; do
		printf '#!/bin/bash\necho %s >>"%s/steps"\n. "%s/%s" 2>/dev/null\nexit 0\n' \
			$step "$PWD" "$PWD" $step >copy/scripts/$step.sh
	done
	echo 'mkdir -p copy/build/guest/uml; : >copy/build/guest/uml/initramfs.cpio' >image
	prepare=$PWD/copy/scripts/prepare.sh
	steps=$'tree\nkernel\nimage'
}

prepares_once()
{
	fake_steps
	"$prepare" uml
	[[ $(cat steps) == "$steps" ]]
	"$prepare" uml
	[[ $(cat steps) == "$steps" ]]
	printf '\n' >>copy/drivers-staging/klab/Kconfig
	"$prepare" uml
	[[ $(cat steps) == "$steps"$'\n'"$steps" ]]
	rm copy/build/guest/uml/initramfs.cpio
	"$prepare" uml
	[[ $(wc -l <steps) == 9 ]]
}

# What was interrupted, or has failed, is done again.
prepare_again()
{
	fake_steps
	echo "$1" >kernel
	! env --default-signal=INT,TERM,HUP "$prepare" uml || return 1
	[[ $(cat steps) == $'tree\nkernel' ]]
	rm kernel steps
	"$prepare" uml
	[[ $(cat steps) == "$steps" ]]
}

prepare_refused()
{
	fake_steps
	fake df 'echo h; echo d 9 9 3999 9 m'
	PATH=$PWD/bin:$PATH refuses 1 'no space: .* has 3999 MiB left, 4000 MiB are needed' "$prepare" uml
	((EUID)) || chown -R 65534:65534 .
	chmod a-w copy
	refuses 1 'cannot write to' as_nobody "$prepare" uml
	chmod u+w copy
	mkdir copy/build
	chmod a-w copy/build
	refuses 1 'cannot write' as_nobody "$prepare" uml
	[[ ! -e steps ]]
}

for status in 0 3; do
	it "boot: status $status of the guest is the script's" guest_status $status
done
it 'boot: a guest that dies' guest_dies
it 'boot: a guest that hangs' guest_hangs
it 'boot: no image, nothing to run' guest_without_image
it 'boot: /dev/shm too small, and no space at all' guest_memory
it 'boot: a shell that ends leaves the terminal as it was' guest_terminal \
	'stty raw -echo </dev/tty; echo 0 >"$UML_DIR/status"' 0
it 'boot: a shell whose guest dies leaves the terminal as it was' guest_terminal \
	'stty raw -echo </dev/tty; kill -KILL $$' 1
it 'prepare: again only after a change' prepares_once
for signal in INT TERM KILL; do
	it "prepare: signal $signal in the middle" prepare_again "kill -$signal \$PPID; sleep 1"
done
it 'prepare: a step fails' prepare_again 'exit 1'
it 'prepare: no space, read-only' prepare_refused
