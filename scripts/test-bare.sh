#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The two promises, as a stranger would try them: a fresh Debian 12 made by
# debootstrap in build/bare, with git and make and a clone of what is committed
# here; in it "make run </dev/null" and "make test". Needs root. The directory
# is removed at the end, unless KEEP=1.
#
# Usage: test-bare.sh
set -euo pipefail
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/lib.sh"

case ${1:-} in -h|--help) usage; exit 0 ;; esac
[ "$(id -u)" = 0 ] || die "needs root, for debootstrap and chroot"
"$root/scripts/setup.sh" bare
need_space "$root" 12000
bare=$root/build/bare

unmount() {
	local m
	for m in dev/shm dev/pts dev proc sys; do
		! mountpoint -q "$bare/$m" || umount "$bare/$m"
	done
}
on_exit 'unmount; [ "${KEEP:-0}" = 1 ] || rm -rf --one-file-system "$bare"'

unmount
rm -rf --one-file-system "$bare"
mkdir -p "$bare"
# The mirror that this machine itself uses.
mirror=$(apt-get indextargets --format '$(SITE)' 'Codename: bookworm' 2>/dev/null | head -n 1)
debootstrap --variant=minbase --include=git,make,ca-certificates bookworm "$bare" ${mirror:+"$mirror"} \
	>"$root/build/bare.log" 2>&1 || die "debootstrap failed: see build/bare.log"
for f in /etc/apt/sources.list /etc/apt/sources.list.d /etc/apt/apt.conf.d /etc/apt/auth.conf.d \
	/etc/resolv.conf /etc/hosts; do
	[ ! -e "$f" ] || cp -aL "$f" "$bare/$(dirname "$f")/" 2>/dev/null || true
done
mount -t proc proc "$bare/proc"
mount -t sysfs sys "$bare/sys"
mount --bind /dev "$bare/dev"
mount -t devpts devpts "$bare/dev/pts" -o newinstance,ptmxmode=666 2>/dev/null || mount --bind /dev/pts "$bare/dev/pts"
mount -t tmpfs shm "$bare/dev/shm"
git clone -q "$root" "$bare/root/klab"

inside() {
	env -i HOME=/root TERM=dumb LC_ALL=C.UTF-8 PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
		DEBIAN_FRONTEND=noninteractive chroot "$bare" sh -c "cd /root/klab && $*"
}

start=$SECONDS
inside 'make run </dev/null'
echo "make run in a fresh Debian: $((SECONDS - start)) s"
start=$SECONDS
inside 'make test'
echo "make test in a fresh Debian: $((SECONDS - start)) s"
