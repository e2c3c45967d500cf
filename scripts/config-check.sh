#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Fails if an option that a fragment asks for is not in the final
# configuration; a later fragment wins over an earlier one.
#
# Usage: config-check.sh ARCH CONFIG FRAGMENT...
set -euo pipefail
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/lib.sh"

case ${1:-} in -h|--help) usage; exit 0 ;; esac
[ $# -ge 3 ] || misuse "an argument is missing"
arch=$1
config=$2
shift 2

awk '
function option(line) { sub(/^# /, "", line); sub(/[= ].*/, "", line); return line }
!/^(# )?CONFIG_[A-Za-z0-9_]+(=| is not set)/ { next }
FILENAME == config { have[option($0)] = $0; next }
{ o = option($0); want[o] = $0 ~ / is not set$/ || $0 ~ /=n$/ ? "" : $0 }
END {
	for (o in want) {
		got = have[o] ~ /=/ ? have[o] : ""
		if (got != want[o]) {
			printf "asked for: %s, got: %s\n", want[o] ? want[o] : o " off",
				got ? got : o " off"
			bad = 1
		}
	}
	exit bad
}' config="$config" "$config" "$@" ||
	die "$arch: the configuration lacks what was asked for"
