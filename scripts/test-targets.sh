# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2016,SC2154
#
# The part of test-series.sh that tests what all targets of make have in common:
# each looks for the space it needs before it does anything, stands a user's odd
# environment, and leaves nothing in /tmp when it is stopped.

# Those that need none, or whose space apt-get looks after.
without_space=' help setup clean distclean '

targets_look_for_space()
{
	local target

	with_copy
	printf '#!/bin/sh\necho setup >>"%s/done"\n' "$PWD" >copy/scripts/setup.sh
	: >config
	fake df 'echo h; echo "d 9 9 9 9 m"'
	for target in $(sed -n 's/^\([a-z0-9-]*\):.*##.*/\1/p' copy/Makefile); do
		[[ $without_space != *" $target "* ]] || continue
		say "$target"
		! PATH=$PWD/bin:$PATH make -s -C copy "$target" CONFIG="$PWD/config" </dev/null >out 2>err || return 1
		cat out err
		[[ $(grep -c ': no space: .* has 9 MiB left, [0-9]* MiB are needed$' err) == 1 ]]
		[[ $(grep -vc '^make' err) == 1 && ! -e "done" ]]
	done
}

# A kernel that is built takes no more.
builds_need_space()
{
	with_copy
	fake df "echo h; echo \"d 9 9 \$(cat $PWD/left) 9 m\""
	cat >try <<-'END'
	. "$1/scripts/lib.sh"
	. "$1/scripts/kernels.sh"
	need_builds uml x86_64
	END
	for left in '4999 5000' '1199 1200' '699 700' '199 200'; do
		echo "${left% *}" >left
		PATH=$PWD/bin:$PATH refuses 1 "has ${left% *} MiB left, ${left#* } MiB" bash -eu try copy
		echo "${left#* }" >left
		PATH=$PWD/bin:$PATH bash -eu try copy
		case $left in
		4*) mkdir -p copy/build/linux ;;
		1199*) sed -i 's/need_builds uml x86_64/need_builds uml/' try ;;
		6*) mkdir -p copy/build/linux/build-uml/drivers/staging/klab ;;
		esac
	done
}

# OUT and the like are names that others use as well.
foreign_environment()
{
	with_copy
	mkdir -p mine
	: >mine/precious
	printf '#!/bin/sh\nenv\n' >copy/scripts/test.sh
	OUT=$PWD/mine SRC=/x KLAB=off GUEST=x make -s -C copy test >out
	! grep -E '^(OUT|SRC|KLAB|GUEST)=' out || return 1
	printf '#!/bin/bash\n. %q/scripts/lib.sh\nenv\n' "$PWD/copy" >copy/scripts/test.sh
	ARCH=arm CROSS_COMPILE=x- LLVM=1 KBUILD_OUTPUT=/x KCFLAGS=-x make -s -C copy test >out
	! grep -E '^(ARCH|CROSS_COMPILE|LLVM|KBUILD_OUTPUT|KCFLAGS|MAKEFLAGS|MAKELEVEL)=' out
}

# Whatever is in the name of the directory for temporary files.
temporary_files()
{
	local odd="it's \$(touch ran) a"

	mkdir "$odd"
	printf '. "%s/scripts/lib.sh"\nscratch\necho "$scratch"\n%s\n' "$clone" '[ -z "${1-}" ] || kill -"$1" $$' >try
	TMPDIR=$odd bash -euo pipefail try
	! TMPDIR=$odd env --default-signal=INT bash -euo pipefail try INT || return 1
	[[ -z $(ls -A "$odd") && ! -e ran ]]
	TMPDIR=/nonexistent refuses 1 'cannot make a temporary directory in /nonexistent' \
		bash -euo pipefail try
}

cleans()
{
	with_copy
	mkdir -p copy/build/{guest/uml,results,bisect,deb,linux/build-uml,linux/kernel,linux.state}
	make -s -C copy clean
	[[ $(cd copy/build && echo * linux/*) == 'linux linux.state linux/kernel' ]]
	make -s -C copy clean
	make -s -C copy distclean
	[[ ! -e copy/build && -e copy/Makefile ]]
}

it 'targets: clean and distclean' cleans
it 'targets: each looks for space first' targets_look_for_space
it 'targets: what is built needs no more space' builds_need_space
it 'targets: what a user has in the environment' foreign_environment
it 'targets: temporary files go' temporary_files
