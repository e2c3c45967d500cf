#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Usage: scripts/compose.sh prefix N DIR   lay the first N patches out in DIR
#        scripts/compose.sh names          list the patches, one per line
#        scripts/compose.sh files [N]      list what the first N patches add
#
# Composes kernel files from the files of this repository and the changes in
# patches/changes, as patches/series says. DIR, new or empty, gets the files
# that klab adds in these patches, and every existing kernel file that any
# patch of klab changes, as it is after them: copy DIR over the base and remove
# what "files" lists and DIR has not, and the tree is at that step.
#
# Exit status: 0 done, 1 cannot compose, 2 wrong use. Other scripts source this
# file; they call compose_load, compose_start DIR, and compose_step DIR I for
# I = 0, 1, ..., and may read the compose_ variables.

set -euo pipefail
# shellcheck source=scripts/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
export LC_ALL=C

# shellcheck source=scripts/compose-series.sh
. "$root/scripts/compose-series.sh"

compose_diff() { printf '%s\n' "$root/patches/changes/${compose_names[$1]}.diff"; }

# The existing kernel files that the patches change.
compose_touched()
{
	local i diff

	for i in "${!compose_names[@]}"; do
		diff=$(compose_diff "$i")
		[[ ! -e $diff ]] || sed -n 's|^--- a/\([^\t]*\).*|\1|p' "$diff"
	done | sort -u
}

compose_start()
{
	local base files

	base=$("$root/scripts/base.sh") || exit 1
	mapfile -t files < <(compose_touched)
	mkdir -p "$1"
	if ((${#files[@]})); then
		(cd "$base" && cp --parents -t "$1" -- "${files[@]}") ||
			die "cannot copy what patches/changes changes from $base"
		chmod -R u+w "$1"
	fi
}

# A line of a file that grows enters with the patch that adds what it names.
compose_grow()
{
	local line name dir=${2%/*}

	while IFS= read -r line; do
		name=
		case $2 in
		*/Kconfig) [[ $line =~ ^source\ \"(.*)\"$ ]] && name=${BASH_REMATCH[1]} ;;
		*/Makefile) [[ $line =~ ^[^#]*=[[:space:]]*([a-z0-9_/.-]+)$ ]] &&
			name=$dir/${BASH_REMATCH[1]%/} ;;
		*.rst) [[ $line =~ ^\ +([A-Za-z0-9_/.-]+)$ ]] &&
			name=$dir/${BASH_REMATCH[1]}.rst ;;
		*/.kunitconfig) [[ $line =~ ^CONFIG_KLAB_([A-Z0-9]+) ]] &&
			name=$dir/${BASH_REMATCH[1],,} ;;
		esac
		((${compose_first[${name:-.}]-0} > $3)) || printf '%s\n' "$line"
	done <"$1"
}

# Copies paths from the repository's directory $1 to directory $2.
compose_copy()
{
	local from=$1 to=$2

	shift 2
	(($#)) || return 0
	mkdir -p "$to"
	(cd "$root/$from" && cp --parents -t "$to" -- "$@") || die "cannot write to $to"
}

compose_step()
{
	local dir=$1 i=$2 diff said path staging=() core=() other=()

	diff=$(compose_diff "$i")
	if [[ -e $diff ]]; then
		said=$(GIT_CEILING_DIRECTORIES=${dir%/*} clean_git -C "$dir" apply \
			--whitespace=nowarn "$diff" 2>&1) ||
			die "patches/changes/${diff##*/} does not fit the base: ${said%%$'\n'*}"
	fi
	for path in "${!compose_patch[@]}"; do
		if [[ -n ${compose_grows[$path]-} ]]; then
			((compose_patch[$path] <= i)) || continue
			mkdir -p "$dir/${path%/*}"
			compose_grow "$root/${compose_source[$path]}" "$path" "$i" >"$dir/$path"
			continue
		fi
		((compose_patch[$path] == i)) || continue
		[[ ! -e $dir/$path ]] || die "klab adds $path, which is in the base"
		case ${compose_source[$path]} in
		drivers-staging/*) staging+=("${path#drivers/staging/}") ;;
		core/*) core+=("$path") ;;
		*) other+=("$path") ;;
		esac
	done
	compose_copy drivers-staging "$dir/drivers/staging" "${staging[@]}"
	compose_copy core "$dir" "${core[@]}"
	compose_copy . "$dir" "${other[@]}"
}

compose_check_number()
{
	[[ $1 =~ ^[0-9]{1,3}$ && $1 -le ${#compose_names[@]} ]] ||
		misuse "not a number from 0 to ${#compose_names[@]}: $1"
}

compose_main()
{
	local i dir path

	case ${1-} in
	--help) usage ;;
	names)
		compose_load
		printf '%s\n' "${compose_names[@]}" ;;
	files)
		compose_load
		compose_check_number "${2-${#compose_names[@]}}"
		for path in "${!compose_patch[@]}"; do
			((compose_patch[$path] >= ${2-999})) || printf '%s\n' "$path"
		done | sort ;;
	prefix)
		(($# == 3)) || misuse "prefix takes a number and a directory"
		compose_load
		compose_check_number "$2"
		mkdir -p "$3" 2>/dev/null || die "cannot make $3"
		dir=$(cd "$3" && pwd -P)
		[[ -z $(ls -A "$dir") ]] || die "$3 is not empty"
		compose_start "$dir"
		for ((i = 0; i < $2; i++)); do
			compose_step "$dir" "$i"
		done ;;
	*) misuse "prefix, names or files" ;;
	esac
}

[[ ${BASH_SOURCE[0]} != "$0" ]] || compose_main "$@"
