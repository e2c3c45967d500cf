# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2016,SC2154
#
# The part of test-series.sh that tests base.sh and setup.sh, on a small source
# and in a copy of the repository.

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
	wrap tar '"$real" "$@"; kill -INT $PPID; exit 1'
	! run_wrapped copy/scripts/base.sh || return 1
	[[ -z $(find cache -name 'base-*' ! -name '*.lock') ]]
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

# Another 6.12.y: what the series is made on is not to change by accident.
other_base()
{
	small_tarball
	copy/scripts/base.sh
	cp -a copy/patches before
	refuses 1 'the base is not what patches/BASE pins: writing nothing' copy/scripts/refresh.sh
	says 'up to date' copy/scripts/refresh.sh --check
	printf '\n' >>copy/drivers-staging/klab/Kconfig
	refuses 1 'out of date' copy/scripts/refresh.sh --check
	diff -r before copy/patches
}

run_quiet() { ! "$@" >out 2>err; }

base_no_space()
{
	small_tarball
	mkdir bin
	printf '#!/bin/sh\necho h\necho d 9 9 1899 9 m\n' >bin/df
	chmod +x bin/df
	PATH=$PWD/bin:$PATH refuses 1 'no space: .* has 1899 MiB left, 1900 MiB are needed' copy/scripts/base.sh
	[[ ! -e $kept ]]
}

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

# A run that was stopped while dpkg worked: apt-get refuses until that is done.
setup_resumes()
{
	mkdir bin
	printf '#!/bin/sh\n[ -e %q ] || { echo "E: dpkg was interrupted, you must run dpkg --configure -a"; exit 100; }\n' \
		"$PWD/configured" >bin/apt-get
	printf '#!/bin/sh\n[ "$*" != "--configure -a" ] || : >%q\n' "$PWD/configured" >bin/dpkg
	printf '#!/bin/sh\nexit 1\n' >bin/dpkg-query
	printf '#!/bin/sh\n[ "$1" = -n ] || exec "$@"\n' >bin/sudo
	chmod +x bin/*
	for cmd in bash sed sort grep dirname cat rm mkdir stat env flock; do
		ln -s "$(command -v "$cmd")" bin/
	done
	with_copy
	export BASE_TARBALL=$clone/patches/BASE
	PATH=$PWD/bin says 'installing .* bison' copy/scripts/setup.sh build
}

it 'base: two at once unpack once' unpacks_once
it 'base: killed, or the tarball broken: nothing half unpacked' unpacks_whole_or_not
it 'base: one that is not pinned is never refreshed on' other_base
it 'base: no space' base_no_space
it 'base: without a cache directory' no_cache
it 'setup: without apt, and wrong use' setup_without_apt
it 'setup: after dpkg was stopped' setup_resumes
it 'setup: archive out of reach' setup_out_of_reach
