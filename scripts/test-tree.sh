# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2016,SC2154
#
# The part of test-series.sh that tests tree.sh, base.sh and setup.sh, on a
# small source and in a copy of the repository.

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
	"$apply" source
	refuses 1 'has klab in it' copy/scripts/tree.sh
}

killed_tree()
{
	small_source
	wrap mv '[ $n != "$(cat stop)" ] || kill -KILL $PPID; exec "$real" "$@"'
	echo "$1" >stop
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

small_tarball()
{
	small_source
	unset LINUX
	mkdir cache
	export XDG_CACHE_HOME=$PWD/cache BASE_TARBALL=$PWD/linux.tar.xz
	tar -cJf linux.tar.xz source
	kept=$PWD/cache/klab/base-$(sha256sum linux.tar.xz | cut -c1-16)
}

unpacks_once()
{
	small_tarball
	copy/scripts/base.sh >one 2>err-one &
	"$clone/scripts/base.sh" >two 2>err-two &
	wait $!
	wait
	[[ $(cat one) == "$kept" && $(cat two) == "$kept" ]]
	diff -r source "$kept"
	[[ $(cat err-* | grep -c unpacking) == 1 ]]
	[[ -z $(find cache -name '*.tmp.*') ]]
	grep -q 'notice: .* is not the' err-one
}

unpacks_whole_or_not()
{
	small_tarball
	wrap tar '"$real" "$@"; kill -KILL $PPID; exit 1'
	! run_wrapped copy/scripts/base.sh || return 1
	[[ ! -e $kept ]]
	says "^$kept\$" copy/scripts/base.sh
	[[ -z $(find cache -name '*.tmp.*') ]]
	rm -rf "$kept"
	head -c 2000 linux.tar.xz >broken.tar.xz
	BASE_TARBALL=$PWD/broken.tar.xz run_quiet copy/scripts/base.sh
	grep -q 'base.sh: cannot unpack' err
	[[ $(find cache -maxdepth 2 -type d -name 'base-*') == '' ]]
	BASE_TARBALL=/nonexistent refuses 1 'scripts/setup.sh build installs it' copy/scripts/base.sh
}

run_quiet() { ! "$@" >out 2>err; }

no_cache()
{
	small_tarball
	: >file
	XDG_CACHE_HOME=$PWD/file says "^$PWD/copy/build/cache/base-" copy/scripts/base.sh
}

setup_without_apt()
{
	local cmd

	mkdir bin
	for cmd in bash sed sort grep dirname cat rm mkdir stat; do
		ln -s "$(command -v "$cmd")" bin/
	done
	export BASE_TARBALL=$clone/patches/BASE
	PATH=$PWD/bin refuses 1 'no apt-get here; install .* bison .* gcc' "$clone/scripts/setup.sh" build
	PATH=$PWD/bin refuses 2 'unknown step: nonsense' "$clone/scripts/setup.sh" build nonsense
	LINUX=$scratch/before refuses 2 'no STEP' "$clone/scripts/setup.sh"
}

# An archive out of reach: apt-get fails, and what it said is put in a line.
setup_out_of_reach()
{
	mkdir bin
	printf '#!/bin/sh\necho "E: Failed to fetch http://example.org/" >&2\nexit 100\n' >bin/apt-get
	printf '#!/bin/sh\nexit 1\n' >bin/dpkg-query
	printf '#!/bin/sh\n[ "$1" = -n ] || exec "$@"\n' >bin/sudo
	chmod +x bin/*
	for cmd in bash sed sort grep dirname cat rm mkdir stat env flock; do
		ln -s "$(command -v "$cmd")" bin/
	done
	with_copy
	export BASE_TARBALL=$clone/patches/BASE
	PATH=$PWD/bin run_quiet copy/scripts/setup.sh build
	cat err
	grep -qE '^setup.sh: cannot install .*is the Debian archive in reach\? \(E: Failed' err
}

it 'tree: lays the series out, then only what differs' lays_tree
it 'tree: what klab no longer has is restored or removed' follows_series
it "tree: follows LINUX=path, which it does not change" follows_source
it 'tree: refuses a source that cannot serve' refuses_source
it 'tree: killed before the tree is in place' killed_tree 1
it 'tree: killed while files are laid' killed_tree 9
it 'tree: repository that cannot be written' read_only_repository
it 'base: two at once unpack once' unpacks_once
it 'base: killed, or the tarball broken: nothing half unpacked' unpacks_whole_or_not
it 'base: without a cache directory' no_cache
it 'setup: without apt, and wrong use' setup_without_apt
it 'setup: archive out of reach' setup_out_of_reach
