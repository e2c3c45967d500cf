#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Soaks klab under QEMU: CPU hotplug, loading and unloading, and storms of
# softwork all at once, for a time; then there must be no complaint in the log,
# no lost item and no growth in memory. What is done is in kunit/guest/soak.
#
# Usage: soak.sh [KERNEL]
# Environment: SOAK in seconds (600), CPUS (4)
set -euo pipefail
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=scripts/kernels.sh
. "$root/scripts/kernels.sh"

case ${1:-} in -h|--help) usage; exit 0 ;; esac
name=${1:-x86_64}
seconds=${SOAK:-600}
[[ $seconds =~ ^[1-9][0-9]{0,6}$ ]] || misuse "SOAK=$seconds is no number of seconds"
need_builds "$name"
"$root/scripts/setup.sh" soak
mkdir -p "$root/build/results"
lock "$root/build/.soak.lock"
rm -f "$root/build/results/soak.rows"
unset ONLY
# What runs in rounds ends its last one, and memory has to settle.
status=0
GUEST=soak OUT=$root/build/results/soak TIMEOUT=$((seconds + 900)) \
	"$root/scripts/guest-tests.sh" soak "$name" "klab.soak=$seconds" >"$root/build/results/soak.log" || status=$?
sed -n '/^# /p' "$root/build/results/soak/selftests/soak.tap" 2>/dev/null || true
cat "$root/build/results/soak.log"
exit "$status"
