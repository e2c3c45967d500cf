# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2154
#
# The part of test-series.sh that tests what apply.sh refuses: trees that are
# none, or dirty, or have something in the way.

dirty()
{
	git_tree
	printf '\n# mine\n' >>tree/Makefile
	refuses 1 'uncommitted changes: Makefile' "$apply" tree
	plain_git tree add -f Makefile
	refuses 1 'uncommitted changes: Makefile' "$apply" --check tree
	refuses 1 'changes in the way: Makefile' "$apply" --force tree
	printf '# mine\n' >>tree/MAINTAINERS
	refuses 1 'changes in the way: Makefile' "$apply" --force tree
	plain_git tree reset -q
	cp -a tree before
	refuses 1 'changes in the way: MAINTAINERS' "$apply" --force tree
	refuses 1 'changes in the way: MAINTAINERS' "$apply" --check --force tree
	diff -r -x .git before tree
	rm -r before
	plain_git tree checkout -q -- MAINTAINERS
	says 'is applied' "$apply" --force tree
	grep -q '^# mine' tree/Makefile
	plain_git tree checkout -q -- Makefile
	is after
	printf '#\n' >>tree/Makefile
	refuses 1 'uncommitted changes: Makefile' "$apply" --revert tree
}

in_the_way()
{
	"$1_tree"
	mkdir -p tree/drivers/staging/klab
	printf 'mine\n' >tree/drivers/staging/klab/Kconfig
	refuses 1 'drivers/staging/klab/Kconfig' "$apply" tree
	rm -r tree/drivers/staging/klab
	unchanged
}

under_way()
{
	git_tree
	mkdir tree/.git/rebase-apply
	refuses 1 'in the middle of a git rebase' "$apply" tree
	rmdir tree/.git/rebase-apply
	touch tree/.git/index.lock
	refuses 1 'another git works on' "$apply" tree
	rm tree/.git/index.lock
	plain_git tree branch klab
	refuses 1 'branch klab already' "$apply" tree
	plain_git tree branch -q -D klab
	unchanged
	(exec 9<tree; flock 9; refuses 1 'another apply.sh works' "$apply" tree)
	unchanged
}

wrong_tree()
{
	refuses 2 'no TREE' "$apply"
	refuses 2 'unknown option' "$apply" --nonsense tree
	refuses 1 'no such directory' "$apply" tree
	mkdir tree
	refuses 1 'not the top of a Linux' "$apply" tree
	refuses 1 'not the top of a Linux' "$apply" "$clone"
	rmdir tree
	plain_tree
	sed -i 's/^PATCHLEVEL = .*/PATCHLEVEL = 13/' tree/Makefile
	refuses 1 'is Linux 6.13.*klab is for 6.12.y' "$apply" --force tree
	sed -i 's/^PATCHLEVEL = .*/PATCHLEVEL = 12/;s/^SUBLEVEL = .*/SUBLEVEL = 1/' tree/Makefile
	refuses 1 'is Linux 6.12.1, klab needs' "$apply" tree
	says 'applies' "$apply" --force --check tree
	sed -i 's/^SUBLEVEL = .*/SUBLEVEL = 999/' tree/Makefile
	says 'applies' "$apply" --check tree
}

# Other line numbers are no obstacle, another context is one.
context()
{
	"$1_tree"
	sed -i '1i # one line more' tree/drivers/staging/Kconfig
	[[ $1 == plain ]] || plain_git tree commit -q -a -m base --amend
	says 'applies' "$apply" --check tree
	sed -i '/source.*vme_user/s/$/ /' tree/drivers/staging/Kconfig
	[[ $1 == plain ]] || plain_git tree commit -q -a -m base --amend
	cp -a tree before
	refuses 1 '[0-9]-.*drivers/staging/Kconfig' "$apply" tree
	diff -r -x .git before tree
}

half_applied()
{
	"$1_tree"
	patch -s -d tree -p1 <"${patches[0]}"
	[[ $1 == plain ]] || { plain_git tree add -A -f; plain_git tree commit -q -m base --amend; }
	cp -a tree before
	refuses 1 "only the first 1 of ${#patches[@]} patches" "$apply" tree
	refuses 1 "only the first 1 of ${#patches[@]} patches" "$apply" --revert tree
	diff -r -x .git before tree
	says 'is applied' "$apply" --force tree
	is after
}

for kind in plain git; do
	it "apply: $kind tree: a file of the user's in the way" in_the_way $kind
	it "apply: $kind tree: other line numbers, other context" context $kind
	it "apply: $kind tree: half applied" half_applied $kind
done
it 'apply: wrong tree, wrong use' wrong_tree
it 'apply: git: dirty tree' dirty
it 'apply: git: something else is under way' under_way
