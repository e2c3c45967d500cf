# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2154,SC2015
#
# The part of apply.sh for a TREE that is no git repository. Everything is made
# in TREE/.klab-apply first: old/ as it was, new/ as it is to be. From when
# "list" is there files are renamed into place; a run that ends before "list" is
# gone again is rolled back, by itself or by the next run.

plain_work=

plain_prepare()
{
	local file dir

	command -v git >/dev/null || need patch
	plain_work=$tree/.klab-apply
	plain_recover
	[[ ! $check ]] || return 0
	[[ -w $tree ]] || die "cannot write to $tree"
	for file in "${touched[@]}"; do
		dir=$tree/$file
		until [[ -d $dir ]]; do
			dir=${dir%/*}
		done
		[[ -w $dir ]] || die "cannot write to $dir"
	done
	need_space "$tree" 64
}

# The other way round than plain_install; may itself be interrupted.
plain_roll_back()
{
	local kind file

	[[ -e $plain_work/list ]] || return 0
	while IFS=$'\t' read -r kind file; do
		if [[ $kind == added ]]; then
			rm -f -- "$tree/$file" || return
			plain_rmdir "$file"
		elif [[ -e $plain_work/old/$file ]]; then
			mkdir -p "$(dirname "$tree/$file")" || return
			mv -fT "$plain_work/old/$file" "$tree/$file" || return
		fi
	done <"$plain_work/list"
}

plain_rmdir()
{
	[[ $1 != */* ]] ||
		(cd "$tree" && rmdir -p --ignore-fail-on-non-empty "${1%/*}" 2>/dev/null) || true
}

plain_recover()
{
	[[ -e $plain_work ]] || return 0
	[[ ! $check ]] || die "$tree is half patched by an interrupted run: apply.sh repairs it"
	note "taking back what an interrupted run had begun"
	plain_roll_back || die "cannot write to $tree"
	rm -rf -- "$plain_work" || die "cannot remove $plain_work"
}

# Ran out of the way before anything was renamed, or half way.
plain_cleanup()
{
	plain_roll_back && rm -rf -- "$plain_work" ||
		note "$tree is half patched: run apply.sh again to repair it"
}

plain_install()
{
	local file new=$plain_work/new old=$plain_work/old

	for file in "${touched[@]}"; do
		if [[ -e $new/$file ]]; then
			mkdir -p "$(dirname "$tree/$file")" || return
			mv -fT "$new/$file" "$tree/$file" || return
		elif [[ -e $old/$file ]]; then
			rm -f -- "$tree/$file" || return
			plain_rmdir "$file"
		fi
	done
}

# $1 is empty, or "reverse".
plain_change()
{
	local file new=$plain_work/new old=$plain_work/old

	mkdir "$plain_work" 2>/dev/null || die "cannot write to $tree"
	on_exit plain_cleanup
	copy_touched "$old"
	trial "$new" "$count" "${#patches[@]}" "$1" || die "$trial_failed"
	for file in "${touched[@]}"; do
		if [[ -e $new/$file && -e $old/$file ]]; then
			if cmp -s "$new/$file" "$old/$file"; then
				cp -p "$old/$file" "$new/$file" || die "cannot write to $tree"
			fi
			chmod --reference="$old/$file" "$new/$file"
		fi
		[[ ! -e $old/$file ]] || { printf 'kept\t%s\n' "$file"; continue; }
		printf 'added\t%s\n' "$file"
	done >"$plain_work/list.new" || die "cannot write to $tree"
	((EUID)) || chown -R --reference="$tree/Makefile" "$plain_work" ||
		die "cannot give the new files the owner of $tree"
	mv "$plain_work/list.new" "$plain_work/list"
	plain_install || die "cannot write to $tree"
	rm -f -- "$plain_work/list"
}

plain_apply() { plain_change ''; }

plain_revert() { plain_change reverse; }
