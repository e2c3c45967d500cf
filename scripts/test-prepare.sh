# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2016,SC2154
#
# The part of test-series.sh that tests what prepares a guest, with scripts in
# the place of those that lay the tree, build and make the image.

# Each step says that it is done, and does the next thing in $1.
fake_steps()
{
	local step

	with_copy
	for step in tree kernel image; do
		printf '#!/bin/bash\necho %s >>"%s/steps"\n. "%s/%s" 2>/dev/null\nexit 0\n' \
			$step "$PWD" "$PWD" $step >copy/scripts/$step.sh
	done
	echo 'mkdir -p copy/build/linux/build-uml; echo a >copy/build/linux/build-uml/linux' >kernel
	cat >image <<-'END'
	mkdir -p copy/build/guest/uml
	: >copy/build/guest/uml/initramfs.cpio
	cksum <copy/build/linux/build-uml/linux >copy/build/guest/uml/kernel
	END
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

# Whoever builds by hand, or a tree of one's own that only tree.sh looks at.
prepares_what_others_change()
{
	fake_steps
	"$prepare" uml
	echo b >copy/build/linux/build-uml/linux
	"$prepare" uml
	"$prepare" uml
	[[ $(wc -l <steps) == 6 ]]
	LINUX=/mine "$prepare" uml
	LINUX=/mine "$prepare" uml
	[[ $(wc -l <steps) == 12 ]]
	"$prepare" uml
	"$prepare" uml
	[[ $(wc -l <steps) == 15 ]]
}

# What was interrupted, or has failed, is done again.
prepare_again()
{
	fake_steps
	cp kernel whole
	echo "$1" >kernel
	! env --default-signal=INT,TERM,HUP "$prepare" uml || return 1
	[[ $(cat steps) == $'tree\nkernel' ]]
	mv whole kernel
	rm steps
	"$prepare" uml
	[[ $(cat steps) == "$steps" ]]
}

prepare_refused()
{
	fake_steps
	fake df 'echo h; echo d 9 9 4499 9 m'
	PATH=$PWD/bin:$PATH refuses 1 'no space: .* has 4499 MiB left, 4500 MiB are needed' "$prepare" uml
	((EUID)) || chown -R 65534:65534 .
	chmod a-w copy
	refuses 1 'cannot write to' as_nobody "$prepare" uml
	chmod u+w copy
	mkdir copy/build
	chmod a-w copy/build
	refuses 1 'cannot write' as_nobody "$prepare" uml
	[[ ! -e steps ]]
}

prepare_says_the_cache()
{
	local cold='building the kernel uml: compiler cache cold, [0-9]+ CPU\(s\); the first time'

	unset CCACHE_DIR
	fake_steps
	XDG_CACHE_HOME=$PWD says "$cold" "$prepare" uml
	mkdir -p klab/ccache
	printf '\n' >>copy/drivers-staging/klab/Kconfig
	XDG_CACHE_HOME=$PWD says 'compiler cache warm, [0-9]+ CPU\(s\)$' "$prepare" uml
	XDG_CACHE_HOME=$PWD "$prepare" uml 2>again
	[[ ! -s again ]]
}

embedded_files_are_seen()
{
	local said source

	need ccache
	(
		# shellcheck source=scripts/kernels.sh
		. "$root/scripts/kernels.sh"
		CCACHE_DIR=$PWD/cache use_ccache
		printf '\t.incbin "file"\n' >asm.S
		printf '__asm__(".incbin \\"file\\"\\n");\n' >c.c
		echo 'int x;' >none.c
		for said in 'the first' 'the other'; do
			echo "$said" >file
			for source in asm.S c.c none.c; do
				$ccache gcc -Wp,-MMD,dep -c -o "$source.o" "$source"
			done
			grep -aq "$said" asm.S.o
			grep -aq "$said" c.c.o
		done
		CCACHE_DIR=$PWD/cache ccache --print-stats | grep -qP '^direct_cache_hit\t1$'
	)
}

it 'prepare: what a source embeds is seen' embedded_files_are_seen
it 'prepare: a build says whether the cache is cold' prepare_says_the_cache
it 'prepare: again only after a change' prepares_once
it 'prepare: again where something else was built' prepares_what_others_change
for signal in INT TERM KILL; do
	it "prepare: signal $signal in the middle" prepare_again "kill -$signal \$PPID; sleep 1"
done
it 'prepare: a step fails' prepare_again 'exit 1'
it 'prepare: no space, read-only' prepare_refused
