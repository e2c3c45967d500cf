# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2154
#
# The part of refresh.sh that makes commits of the files, and patches of the
# commits, in a scratch repository.

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
