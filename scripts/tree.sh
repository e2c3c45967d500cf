#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Usage: scripts/tree.sh [--help]
#
# Lays the kernel source and klab out in build/linux as plain files. Only files
# whose content differs are written, so that the next make rebuilds only what
# they touch; what klab no longer has is removed, or is again as in the source.
# build/linux.state remembers what was laid. Interrupted, it is run again.
# With LINUX=PATH the source is that tree, without what was built in it.
# Exit status: 0 done, 1 failed, 2 wrong use.

set -euo pipefail
# shellcheck source=scripts/compose.sh
. "$(dirname "${BASH_SOURCE[0]}")/compose.sh"

readonly tree=$root/build/linux state=$root/build/linux.state
written=0

# The files of a user's own tree with size and time; one line names the pinned.
list_base()
{
	base_id=$("$root/scripts/base.sh" --id) || exit 1
	base=$("$root/scripts/base.sh") || exit 1
	[[ ! -e $base/drivers/staging/klab ]] ||
		die "$base has klab in it: take it out first (scripts/apply.sh --revert)"
	if [[ -z ${LINUX-} ]]; then
		printf '%s\n' "$base_id" >"$scratch/base"
	elif [[ -e $base/.git ]]; then
		(cd "$base" && git ls-files -co --exclude-standard) >"$scratch/names" ||
			die "git cannot list the files of $base"
		(cd "$base" || exit
		 xargs -d '\n' stat -c $'%n\t%s %.Y' -- <"$scratch/names" 2>/dev/null ||
			true) | sort >"$scratch/base"
	else
		[[ ! -e $base/.config && ! -d $base/include/generated ]] ||
			die "$base has been built in: make mrproper there first"
		(cd "$base" && find . ! -type d -printf '%P\t%s %T@\n') |
			sort >"$scratch/base"
	fi
}

lay_base()
{
	local tmp=$tree.tmp.$$

	need_space "$root/build" 1900
	rm -rf -- "$state"	# first: a tree without it is never trusted
	rm -rf -- "$tree" "$tree".tmp.*
	on_exit rm -rf -- "$tmp"
	note "copying $base to build/linux"
	mkdir -p "$tmp" "$state"
	if [[ -n ${LINUX-} ]]; then
		cut -f1 "$scratch/base" | tar -C "$base" --verbatim-files-from -T - -cf - |
			tar -C "$tmp" -xmf - || die "cannot copy $base"
	else
		# New times: objects built from another source must look old.
		cp -R --reflink=auto "$base/." "$tmp" || die "cannot copy $base"
	fi
	: >"$state/files"
	printf '%s\n' "$base_id" >"$state/id"
	cp "$scratch/base" "$state/base"
	mv -T "$tmp" "$tree"
}

# Replaces a file of the tree in one step, if it is to differ.
put()
{
	local from=$1 to=$tree/$2

	if cmp -s "$from" "$to" && [[ ! -x $from || -x $to ]]; then
		return 0
	fi
	if ! mkdir -p "${to%/*}" || ! cp -P "$from" "$to.klab-new" ||
	   ! mv -fT "$to.klab-new" "$to"; then
		die "cannot write $to"
	fi
	written=$((written + 1))
}

# A path that klab or the source no longer has: as in the source, or gone.
restore()
{
	if [[ -f $base/$1 && (-z ${LINUX-} || -n ${in_base[$1]-}) ]]; then
		put "$base/$1" "$1"
	elif [[ -e $tree/$1 ]]; then
		rm -f -- "$tree/$1" || die "cannot remove $tree/$1"
		(cd "$tree" && rmdir -p --ignore-fail-on-non-empty "${1%/*}" 2>/dev/null) || true
		written=$((written + 1))
	fi
}

# What changed in the user's own tree since the last time.
update_base()
{
	local path

	! cmp -s "$scratch/base" "$state/base" || return 0
	while IFS= read -r path; do
		[[ -n ${in_klab[$path]-} ]] || restore "$path"
	done < <(comm -3 "$scratch/base" "$state/base" |
		sed 's/^\t//' | cut -f1 | sort -u)
	cp "$scratch/base" "$state/base.new"
	mv -f "$state/base.new" "$state/base"
}

case ${1-} in
--help) usage; exit 0 ;;
'') ;;
*) misuse "unknown argument: $1" ;;
esac

mkdir -p "$root/build" 2>/dev/null || die "cannot write to $root"
lock "$root/build/.linux.lock"
compose_load
list_base
compose_start "$scratch/new"
for i in "${!compose_names[@]}"; do
	compose_step "$scratch/new" "$i"
done
(cd "$scratch/new" && find . -type f -printf '%P\n') | sort >"$scratch/klab"

[[ -d $tree && -f $state/base && $(cat "$state/id" 2>/dev/null) == "$base_id" ]] || lay_base

declare -A in_klab=() in_base=()
while IFS= read -r path; do
	in_klab[$path]=1
done <"$scratch/klab"
if [[ -n ${LINUX-} ]]; then
	while IFS=$'\t' read -r path _; do
		in_base[$path]=1
	done <"$scratch/base"
fi

# Remembered before they are laid: interrupted, the next run still knows them.
sort -u "$state/files" "$scratch/klab" >"$state/files.new"
mv -f "$state/files.new" "$state/files"
update_base
while IFS= read -r path; do
	if [[ -n ${in_klab[$path]-} ]]; then
		put "$scratch/new/$path" "$path"
	else
		restore "$path"
	fi
done <"$state/files"
cp "$scratch/klab" "$state/files.new"
mv -f "$state/files.new" "$state/files"
say "build/linux: $written file(s) written"
