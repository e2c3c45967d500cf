# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2154,SC2034
#
# The parts of setup.sh that install with apt-get, as root or by sudo, and that
# look for packages where there is no dpkg.

sudo=()

apt()
{
	"${sudo[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -qq \
		-o DPkg::Lock::Timeout=300 -o Acquire::Retries=1 "$@" >>"$log" 2>&1
}

# Whoever has stopped dpkg in the middle would have to do this by hand.
resume()
{
	! command -v dpkg >/dev/null ||
		"${sudo[@]}" env DEBIAN_FRONTEND=noninteractive dpkg --configure -a >>"$log" 2>&1 || true
}

# Half a list fetched is no reason to stop: installing tells.
update_lists()
{
	[[ -z $updated ]] || return 0
	updated=1
	apt update || true
}

install()
{
	apt install -y --no-install-recommends "$@" && return
	resume
	update_lists
	apt install -y --no-install-recommends "$@"
}

failed()
{
	local reason

	reason=$(grep -m 1 -E '^E: |^(Err|W): ?.*([Cc]ould not|Unable|Failed)' "$log") || reason='see build/setup.log'
	die "cannot install $*: is the Debian archive in reach? (${reason:0:120})"
}

# What shows that a package is there, on a system without dpkg; else its name.
readonly probes='
xz-utils xz
util-linux flock
libc6-dev /usr/include/stdio.h
libelf-dev /usr/include/libelf.h
libssl-dev /usr/include/openssl/ssl.h
libncurses-dev /usr/include/ncurses.h
libtraceevent-dev /usr/include/traceevent/event-parse.h
libtracefs-dev /usr/include/tracefs/tracefs.h
zlib1g-dev /usr/include/zlib.h
llvm llvm-ar
lld ld.lld
coccinelle spatch
ocaml-nox ocamlopt
libpython3-dev python3
bsdextrautils column
busybox-static busybox
dosfstools mkfs.vfat
e2fsprogs mkfs.ext4
fdisk sfdisk
iproute2 ip
procps ps
qemu-system-x86 qemu-system-x86_64
python3-ply python:ply
python3-sphinx sphinx-build
python3-docutils python:docutils
python3-yaml python:yaml
debhelper dh
dpkg-dev dpkg-buildpackage
build-essential g++
'
