#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Builds the klab command with gcc and with clang and runs its own tests on the
# host, where a directory of files stands for debugfs; then opens klab's menu on
# a terminal and lints the scripts.
# Prints TAP.
#
# Usage: test-tools.sh
set -euo pipefail
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/lib.sh"

case ${1:-} in -h|--help) usage; exit 0 ;; esac
scratch
n=0
bad=0

check() { # description, command
	local what=$1 log=$scratch/log
	shift
	n=$((n + 1))
	if "$@" >"$log" 2>&1; then
		echo "ok $n $what"
	else
		echo "not ok $n $what"
		grep -E '^not ok|error|warning|SC[0-9]|seen:' "$log" | head -n 20 | sed 's/^/# /'
		bad=1
	fi
}

tool_with() { # compiler
	local dir=$scratch/$1
	mkdir -p "$dir/tools"
	cp -R "$root/tools/klab" "$root"/build/linux/tools/{scripts,build,include} "$dir/tools/"
	env -u MAKEFLAGS make -s -C "$dir/tools/klab" CC="$1" \
		UAPI="$root/build/linux/include/uapi" check
}

check "klab command, gcc" tool_with gcc
check "klab command, clang" tool_with clang
check "make menuconfig opens klab's menu" "$root/scripts/test-menuconfig.py" \
	'klab, the kernel laboratory' "$root/scripts/menuconfig.sh" uml
check "shellcheck scripts" shellcheck -x -P "$root" -S warning "$root"/scripts/*.sh "$root/.ci/run"
check "shellcheck guest" shellcheck -S warning "$root"/kunit/guest/{tests,tour,soak}
long=$(wc -l "$root"/scripts/* "$root/.ci/run" | awk '$1 > 160 && $2 != "total" { print $2 }')
check "no script is over 160 lines" test -z "$long"
echo "1..$n"
exit "$bad"
