#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The two promises, as a stranger would try them: a fresh Debian 12 made by
# debootstrap in build/bare, with git and make and a clone of what is committed
# here; in it "make run </dev/null" and "make test", or the commands given.
# Needs root. The directory is removed at the end, unless KEEP=1.
#
# Usage: test-bare.sh [COMMAND...]
set -euo pipefail
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/lib.sh"

case ${1:-} in -h|--help) usage; exit 0 ;; esac
[ $# -gt 0 ] || set -- 'make run </dev/null' 'make test'
[ "$(id -u)" = 0 ] || die "needs root, for debootstrap and chroot"
need unshare
need_space "$root" 16000
"$root/scripts/setup.sh" bare
bare=$root/build/bare
home=/home/newcomer
lock "$root/build/bare.lock"

# Nothing is ever mounted here where this, or "make distclean", might remove it.
remove() { rm -rf --one-file-system -- "$bare"; }
finish() { [ "${KEEP:-0}" = 1 ] || remove; }
on_exit finish

remove
mkdir -p "$bare"
# The mirror that this machine itself uses.
# shellcheck disable=SC2016 # apt's own
mirror=$(apt-get indextargets --format '$(SITE)' 'Codename: bookworm' 2>/dev/null | head -n 1) || true
note "making a Debian in build/bare"
debootstrap --variant=minbase --include=git,make,ca-certificates bookworm "$bare" ${mirror:+"$mirror"} \
	>"$root/build/bare.log" 2>&1 || die "debootstrap failed: see build/bare.log"
for f in /etc/apt/sources.list /etc/apt/sources.list.d /etc/apt/apt.conf.d /etc/apt/auth.conf.d \
	/etc/resolv.conf /etc/hosts; do
	[ ! -e "$f" ] || cp -aL "$f" "$bare/$(dirname "$f")/" 2>/dev/null || true
done
mkdir -p "$bare$home"
git clone -q "$root" "$bare$home/klab"

# What is mounted and what is started for a command go with it, whatever ends it.
inside() {
	local var keep=()

	for var in http_proxy https_proxy ftp_proxy no_proxy; do
		[ -z "${!var:-}" ] || keep+=("$var=${!var}")
	done
	# shellcheck disable=SC2016 # of the shell in between
	unshare --mount --propagation private --pid --fork --kill-child bash -euc '
		cd "$1"
		mount -t proc proc proc
		mount -t sysfs sys sys
		mount --bind /dev dev
		mount -t devpts devpts dev/pts -o newinstance,ptmxmode=666
		mount -t tmpfs shm dev/shm
		shift
		exec env -i "$@"' - "$bare" "${keep[@]}" HOME=$home TERM=dumb LC_ALL=C.UTF-8 \
		PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
		chroot . sh -c "cd $home/klab && $1"
}

for command; do
	start=$SECONDS
	inside "$command"
	echo "$command, in a fresh Debian: $((SECONDS - start)) s"
done
