#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Builds a slim kernel with all of klab for an architecture that is not run here.
# Fails on a warning from klab's files, or from checksyscalls.sh.
#
# Usage: build-arch.sh arm64 | riscv
set -euo pipefail
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=scripts/kernels.sh
. "$root/scripts/kernels.sh"

arch=${1:-}
case $arch in
-h|--help) usage; exit 0 ;;
arm64|riscv) ;;
*) die "usage: build-arch.sh arm64 | riscv" ;;
esac
need_builds "$arch"
"$root/scripts/setup.sh" arch
"$root/scripts/tree.sh"
"$root/scripts/kernel.sh" "$arch" build
"$root/scripts/kernel.sh" "$arch" make -s kernelrelease
