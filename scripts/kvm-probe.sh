#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Exits 0 if KVM works: a machine may offer /dev/kvm and hang in it, so a
# bounded boot has to say something first.
#
# Usage: kvm-probe.sh VMLINUX
# Environment: KVM_NODE (/dev/kvm), KVM_LIMIT in s (20)
set -euo pipefail
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/lib.sh"

kernel=${1:-}
case $kernel in ''|-h|--help) usage; exit 0 ;; esac
node=${KVM_NODE:-/dev/kvm}
[ -r "$node" ] && [ -w "$node" ] || exit 1

# One probe for a machine and a boot of it.
memo=$(cache_dir)/kvm-$(cat /proc/sys/kernel/random/boot_id)
if [ ! -f "$memo" ]; then
	answer=no
	# No root: the panic at the end of the boot stops it.
	if timeout -k 2 "${KVM_LIMIT:-20}" qemu-system-x86_64 -machine pc,accel=kvm -cpu host -smp 2 -m 256 -nic none \
		-display none -no-reboot -serial stdio -monitor none -kernel "$kernel" \
		-append 'console=ttyS0 panic=-1' </dev/null 2>/dev/null | grep 'VFS: Unable to mount' >/dev/null; then
		answer=yes
	fi
	rm -f "${memo%/*}"/kvm-*
	echo "$answer" >"$memo"
fi
[ "$(cat "$memo")" = yes ]
