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

scratch_git() { clean_git --git-dir="$scratch/git" --work-tree="$scratch/tree" "$@"; }

# Whatever the defaults of this version of git are.
scratch_repository()
{
	local author date

	author=$(base_key author)
	date=$(base_key date)
	export GIT_AUTHOR_NAME=${author% <*} GIT_COMMITTER_NAME=${author% <*}
	author=${author##*<}
	export GIT_AUTHOR_EMAIL=${author%>} GIT_COMMITTER_EMAIL=${author%>}
	export GIT_AUTHOR_DATE=$date GIT_COMMITTER_DATE=$date
	clean_git init -q --template= "$scratch/init" || die "git init failed"
	mv "$scratch/init/.git" "$scratch/git"
	scratch_git config core.fileMode true
	scratch_git config core.bare false
	scratch_git config gc.auto 0
	scratch_git symbolic-ref HEAD refs/heads/klab
}

# Writes a message to $2, with what patches/BASE says in the place of @KEY@.
message()
{
	local file=$root/patches/messages/$1.txt key value edit=()

	[[ -r $file ]] || die "no patches/messages/$1.txt"
	for key in package version upstream oldest klab; do
		value=$(base_key "$key")
		edit+=(-e "s/@$key@/$value/g")
	done
	sed "${edit[@]}" "$file" >"$2"
	if grep -nP '[^\x00-\x7f]|[ \t]$|^.{76}' "$2" >&2; then
		die "patches/messages/$1.txt: not ASCII, over 75 columns, or blanks at the end"
	fi
}

commit() { scratch_git add -A -f . && scratch_git commit -q "$@"; }

compose_commits()
{
	local i name

	compose_start "$scratch/tree"
	commit --allow-empty -m base || die "git commit failed"
	for i in "${!compose_names[@]}"; do
		name=${compose_names[i]}
		compose_step "$scratch/tree" "$i"
		message "$name" "$scratch/message"
		commit -s --cleanup=whitespace -F "$scratch/message" ||
			die "patch $name changes nothing"
	done
	message cover-letter "$scratch/message"
	scratch_git config branch.klab.description "$(<"$scratch/message")"
}

format_patches()
{
	(cd "$scratch/tree" && scratch_git format-patch -q -o "$1" --cover-letter \
		--cover-from-description=subject --subject-prefix=PATCH -n --no-thread \
		--zero-commit --no-signature --no-base --no-attach --no-notes \
		--stat=72 --summary -p --full-index -U3 --inter-hunk-context=0 \
		--no-renames --diff-algorithm=myers --indent-heuristic \
		--src-prefix=a/ --dst-prefix=b/ --no-ext-diff --no-textconv \
		--no-color --no-relative --submodule=short -O/dev/null \
		"HEAD~${#compose_names[@]}..HEAD") ||
		die "git format-patch failed"
}

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
