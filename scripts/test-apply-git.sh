# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2154
#
# The part of test-series.sh that tests apply.sh on a tree that is a git
# repository: its branches and its configuration. Comes after test-apply.sh.

detached()
{
	local commit

	git_tree
	plain_git tree checkout -q --detach
	commit=$(plain_git tree rev-parse HEAD)
	"$apply" tree
	"$apply" --revert tree
	! plain_git tree symbolic-ref -q HEAD || return 1
	[[ $(plain_git tree rev-parse HEAD) == "$commit" ]]
}

# What the user has put into klab's last commit stays, wherever that was.
amended()
{
	git_tree
	"$apply" tree
	printf '# mine\n' >>tree/Makefile
	plain_git tree commit -q -a --amend --no-edit
	says 'in the files only' "$apply" --revert tree
	[[ $(plain_git tree show HEAD:Makefile | tail -n 1) == '# mine' ]]
	grep -q '^# mine' tree/Makefile
	[[ ! -e tree/drivers/staging/klab ]]
}

# So does a branch klab of the user's.
branch_comes_back()
{
	local old

	git_tree
	plain_git tree switch -q -c klab
	plain_git tree commit -q --allow-empty -m mine
	old=$(plain_git tree rev-parse HEAD)
	plain_git tree switch -q main
	says "branch klab was at $old" "$apply" --force tree
	is after
	says 'taken out' "$apply" --revert tree
	is before
	[[ $(plain_git tree rev-parse klab) == "$old" ]]
	[[ $(plain_git tree symbolic-ref HEAD) == refs/heads/main ]]
}

# What is there already does not go by itself.
first_patches()
{
	git_tree
	plain_git tree am -q "$root"/patches/000[1-9]-*.patch
	says 'is applied' "$apply" --force tree
	is after
	says 'in the files only' "$apply" --revert tree
	is before
}

# The user has a branch klab checked out somewhere else.
other_worktree()
{
	git_tree
	plain_git tree worktree add -q -b klab ../other
	refuses 1 'branch klab already' "$apply" --check tree
	refuses 1 'checked out in .*/other' "$apply" --check --force tree
	refuses 1 'checked out in .*/other' "$apply" --force tree
	[[ -z $(plain_git other status --porcelain) ]]
	is before
}

# After a kill, what the user has changed since is not klab's.
moved_on()
{
	local commit kept

	git_tree
	commit=$(plain_git tree rev-parse HEAD)
	printf '%s\n' refs/heads/main "$commit" - >tree/.git/klab-apply
	printf '/* mine */\n' >>tree/kernel/softirq.c
	says 'kept in the commit' "$apply" tree
	kept=$(sed -n 's/.*changed in files is kept in the commit //p' out)
	[[ $(plain_git tree show "$kept:kernel/softirq.c" | tail -n 1) == '/* mine */' ]]
	"$apply" --revert tree
	printf '%s\n' refs/heads/main "$commit" - >tree/.git/klab-apply
	printf '# mine\n' >>tree/Makefile
	plain_git tree commit -q -a -m mine
	printf '/* mine */\n' >>tree/kernel/softirq.c
	refuses 1 'has moved on' "$apply" tree
	[[ $(tail -n 1 tree/kernel/softirq.c) == '/* mine */' ]]
	rm tree/.git/klab-apply
	refuses 1 'uncommitted changes' "$apply" tree
}

odd_git()
{
	git_tree
	cp -r "$scratch/hostile/hooks" tree/.git/
	says 'is applied' hostile "$apply" tree
	is after
	[[ -z $(plain_git tree status --porcelain) ]]
	says 'taken out' hostile "$apply" --revert tree
	unchanged
}

it 'apply: git: detached head' detached
it 'apply: git: revert after an amended commit' amended
it 'apply: git: revert over a branch klab' branch_comes_back
it 'apply: git: revert over the first patches' first_patches
it 'apply: git: a branch klab of another worktree' other_worktree
it 'apply: git: changes after an interrupted run' moved_on
it 'apply: git: hostile configuration and hooks' odd_git
