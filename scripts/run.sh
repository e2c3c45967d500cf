#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
#
# From a fresh clone to a running klab: installs what is missing, prepares the
# tree, builds, boots; a shell on a terminal, else the tour.
#
# Usage: run.sh NAME auto | shell | tour
# Environment: CPUS, KVM=0 to keep away from KVM
set -euo pipefail
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=scripts/kernels.sh
. "$root/scripts/kernels.sh"

case ${1:-} in ''|-h|--help) usage; exit 0 ;; esac
name=$1
what=$2
case $name in uml) step=uml ;; *) step=qemu ;; esac
if [ "$what" = auto ]; then
	if [ -t 0 ] && [ -t 1 ]; then what=shell; else what=tour; fi
fi

need_builds "$name"
"$root/scripts/setup.sh" "$step"
start=$SECONDS
"$root/scripts/prepare.sh" "$name"
[ $((SECONDS - start)) -lt 5 ] || note "built in $((SECONDS - start)) s"

out=$root/build/results/run-$name
lock "$root/build/.run-$name.lock"
if [ "$what" = shell ]; then
	OUT=$out "$root/scripts/boot.sh" "$name" shell
	exit
fi

# What boot.sh refuses leaves no console; one of another run is not to be told.
rm -f "$out/console"
status=0
OUT=$out "$root/scripts/boot.sh" "$name" tour || status=$?
[ -f "$out/console" ] || exit "$status"
tr -d '\r' <"$out/console" | sed -n '/^klab tour:/,/^tour: /p'
if [ "$step" = qemu ] && ! tr -d '\r' <"$out/console" | grep "^klab tour:.* ${CPUS:-4} CPU(s)" >/dev/null; then
	die "not all of the ${CPUS:-4} processors came up"
fi
exit "$status"
