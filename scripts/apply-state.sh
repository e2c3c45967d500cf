# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2154,SC2034
#
# The part of apply.sh that finds out what of klab a TREE holds: it tries the
# patches on copies of the touched files.

# One patch on a directory that is no repository: all of it, with zero fuzz.
apply_one()
{
	local dir=$1 patch=$2 reverse=$3

	if command -v git >/dev/null; then
		GIT_CEILING_DIRECTORIES=${dir%/*} clean_git -C "$dir" apply \
			--whitespace=nowarn ${reverse:+-R} "$patch"
	else
		patch -d "$dir" -p1 -F0 -f -s -N --no-backup-if-mismatch -r - \
			${reverse:+-R} <"$patch" 2>&1
	fi
}

copy_touched()
{
	local present=() file

	for file in "${touched[@]}"; do
		[[ ! -e $tree/$file && ! -L $tree/$file ]] || present+=("$file")
	done
	mkdir -p "$1" 2>/dev/null || die "cannot write to ${1%/*}"
	# Not cp: it would make directories as unwritable as the tree's.
	((${#present[@]} == 0)) || tar -C "$tree" -cf - -- "${present[@]}" |
		tar -C "$1" -xpf - || die "cannot copy files of $tree to $1"
}

# Copies the touched files of the tree to $1 and applies patches $2 to $3 there,
# or takes them out from the last to the first. Sets trial_failed to the reason.
trial()
{
	local dir=$1 first=$2 last=$3 reverse=${4-} i patch out

	rm -rf -- "$dir"
	copy_touched "$dir"
	for ((i = first; i < last; i++)); do
		patch=${patches[${reverse:+first + last - 1 -} i]}
		out=$(apply_one "$dir" "$patch" "$reverse" 2>&1) && continue
		trial_failed="${patch##*/}: $(head -n 1 <<<"${out#error: }")"
		return 1
	done
}

# Sets state: none, all, first (and $count of them), other or unfit.
find_state()
{
	local all=${#patches[@]} reason

	count=0 version=
	state=none
	! trial "$scratch/try" 0 "$all" || return 0
	reason=$trial_failed
	state=all
	! trial "$scratch/try" 0 "$all" reverse || return 0
	state=other
	version=$(sed -n 's/^KLAB_VERSION *= *//p' "$tree/tools/klab/Makefile" 2>/dev/null) || true
	[[ -z $version || $version == "$klab" ]] || return 0
	state=first
	for ((count = all - 1; count > 0; count--)); do
		trial "$scratch/try" 0 "$count" reverse || continue
		! trial "$scratch/try" "$count" "$all" || return 0
		reason=$trial_failed
		break
	done
	state=unfit
	[[ ! -e $tree/drivers/staging/klab ]] || state=other
	trial_failed=$reason
}

refuse_state()
{
	case $state in
	other)
		[[ ! $version || $version == "$klab" ]] ||
			die "$tree holds klab $version: take it out with that version's apply.sh --revert"
		die "$tree holds a changed, incomplete or other klab ${version:-of no version}: $trial_failed" ;;
	first)
		[[ $force && ! $revert ]] ||
			die "$tree holds only the first $count of ${#patches[@]} patches of klab $klab" ;;
	unfit) die "klab $klab does not fit $tree: $trial_failed" ;;
	esac
}


need awk cmp sed tar
klab=$(base_key klab)
