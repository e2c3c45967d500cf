# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2016,SC2154
#
# The part of test-series.sh that tests tree.sh, on a small source and in
# a copy of the repository.

small_source()
{
	cp -a "$scratch/before" source
	with_copy
	tree=$PWD/copy/build/linux
	export LINUX=$PWD/source
}

# What in the tree differs in time from the last time: sets files.
mark() { find "$tree" -type f -printf '%P %T@\n' | sort >mark; }

since_mark()
{
	find "$tree" -type f -printf '%P %T@\n' | sort | comm -13 mark - | cut -d' ' -f1 >changed
	diff <(printf '%s\n' "$@" | sed '/^$/d' | sort) changed
}

holds() { diff -r "$scratch/$1" "$tree"; }

lays_tree()
{
	small_source
	copy/scripts/tree.sh
	holds after
	diff -r "$scratch/before" source
	mark
	says '^build/linux: 0 file' copy/scripts/tree.sh
	since_mark ''
	printf '\n' >>copy/drivers-staging/klab/core/klab_core.h
	printf 'junk\n' >"$tree/MAINTAINERS"
	says '^build/linux: 2 file' copy/scripts/tree.sh
	since_mark drivers/staging/klab/core/klab_core.h MAINTAINERS
}

follows_series()
{
	small_source
	copy/scripts/tree.sh
	mark
	rm copy/drivers-staging/klab/core/klab_core.h
	copy/scripts/tree.sh
	[[ ! -e $tree/drivers/staging/klab/core/klab_core.h ]]
	since_mark ''
	# Without any of klab all is as in the source.
	printf 'patch klab-core\n' >copy/patches/series
	rm -rf copy/{drivers-staging,tools,core,Documentation} copy/patches/changes/*
	copy/scripts/tree.sh
	holds before
}

follows_source()
{
	small_source
	copy/scripts/tree.sh
	mark
	printf 'new\n' >source/kernel/new.c
	printf '# mine\n' >>source/Kbuild
	copy/scripts/tree.sh
	since_mark kernel/new.c Kbuild
	rm source/kernel/new.c
	copy/scripts/tree.sh
	[[ ! -e $tree/kernel/new.c ]]
	plain_git source init -q
	plain_git source add -A -f
	: >source/.config
	copy/scripts/tree.sh
	[[ ! -e $tree/.config ]]
	cmp source/Kbuild "$tree/Kbuild"
}

refuses_source()
{
	small_source
	: >source/.config
	refuses 1 'has been built in: make mrproper' copy/scripts/tree.sh
	rm source/.config
	LINUX=$PWD refuses 1 'not the top of a kernel tree' copy/scripts/tree.sh
	LINUX=/nonexistent refuses 1 'no such directory' copy/scripts/tree.sh
	sed -i.own 's/^SUBLEVEL = .*/SUBLEVEL = 3/' source/Makefile
	refuses 1 'is Linux 6.12.3, klab needs 6.12.[0-9]* or later' copy/scripts/tree.sh
	mv source/Makefile.own source/Makefile
	"$apply" source
	refuses 1 'has klab in it' copy/scripts/tree.sh
}

killed_tree()
{
	small_source
	wrap mv '[ $n != "$(cat stop)" ] || kill -'"$1"' $PPID; exec "$real" "$@"'
	echo "$2" >stop
	! run_wrapped copy/scripts/tree.sh || return 1
	copy/scripts/tree.sh
	holds after
	[[ $(echo copy/build/*) == 'copy/build/linux copy/build/linux.state' ]]
}

read_only_repository()
{
	small_source
	((EUID)) || chown -R 65534:65534 .
	chmod a-w copy
	refuses 1 'cannot write to' as_nobody copy/scripts/tree.sh
	chmod u+w copy
}

it 'tree: lays the series out, then only what differs' lays_tree
it 'tree: what klab no longer has is restored or removed' follows_series
it "tree: follows LINUX=path, which it does not change" follows_source
it 'tree: refuses a source that cannot serve' refuses_source
for signal in INT KILL; do
	it "tree: signal $signal before the tree is in place" killed_tree $signal 1
	it "tree: signal $signal while files are laid" killed_tree $signal 9
done
it 'tree: repository that cannot be written' read_only_repository
