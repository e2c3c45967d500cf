#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Usage: scripts/base.sh [--id | --have | --help]
#
# Prints the directory of the kernel source that klab is built on, and unpacks
# it first where that was not done yet. With --id, prints what names it instead;
# with --have, only tells by its status whether there is one.
#
#   LINUX=PATH     the source is a tree of your own: PATH, only read
#   BASE_TARBALL=FILE  the tarball, instead of Debian's in /usr/src
#
# The tarball is unpacked once into ${XDG_CACHE_HOME:-~/.cache}/klab, under the
# start of its checksum, and shared by all clones. One that patches/BASE does
# not pin is used with a notice. Exit status: 0 done, 1 no base, 2 wrong use.

set -euo pipefail
# shellcheck source=scripts/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
# shellcheck source=scripts/release.sh
. "$root/scripts/release.sh"

# What the unpacked source takes, with room for it to grow.
readonly space_mib=1900

own_tree()
{
	local dir release

	dir=$(cd "$LINUX" 2>/dev/null && pwd -P) || die "LINUX=$LINUX: no such directory"
	release=$(kernel_version "$dir")
	[[ -n $release ]] || die "LINUX=$LINUX: not the top of a kernel tree"
	check_release "LINUX=$LINUX" "$release"
	printf '%s\n' "$dir"
}

# The checksum costs a second: remember it by what changes with the file.
checksum()
{
	local memo sum

	memo=$2/sum-$(stat -Lc '%s-%Y-%i' "$1")
	sum=$(cat "$memo" 2>/dev/null) || true
	if [[ ! $sum =~ ^[0-9a-f]{64}$ ]]; then
		sum=$(sha256sum "$1") || die "cannot read $1"
		sum=${sum%% *}
		printf '%s\n' "$sum" >"$memo.$$" && mv -f "$memo.$$" "$memo"
	fi
	printf '%s\n' "$sum"
}

unpack()
{
	local tarball=$1 dir=$2 tmp=$2.tmp.$$

	need tar xz
	lock "$dir.lock"
	[[ ! -d $dir ]] || return 0
	rm -rf -- "$dir".tmp.*
	need_space "${dir%/*}" "$space_mib"
	on_exit rm -rf -- "$tmp"
	mkdir "$tmp" || die "cannot write to ${dir%/*}"
	note "unpacking $tarball into $dir (once, shared by all clones)"
	XZ_OPT=-T0 tar -C "$tmp" --no-same-owner --strip-components=1 -xJf "$tarball" ||
		die "cannot unpack $tarball into $dir"
	[[ -n $(kernel_version "$tmp") ]] || die "$tarball holds no kernel source"
	mv -T "$tmp" "$dir" || die "cannot write $dir"
}

case ${1-} in
--help) usage; exit 0 ;;
--id | --have | '') (($# <= 1)) || misuse "too many arguments" ;;
*) misuse "unknown argument: $1" ;;
esac

if [[ -n ${LINUX-} ]]; then
	dir=$(own_tree)
	[[ ${1-} == --id ]] && dir="LINUX $dir"
	printf '%s\n' "$dir"
	exit 0
fi

package=$(base_key package)
pinned=$(base_key sha256)
tarball=${BASE_TARBALL:-/usr/src/$package.tar.xz}
[[ ${1-} != --have || ! -r $tarball ]] || exit 0
cache=$(cache_dir)
if [[ -r $tarball ]]; then
	sum=$(checksum "$tarball" "$cache")
elif [[ -z ${BASE_TARBALL-} && -d $cache/base-${pinned:0:16} ]]; then
	[[ ${1-} != --have ]] || exit 0
	sum=$pinned
else
	[[ ${1-} != --have ]] || exit 1
	die "no $tarball: scripts/setup.sh build installs it, or set LINUX=PATH"
fi
if [[ ${1-} == --id ]]; then
	printf '%s\n' "$sum"
	exit 0
fi
[[ $sum == "$pinned" ]] ||
	note "notice: $tarball is not the $(base_key version) that patches/BASE pins"
dir=$cache/base-${sum:0:16}
[[ -d $dir ]] || unpack "$tarball" "$dir"
printf '%s\n' "$dir"
