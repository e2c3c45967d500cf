#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Usage: scripts/test-series.sh [GLOB | --help]
#
# The series check: tests patches/ and the scripts that make and apply them, in
# temporary trees that hold only the touched files. Prints TAP; with GLOB only
# the tests whose name matches. Exit status: 0 all passed, 1 not, 2 wrong use.

set -euo pipefail
# shellcheck source=scripts/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
# shellcheck source=scripts/tap.sh
. "$root/scripts/tap.sh"

only='*'
case ${1-} in
--help) usage; exit 0 ;;
-*) misuse "unknown option: $1" ;;
?*) only=$1 ;;
esac
export LC_ALL=C
unset "${!GIT_@}" "${!KLAB_@}" LINUX BASE_TARBALL
need git patch cmp diff env
scratch
chmod 755 "$scratch"
# shellcheck disable=SC2034
base=$("$root/scripts/base.sh")

# it NAME COMMAND...: one test; what the command printed is shown if it fails.
it()
{
	local name=$1 status

	shift
	# shellcheck disable=SC2053
	[[ $name == $only ]] || return 0
	rm -rf "$scratch/t" "$scratch/tmp"
	mkdir -m 1777 "$scratch/t" "$scratch/tmp"
	set +e
	# What is killed leaves its temporary files behind.
	(set -e; export TMPDIR=$scratch/tmp; cd "$scratch/t"; "$@") >"$scratch/log" 2>&1
	status=$?
	set -e
	tap "$status" "$name" cat "$scratch/log"
}

# refuses STATUS REGEX COMMAND...: it fails so, with one line that says why.
refuses()
{
	local want=$1 regex=$2 status=0

	shift 2
	"$@" >out 2>err || status=$?
	cat out err
	[[ $status == "$want" ]] || { say "status $status instead of $want"; return 1; }
	grep -qE "$regex" err || { say "no '$regex' in what it said"; return 1; }
	[[ $(grep -vc ': notice: ' err) == 1 ]] || { say "not one line"; return 1; }
}

# says REGEX COMMAND...: it succeeds, and one line of its output matches.
says()
{
	local regex=$1 status=0

	shift
	"$@" >out 2>&1 || status=$?
	cat out
	((status == 0)) || { say "status $status"; return 1; }
	grep -qE "$regex" out || { say "no '$regex' in what it said"; return 1; }
}

# shellcheck source=scripts/test-clone.sh
. "$root/scripts/test-clone.sh"
cache=$(cache_dir)
cache=${cache%/klab}
export XDG_CACHE_HOME=$cache
clone=$scratch/klab
make_clone
make_hostile
patches=("$clone"/patches/[0-9]*.patch)
patches=("${patches[@]:1}")
# shellcheck source=scripts/test-refresh.sh
. "$root/scripts/test-refresh.sh"
# shellcheck source=scripts/test-patches.sh
. "$root/scripts/test-patches.sh"
# shellcheck source=scripts/test-apply.sh
. "$root/scripts/test-apply.sh"
# shellcheck source=scripts/test-apply-git.sh
. "$root/scripts/test-apply-git.sh"
# shellcheck source=scripts/test-refusals.sh
. "$root/scripts/test-refusals.sh"
# shellcheck source=scripts/test-faults.sh
. "$root/scripts/test-faults.sh"
# shellcheck source=scripts/test-guest.sh
. "$root/scripts/test-guest.sh"
# shellcheck source=scripts/test-runs.sh
. "$root/scripts/test-runs.sh"
# shellcheck source=scripts/test-kernel.sh
. "$root/scripts/test-kernel.sh"
# shellcheck source=scripts/test-prepare.sh
. "$root/scripts/test-prepare.sh"
# shellcheck source=scripts/test-interrupts.sh
. "$root/scripts/test-interrupts.sh"
# shellcheck source=scripts/test-stops.sh
. "$root/scripts/test-stops.sh"
# shellcheck source=scripts/test-tree.sh
. "$root/scripts/test-tree.sh"
# shellcheck source=scripts/test-base.sh
. "$root/scripts/test-base.sh"
# shellcheck source=scripts/test-results.sh
. "$root/scripts/test-results.sh"
# shellcheck source=scripts/test-catalogue.sh
. "$root/scripts/test-catalogue.sh"
# shellcheck source=scripts/test-ci.sh
. "$root/scripts/test-ci.sh"
# shellcheck source=scripts/test-stages.sh
. "$root/scripts/test-stages.sh"
# shellcheck source=scripts/test-beside.sh
. "$root/scripts/test-beside.sh"
# shellcheck source=scripts/test-bench.sh
. "$root/scripts/test-bench.sh"
# shellcheck source=scripts/test-deb.sh
. "$root/scripts/test-deb.sh"
# shellcheck source=scripts/test-targets.sh
. "$root/scripts/test-targets.sh"
tap_end
