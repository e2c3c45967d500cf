#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Usage: scripts/refresh.sh [--check | --output DIR | --help]
#
# Composes the patches of patches/ from the files of this repository, the same
# bytes on every machine: in a scratch git repository that holds only the
# touched files, with pinned identity and dates and no configuration of the
# user. The text after the second @@ of a hunk differs between versions of git
# and does not count: a patch that differs in nothing else is left alone.
#
#   --check       compare only: status 1 where refresh would change anything
#   --output DIR  write all patches to DIR, new or empty, as git makes them
#
# On a base that patches/BASE does not pin, --check passes over line numbers
# and blob names, and refresh writes nothing.
# Exit status: 0 done, 1 out of date or failed, 2 wrong use.

set -euo pipefail
# shellcheck source=scripts/compose.sh
. "$(dirname "${BASH_SOURCE[0]}")/compose.sh"
# shellcheck source=scripts/refresh-git.sh
. "$root/scripts/refresh-git.sh"

# What of a patch is compared.
masked()
{
	if [[ $pinned ]]; then
		sed -E 's/^(@@ [-0-9, +]+ @@).*/\1/' "$1"
	else
		sed -E -e 's/^@@ .*/@@/' -e '/^index [0-9a-f]{40}\.\./d' "$1"
	fi
}

same() { [[ -f $1 && -f $2 ]] && cmp -s <(masked "$1") <(masked "$2"); }

output=
check=
case ${1-} in
--help) usage; exit 0 ;;
--check) check=1 ;;
--output) (($# == 2)) || misuse "--output takes a directory"; output=$2 ;;
'') ;;
*) misuse "unknown argument: $1" ;;
esac

compose_load
grep -qxF "KLAB_VERSION = $(base_key klab)" "$root/tools/klab/Makefile" ||
	die "patches/BASE and tools/klab/Makefile differ on the version of klab"
scratch_repository
compose_commits
format_patches "$scratch/new"
pinned=
[[ $("$root/scripts/base.sh" --id 2>/dev/null) != "$(base_key sha256)" ]] || pinned=1

if [[ $output ]]; then
	mkdir -p "$output" 2>/dev/null || die "cannot make $output"
	[[ -z $(ls -A "$output") ]] || die "$output is not empty"
	cp "$scratch/new"/* "$output/" || die "cannot write to $output"
	exit 0
fi
[[ $check || $pinned ]] || die "the base is not what patches/BASE pins: writing nothing"

stale=()
for file in "$scratch/new"/*.patch "$root"/patches/[0-9]*.patch; do
	name=${file##*/}
	[[ ! -e $file ]] || same "$scratch/new/$name" "$root/patches/$name" ||
		stale+=("$name")
done
mapfile -t stale < <(printf '%s\n' "${stale[@]}" | sort -u | sed '/^$/d')
if [[ $check ]]; then
	((${#stale[@]} == 0)) ||
		die "out of date, run scripts/refresh.sh: ${stale[*]}"
	say "patches: ${#compose_names[@]} patches and their cover letter are up to date"
	exit 0
fi
for name in "${stale[@]}"; do
	if [[ -e $scratch/new/$name ]]; then
		if ! cp "$scratch/new/$name" "$root/patches/.$name.new" ||
		   ! mv -f "$root/patches/.$name.new" "$root/patches/$name"; then
			die "cannot write to $root/patches"
		fi
	else
		rm -f -- "$root/patches/$name" || die "cannot remove patches/$name"
	fi
done
say "patches: ${#stale[@]} written or removed, ${#compose_names[@]} patches in all"
