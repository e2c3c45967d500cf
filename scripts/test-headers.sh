#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Builds rooms as modules of a kernel that has nothing of klab, by the command
# that README.md gives for the kernel of a distribution. A warning is a failure.
#
# Usage: SRC=TREE test-headers.sh     (TREE: a source without klab)
set -euo pipefail
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/lib.sh"

case ${1:-} in -h|--help) usage; exit 0 ;; esac
[ -n "${SRC:-}" ] || misuse "no SRC"
[ ! -e "$SRC/drivers/staging/klab/Kconfig" ] || die "$SRC has klab in it"
export SRC KLAB=off
scratch

command=$(sed -n '/^make -C .lib.modules/,/^```/{/^```/!p}' "$root/README.md")
kernel="make -C /lib/modules/\$(uname -r)/build"
[[ $command == "$kernel "* ]] || die "README.md has no command '$kernel'"

# It writes beside the source.
tar -C "$root" -cf - --exclude='*.[ko]*' drivers-staging core Kconfig.fragment | tar -C "$scratch" -xf -
cd "$scratch"
"$root/scripts/kernel.sh" uml prepare
# Nothing of the kernel is built: what it exports is not known.
status=0
eval "$root/scripts/kernel.sh uml make KBUILD_MODPOST_WARN=1 ${command#"$kernel"}" >log 2>&1 || status=$?
grep -E '(warning|error):' log && status=1
[ "$status" = 0 ] || tail -n 20 log
find . -name '*.ko' -printf '%f\n' | sort
[ "$status" = 0 ] && [ "$(find . -name '*.ko' | wc -l)" -gt 20 ]
