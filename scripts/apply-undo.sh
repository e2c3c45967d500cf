# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2154,SC2015
#
# The part of apply.sh that takes back what a run in a git repository had begun.

# Puts HEAD, the index and the files back, but nothing that is not klab's.
git_undo()
{
	local branch commit old in_commit file

	{ read -r branch && read -r commit && read -r old; } <"$git_dir/klab-apply" || return
	tree_git am --quit 2>/dev/null || true
	if [[ $branch == - ]]; then
		tree_git update-ref --no-deref HEAD "$commit" || return
	else
		tree_git symbolic-ref HEAD "$branch" || return
	fi
	mapfile -t in_commit < <(tree_git ls-tree -r --name-only "$commit" -- "${touched[@]}")
	while IFS= read -r file; do
		rm -f -- "$tree/$file" || return
		plain_rmdir "$file"
	done < <(printf '%s\n' "${touched[@]}" "${in_commit[@]}" | sort | uniq -u)
	tree_git reset -q "$commit" -- "${touched[@]}" || return
	tree_git checkout -q -f "$commit" -- "${in_commit[@]}" || return
	if [[ $old == - ]]; then
		! tree_git rev-parse -q --verify refs/heads/klab >/dev/null ||
			tree_git update-ref -d refs/heads/klab || return
	else
		tree_git update-ref refs/heads/klab "$old" || return
	fi
	rm -f -- "$git_dir/klab-apply"
}

# Is HEAD where that run has left it, or where the taking back of it has?
git_is_interrupted()
{
	local branch commit head

	{ read -r branch && read -r commit; } <"$git_dir/klab-apply" || return
	head=$(tree_git symbolic-ref -q HEAD) || head=-
	case $head in
	refs/heads/klab) tree_git merge-base --is-ancestor "$commit" HEAD ;;
	"$branch") [[ $(tree_git rev-parse HEAD) == "$commit" ]] ;;
	*) return 1 ;;
	esac
}

git_recover()
{
	local kept head

	[[ -e $git_dir/klab-apply ]] || return 0
	[[ ! $check ]] || die "$tree is half patched by an interrupted run: apply.sh repairs it"
	git_is_interrupted ||
		die "$tree has moved on since a run was interrupted: see that nothing of klab is left, and remove $git_dir/klab-apply"
	note "taking back what an interrupted run had begun"
	# The user may have worked on, on klab or in its files.
	kept=$(tree_git stash create) || die "git cannot keep what is changed in $tree"
	[[ -z $kept ]] || note "what was changed in files is kept in the commit $kept"
	head=$(tree_git rev-parse HEAD)
	git_undo || die "cannot repair $tree: git says why"
	[[ $(tree_git rev-parse HEAD) == "$head" ]] || note "what was on the branch klab is kept in the commit $head"
}

git_cleanup()
{
	[[ ! -e $git_dir/klab-apply ]] || git_undo ||
		note "$tree is half patched: run apply.sh again to repair it"
}
