# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2154,SC2015
#
# The part of apply.sh for a TREE that is the top of a git repository. Before
# the first change the git directory gets "klab-apply": the branch ("-" if HEAD
# was detached) and the commit that TREE was on, and where the branch klab was.
# In the end this file gets the commit that the branch klab is at now, and is
# renamed to "klab-applied"; --revert goes back to what that names. A run that
# ends before is undone, by itself or by the next run (apply-undo.sh).

git_dir=

# What is configured for git at large must not change what the patches become.
tree_git()
{
	clean_git -C "$tree" --literal-pathspecs -c safe.directory="$tree" \
		-c core.hooksPath=/dev/null -c core.autocrlf=false \
		-c core.fsmonitor=false -c core.excludesFile=/dev/null \
		-c core.attributesFile=/dev/null -c core.quotePath=false \
		-c commit.gpgSign=false -c user.useConfigOnly=false \
		-c am.threeWay=false -c am.keepcr=false -c mailinfo.scissors=false \
		-c apply.whitespace=nowarn -c apply.ignoreWhitespace=no \
		-c rerere.enabled=false -c gc.auto=0 -c maintenance.auto=false \
		-c submodule.recurse=false -c color.ui=false "$@"
}

# What git itself says when it refuses the tree, and the user's identity, come
# from git as the user has it.
git_prepare()
{
	local top ident dirty

	need git flock
	top=$(unset "${!GIT_@}"; git -C "$tree" rev-parse --show-toplevel 2>&1) ||
		die "git refuses $tree: $(head -n 1 <<<"${top#fatal: }")"
	[[ $top -ef $tree ]] || die "$tree has a .git that belongs to $top"
	git_dir=$(tree_git rev-parse --absolute-git-dir)
	tree_git rev-parse -q --verify 'HEAD^{commit}' >/dev/null || die "$tree has no commit"
	ident=$(unset "${!GIT_DIR@}"; git -C "$tree" var GIT_COMMITTER_IDENT 2>/dev/null) ||
		ident="$(base_key author) "
	export GIT_COMMITTER_NAME=${ident%% <*}
	ident=${ident#*<}
	export GIT_COMMITTER_EMAIL=${ident%%>*}

	[[ ! -e $git_dir/index.lock ]] ||
		die "another git works on $tree, or was killed: then remove $git_dir/index.lock"
	git_recover
	for dirty in rebase-apply rebase-merge MERGE_HEAD CHERRY_PICK_HEAD REVERT_HEAD; do
		[[ ! -e $git_dir/$dirty ]] || die "$tree is in the middle of a git ${dirty%[-_]*}"
	done
	dirty=$(tree_git --no-optional-locks status --porcelain -uno --ignore-submodules=all) ||
		die "git cannot tell the state of $tree"
	[[ -z $dirty || $force ]] ||
		die "$tree has uncommitted changes: $(head -n 1 <<<"${dirty:3}") (--force passes over them)"
	# git am wants a clean index, and git_undo() would undo these changes, too.
	dirty=$({ tree_git diff --cached --name-only; tree_git diff --name-only -- "${touched[@]}"; } | sed -n 1p)
	[[ -z $dirty || $revert ]] ||
		die "$tree has uncommitted changes in the way: $dirty (--force passes over others only)"
	[[ $check ]] || { [[ -w $tree && -w $git_dir ]] && need_space "$tree" 64; } ||
		die "cannot write to $tree"
}

# May the branch klab be made, or made anew?
git_may_apply()
{
	local elsewhere

	[[ $(tree_git symbolic-ref -q HEAD) != refs/heads/klab ]] ||
		die "$tree is on a branch klab, but without this klab: switch to another first"
	tree_git rev-parse -q --verify refs/heads/klab >/dev/null || return 0
	[[ $force ]] ||
		die "$tree has a branch klab already: delete it (git branch -D klab), or use --force"
	elsewhere=$(tree_git for-each-ref --format='%(worktreepath)' refs/heads/klab)
	[[ -z $elsewhere ]] || die "the branch klab is checked out in $elsewhere"
}

git_apply()
{
	local branch commit old series=("${patches[@]:count}")

	git_may_apply
	branch=$(tree_git symbolic-ref -q HEAD) || branch=-
	commit=$(tree_git rev-parse HEAD)
	old=$(tree_git rev-parse -q --verify refs/heads/klab) || old=-
	on_exit git_cleanup
	printf '%s\n' "$branch" "$commit" "$old" >"$git_dir/klab-apply.new" &&
		mv -f "$git_dir/klab-apply.new" "$git_dir/klab-apply" ||
		die "cannot write to $git_dir"
	[[ $old == - ]] || note "the branch klab was at $old, and --revert puts it back there"
	tree_git switch -q -C klab || die "git cannot make the branch klab in $tree"
	tree_git am -q --no-3way --no-keep-cr --no-scissors --no-message-id \
		--whitespace=nowarn "${series[@]}" >/dev/null ||
		die "git am failed, $tree is put back as it was"
	tree_git rev-parse HEAD >>"$git_dir/klab-apply" &&
		mv -f "$git_dir/klab-apply" "$git_dir/klab-applied" || die "cannot write to $git_dir"
}

# Back to where the branch klab came from; where that is not how all of klab came
# in, or the branch has something else too, the patches are reversed in the files,
# for the user to commit.
git_revert()
{
	local branch commit old ours='' head

	head=$(tree_git symbolic-ref -q HEAD) || head=-
	{ read -r branch && read -r commit && read -r old && read -r ours; } \
		2>/dev/null <"$git_dir/klab-applied" || true
	if [[ $head != refs/heads/klab || -z $ours || $(tree_git rev-parse HEAD) != "$ours" ||
	      $(tree_git rev-list --count "$commit..$ours") != "${#patches[@]}" ]]; then
		note "the branch is not as apply.sh made it: reversing klab in the files only"
		plain_prepare
		plain_revert
		return
	fi
	# Short, and not to be cut short: git cannot resume it.
	trap '' INT TERM HUP
	if [[ $branch == - ]]; then
		tree_git switch -q --detach "$commit"
	else
		tree_git switch -q "${branch#refs/heads/}"
	fi || die "git cannot leave the branch klab in $tree"
	if [[ $old == - ]]; then
		tree_git branch -q -D klab
	else
		tree_git update-ref refs/heads/klab "$old"
	fi || die "git cannot put the branch klab of $tree back"
	rm -f -- "$git_dir/klab-applied"
}
