# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2034,SC2154
#
# The part of compose.sh that reads patches/series and lists the files of this
# repository: which patch adds what. compose_load fills the tables.

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
