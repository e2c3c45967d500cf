# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2154
#
# The part of test-series.sh that makes the clone of this repository that the
# tests work on, and a home directory with a git configuration that is hostile.

# A copy of this repository as its own, committed, at $scratch/klab. Its cache
# is that of this one, and what the tests do to it stays there.
make_clone()
{
	local path paths=()

	for path in scripts patches drivers-staging core Documentation tools kunit .gitignore \
		    Kconfig.fragment Kconfig.fragment.x86_64 Makefile README.md .ci; do
		[[ ! -e $root/$path ]] || paths+=("$path")
	done
	mkdir "$clone"
	tar -C "$root" -cf - "${paths[@]}" | tar -C "$clone" -xf -
	plain_git "$clone" init -q
	plain_git "$clone" add -A
	plain_git "$clone" commit -q -m klab
}

plain_git()
{
	GIT_AUTHOR_NAME=t GIT_AUTHOR_EMAIL=t@example.org GIT_COMMITTER_NAME=t \
		GIT_COMMITTER_EMAIL=t@example.org clean_git -C "$@"
}

# Everything in git's configuration and environment that might change a patch.
make_hostile()
{
	local home=$scratch/hostile hook

	mkdir -p "$home/hooks" "$home/.config/git" "$home/template"
	for hook in pre-commit commit-msg applypatch-msg pre-applypatch post-checkout; do
		printf '#!/bin/sh\nexit 1\n' >"$home/hooks/$hook"
		chmod +x "$home/hooks/$hook"
	done
	cp -r "$home/hooks" "$home/template/hooks"
	printf '* text eol=crlf -diff\n*.c diff=odd\n' >"$home/.config/git/attributes"
	printf '*\n' >"$home/.config/git/ignore"
	printf 'z*\n' >"$home/order"
	cp "$root/scripts/hostile.gitconfig" "$home/.gitconfig"
	cat >>"$home/.gitconfig" <<-END
	[core]
		hooksPath = $home/hooks
	[diff]
		orderFile = $home/order
	[init]
		templateDir = $home/template
	END
}

hostile()
{
	env HOME="$scratch/hostile" XDG_CACHE_HOME="$cache" TZ=Asia/Tokyo \
		LC_ALL=C.UTF-8 COLUMNS=40 CDPATH=/ GIT_DIFF_OPTS=-u9 \
		GIT_EXTERNAL_DIFF=false GIT_DEFAULT_HASH=sha256 \
		GIT_AUTHOR_NAME=Odd GIT_AUTHOR_DATE='1 Jan 2001 00:00 +0900' \
		GIT_COMMITTER_EMAIL=odd@example.org GIT_TEMPLATE_DIR="$scratch/hostile/template" \
		GIT_INDEX_FILE=/nonexistent GIT_WORK_TREE=/nonexistent "$@"
}
