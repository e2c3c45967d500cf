#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Builds the klab command with gcc and with clang and runs its own tests on the
# host, where a directory of files stands for debugfs; then opens klab's menu and
# the guest's shell on a terminal, and lints the scripts.
# Prints TAP.
#
# Usage: test-tools.sh
set -euo pipefail
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=scripts/tap.sh
. "$root/scripts/tap.sh"

case ${1:-} in -h|--help) usage; exit 0 ;; esac
scratch

check() { # description, command
	local what=$1 log=$scratch/log status=0
	shift
	"$@" >"$log" 2>&1 || status=$?
	tap "$status" "$what" grep -E '^not ok|error|warning|SC[0-9]|seen:' "$log"
}

tool_with() { # compiler
	local dir=$scratch/$1
	mkdir -p "$dir/tools" "$dir/Documentation/staging"
	cp -R "$root/Documentation/staging/klab" "$dir/Documentation/staging/"
	cp -R "$root/tools/klab" "$root"/build/linux/tools/{scripts,build,include} "$dir/tools/"
	make -s -C "$dir/tools/klab" CC="$1" \
		UAPI="$root/build/linux/include/uapi" check
}

# What can be run says what it does; what is sourced cannot be run.
scripts_help() {
	local script bad=0
	for script in "$root"/scripts/*.sh; do
		if [[ $(head -n 1 "$script") != '#!'* ]]; then
			[ ! -x "$script" ] || { echo "error: $script can be run"; bad=1; }
		elif ! "$script" --help </dev/null | grep '^Usage: ' >/dev/null; then
			echo "error: $script --help"
			bad=1
		fi
	done
	return "$bad"
}

# Every target is in "make help", and make never takes it for a file.
make_help() {
	local target help bad=0
	help=$(make -s -C "$root" help)
	for target in $(sed -n 's/^\([a-z0-9-]*\):.*/\1/p' "$root/Makefile"); do
		grep -q "^  make $target " <<<"$help" || { echo "error: make help lacks $target"; bad=1; }
		awk '/^.PHONY:/, !/\\$/' "$root/Makefile" | grep -we "$target" >/dev/null || { echo "error: $target is not .PHONY"; bad=1; }
	done
	return "$bad"
}

check "klab command, gcc" tool_with gcc
check "klab command, clang" tool_with clang
check "make menuconfig opens klab's menu" "$root/scripts/test-terminal.py" \
	$'\e\e' 'klab, the kernel laboratory' "$root/scripts/menuconfig.sh" uml
check "make run on a terminal: a shell" "$root/scripts/test-terminal.py" $'exit\n' \
	"klab on Linux .* The modules are loaded\\.\\s+Try: .*\\s+The host's .*klab# " "$root/scripts/run.sh" uml auto
check "shellcheck scripts" shellcheck -x -P "$root" -S warning "$root"/scripts/*.sh "$root/.ci/run"
check "every script has --help" scripts_help
check "every target is in make help" make_help
check "shellcheck guest" shellcheck -x -P "$root" -S warning -e SC2187 "$root"/kunit/guest/*
long=$(wc -l "$root"/scripts/* "$root"/kunit/guest/* "$root/.ci/run" | awk '$1 > 150 && $2 != "total" { print $2 }')
tap "${#long}" "no script is over 150 lines" echo "$long"
tap_end
