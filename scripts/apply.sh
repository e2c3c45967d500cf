#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Usage: scripts/apply.sh [--check] [--revert] [--force] TREE
#
# Puts klab into TREE, the top of a Linux 6.12.y source. Where TREE is the top
# of a git repository, by "git am" onto a new branch klab; else all patches at
# once or none, with zero fuzz. A tree is never left half patched: what an
# interrupted run has begun, the next one takes back first.
#
#   --check   say whether it would work, and write nothing
#   --revert  take klab out of TREE: back to the branch it came from, and the
#             branch klab is deleted; or the patches reversed
#   --force   in spite of changes elsewhere that are not staged, another 6.12.y than
#             the supported ones, a branch klab that is there, or the first
#             patches of the series being in TREE (then the others are applied)
#
# Exit status: 0 done, or klab is in TREE already; 1 not possible, and TREE is as
# it was; 2 wrong use.

set -euo pipefail
# shellcheck source=scripts/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
# shellcheck source=scripts/release.sh
. "$root/scripts/release.sh"
export LC_ALL=C
# shellcheck source=scripts/apply-state.sh
. "$root/scripts/apply-state.sh"
# shellcheck source=scripts/apply-plain.sh
. "$root/scripts/apply-plain.sh"
# shellcheck source=scripts/apply-git.sh
. "$root/scripts/apply-git.sh"
# shellcheck source=scripts/apply-undo.sh
. "$root/scripts/apply-undo.sh"

check='' revert='' force='' tree=''
for arg; do
	case $arg in
	--help) usage; exit 0 ;;
	--check) check=1 ;;
	--revert) revert=1 ;;
	--force) force=1 ;;
	-*) misuse "unknown option: $arg" ;;
	*) [[ -z $tree ]] || misuse "more than one TREE"; tree=$arg ;;
	esac
done
[[ -n $tree ]] || misuse "no TREE"

check_tree()
{
	local release

	[[ -d $tree ]] || die "$tree: no such directory"
	tree=$(cd "$tree" 2>/dev/null && pwd -P) || die "$tree: cannot enter it"
	release=$(kernel_version "$tree")
	[[ $release ]] || die "$tree is not the top of a Linux source tree"
	[[ $force && $release == 6.12.* ]] || check_release "$tree" "$release" '--force tries'
}

need awk cmp sed tar
klab=$(base_key klab)
patches=("$root"/patches/[0-9]*.patch)
patches=("${patches[@]:1}")
((${#patches[@]})) || die "no patches in $root/patches: run scripts/refresh.sh"
mapfile -t touched < <(sed -n 's|^diff --git a/\(.*\) b/.*|\1|p' "${patches[@]}" | sort -u)

check_tree
exec {tree_fd}<"$tree" || die "cannot read $tree"
! command -v flock >/dev/null || flock -n "$tree_fd" || die "another apply.sh works on $tree"
way=plain
[[ ! -e $tree/.git ]] || way=git
${way}_prepare
scratch
find_state
refuse_state
if [[ $state == all && ! $revert ]]; then
	say "$tree: klab $klab is already applied"
elif [[ $state != all && $revert ]]; then
	die "$tree: klab $klab is not applied"
elif [[ $check ]]; then
	if [[ $revert ]]; then
		say "$tree: klab $klab can be taken out"
	else
		[[ $way == plain ]] || git_may_apply
		say "$tree: klab $klab applies"
	fi
elif [[ $revert ]]; then
	${way}_revert
	say "$tree: klab $klab is taken out"
else
	${way}_apply
	say "$tree: klab $klab is applied"
fi
