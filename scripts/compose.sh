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

compose_names=()		# the patches in order
declare -A compose_source=()	# kernel path of a file -> its path here
declare -A compose_patch=()	# kernel path of a file -> index of its patch
declare -A compose_first=()	# kernel path, also of a directory -> first index
declare -A compose_grows=()	# kernel paths of the files that grow
declare -A compose_claim=()	# path named in patches/series -> index of the patch

# Where a file of this repository goes in the kernel tree: sets kernel_path.
compose_map()
{
	case $1 in
	drivers-staging/*) kernel_path=drivers/staging/${1#*/} ;;
	core/*) kernel_path=${1#*/} ;;
	*) kernel_path=$1 ;;
	esac
}

compose_read_series()
{
	local word args path i=-1

	while read -r word args; do
		case $word in
		'' | '#'*) continue ;;
		patch)
			compose_names+=("$args")
			i=$((i + 1))
			[[ -r $root/patches/messages/$args.txt ]] ||
				die "no patches/messages/$args.txt"
			continue ;;
		files | grows) ((i >= 0)) || die "patches/series: $word before patch" ;;
		*) die "patches/series: unknown word: $word" ;;
		esac
		for path in $args; do
			[[ -e $root/$path ]] || die "patches/series: no such file: $path"
			[[ -z ${compose_claim[$path]-} ]] || die "patches/series: twice: $path"
			compose_claim[$path]=$i
			compose_map "$path"
			[[ $word == files ]] || compose_grows[$kernel_path]=1
		done
	done <"$root/patches/series"
	((i >= 0)) || die "patches/series names no patch"
}

# Gives a file to the patch with the longest path that holds it.
compose_add_file()
{
	local path=$1

	while [[ -z ${compose_claim[$path]-} ]]; do
		[[ $path == */* ]] || die "no patch in patches/series has $1"
		path=${path%/*}
	done
	[[ -f $root/$1 && ! -L $root/$1 ]] || die "not a plain file: $1"
	compose_map "$1"
	compose_source[$kernel_path]=$1
	compose_patch[$kernel_path]=${compose_claim[$path]}
	path=$kernel_path
	until ((${compose_first[$path]-999} <= ${compose_patch[$kernel_path]})); do
		compose_first[$path]=${compose_patch[$kernel_path]}
		[[ $path != */* ]] || path=${path%/*}
	done
}

# What editors and compilers leave behind is no part of klab: the .gitignore
# files and these patterns say so, never what the user has configured.
compose_load()
{
	local file

	need git
	[[ -r $root/patches/series ]] || die "no patches/series"
	compose_read_series
	scratch
	clean_git init -q --bare --template= "$scratch/list" || die "git init failed"
	(cd "$root" && clean_git --git-dir="$scratch/list" --work-tree=. ls-files \
		-z -o --exclude-per-directory=.gitignore \
		-x '*~' -x '.*.sw?' -x '.#*' -x '*.orig' -x '*.rej' -x '.*.cmd' \
		-x '*.[oad]' -x '*.ko' -x '*.mod' -x '*.mod.c' -x __pycache__ \
		-x Module.symvers -x modules.order -- \
		drivers-staging core Documentation tools) >"$scratch/files" ||
		die "git cannot list the files"
	while read -r -d '' file; do
		compose_add_file "$file"
	done <"$scratch/files"
}

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
