# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2154
#
# The part of test-series.sh that tests apply.sh, on trees with no more than
# the files that klab touches and those by which a kernel tree is known.

apply=$clone/scripts/apply.sh
version=$(base_key klab)

# The tree without klab in $scratch/before, and with it in $scratch/after.
make_trees()
{
	local dir

	for dir in before after; do
		"$clone/scripts/compose.sh" prefix \
			"$([[ $dir == before ]] && echo 0 || echo "${#patches[@]}")" "$scratch/$dir"
		cp "$base"/{Makefile,Kbuild} "$scratch/$dir"
		mkdir -p "$scratch/$dir/kernel"
		# Unless klab changes it.
		[[ -e $scratch/$dir/kernel/Makefile ]] || cp "$base/kernel/Makefile" "$scratch/$dir/kernel/"
		# As Debian's: git is to ignore all of the source.
		printf '/*\n!/debian/\n' >"$scratch/$dir/.gitignore"
	done
}

plain_tree() { cp -a "$scratch/before" tree; }

git_tree()
{
	plain_tree
	plain_git tree init -q -b main
	plain_git tree add -A -f
	plain_git tree commit -q -m base
}

is() { diff -r --no-dereference -x .git "$scratch/$1" tree; }

# As it was, down to modes, and to branch, commit and index.
unchanged()
{
	is before
	diff <(cd "$scratch/before" && find . -printf '%P %m\n' | sort) \
		<(cd tree && find . -path ./.git -prune -o -printf '%P %m\n' | sort)
	[[ ! -d tree/.git ]] || diff <(git_state) <(printf 'refs/heads/main\nbase\nmain\n')
}

git_state()
{
	plain_git tree symbolic-ref HEAD
	plain_git tree log -1 --format=%s
	plain_git tree for-each-ref --format='%(refname:short)' refs/heads
	plain_git tree status --porcelain
}

round()
{
	local kind=$1 commits

	"${kind}_tree"
	says "klab $version applies" "$apply" --check tree
	unchanged
	says "klab $version is applied" "$apply" tree
	is after
	if [[ $kind == git ]]; then
		[[ $(plain_git tree symbolic-ref HEAD) == refs/heads/klab ]]
		[[ -z $(plain_git tree status --porcelain) ]]
		commits=$(plain_git tree rev-list --count main..klab)
		[[ $commits == "${#patches[@]}" ]]
		[[ $(plain_git tree log -1 --format='%an <%ae>') == "$(base_key author)" ]]
	fi
	says 'already applied' "$apply" tree
	says 'already applied' "$apply" --check tree
	is after
	says 'can be taken out' "$apply" --check --revert tree
	is after
	says 'taken out' "$apply" --revert tree
	unchanged
	refuses 1 'is not applied' "$apply" --revert tree
}

without_git()
{
	local cmd

	plain_tree
	mkdir bin
	for cmd in bash sed awk cmp grep patch tar mktemp rm mkdir cp mv dirname sort head cat \
		   df chmod chown find rmdir env flock; do
		ln -s "$(command -v "$cmd")" bin/
	done
	PATH=$PWD/bin says 'is applied' "$apply" tree
	is after
	PATH=$PWD/bin says 'taken out' "$apply" --revert tree
	unchanged
	sed -i '/source.*vme_user/s/$/ /' tree/drivers/staging/Kconfig
	PATH=$PWD/bin refuses 1 'does not fit' "$apply" tree
	rm bin/patch
	PATH=$PWD/bin refuses 1 'missing: patch' "$apply" tree
	git_tree_in_place
	PATH=$PWD/bin refuses 1 'missing: git' "$apply" tree
}

git_tree_in_place() { rm -rf tree; git_tree; }

make_trees
for kind in plain git; do
	it "apply: $kind tree: check, apply, already applied, revert" round $kind
done
it 'apply: without git: with patch, or refused' without_git
