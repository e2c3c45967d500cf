#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Usage: scripts/setup.sh [--check] STEP...
#
# Installs the Debian packages that a step needs and the machine has not, and
# does nothing where all are there. Needs root or sudo only when it installs.
# Without apt it says what is missing. The log is build/setup.log.
#
#   STEP   build uml qemu static docs deb bare menuconfig coverage bench
#          perf arch test smp debug rt kcsan soak, or all
#   --check  only list what is missing, status 1 if anything is
#
# The kernel source is what patches/BASE pins, or, when that has left the
# archive, the newest, with a notice; none with LINUX=PATH.
# Exit status: 0 all is there, 1 something is missing, 2 wrong use.

set -euo pipefail
# shellcheck source=scripts/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
# shellcheck source=scripts/setup-apt.sh
. "$root/scripts/setup-apt.sh"

# Step, the packages it needs, and (+name) the steps it includes.
readonly steps='
base	git make patch xz-utils util-linux
build	+base gcc libc6-dev flex bison bc perl cpio kmod rsync ccache libelf-dev libssl-dev openssl
uml	+build bsdextrautils busybox-static dmsetup dosfstools e2fsprogs fdisk iproute2 procps
qemu	+uml qemu-system-x86
static	+build clang llvm sparse coccinelle ocaml-nox libpython3-dev perl python3 python3-ply shellcheck
perf	+build clang llvm libtraceevent-dev libtracefs-dev pkg-config zlib1g-dev
test	+uml +static +perf +menuconfig
smp	+qemu
debug	+qemu
rt	+qemu
kcsan	+qemu
soak	+qemu
bench	+qemu fio
arch	+build clang lld llvm
coverage	+qemu python3
menuconfig	+build libncurses-dev pkg-config
docs	+base python3-sphinx python3-docutils python3-yaml
deb	+build build-essential debhelper dpkg-dev fakeroot python3
bare	+base debootstrap
all	+test +arch +qemu +menuconfig +docs +deb +bare +coverage
'

packages_of()
{
	local word words

	words=$(sed -n "s/^$1\t//p" <<<"$steps")
	[[ $words ]] || misuse "unknown step: $1"
	for word in $words; do
		case $word in
		+*) packages_of "${word#+}" ;;
		*) printf '%s\n' "$word" ;;
		esac
	done
}

probed()
{
	local probe

	probe=$(sed -n "s/^$1 //p" <<<"$probes")
	case ${probe:=$1} in
	python:*) python3 -c "import ${probe#*:}" 2>/dev/null ;;
	/*) [[ -e $probe ]] ;;
	*) command -v "$probe" >/dev/null ;;
	esac
}

# Sets missing to the packages that are not there.
find_missing()
{
	local name there=''

	missing=()
	if command -v dpkg-query >/dev/null; then
		there=$(dpkg-query -W -f '${db:Status-Status} ${Package}\n' \
			"${wanted[@]}" 2>/dev/null) || true
	fi
	for name in "${wanted[@]}"; do
		if [[ $there ]]; then
			grep -qxF "installed $name" <<<"$there" || missing+=("$name")
		else
			probed "$name" || missing+=("$name")
		fi
	done
}

source_is_there()
{
	[[ -n ${LINUX-} ]] || "$root/scripts/base.sh" --have
}

check='' updated=''
if [[ ${1-} == --help ]]; then
	usage
	exit 0
elif [[ ${1-} == --check ]]; then
	check=1
	shift
fi
(($#)) || misuse "no STEP"
wanted=$(for step; do packages_of "$step"; done) || exit 2
mapfile -t wanted < <(sort -u <<<"$wanted")
find_missing
package=$(base_key package)
source_is_there || missing+=("$package")
((${#missing[@]})) || exit 0
[[ ! $check ]] || die "missing: ${missing[*]}"
command -v apt-get >/dev/null ||
	die "no apt-get here; install what Debian calls: ${missing[*]}"
if ((EUID)); then
	sudo=(sudo)
	if ! command -v sudo >/dev/null || { ! sudo -n true 2>/dev/null && [[ ! -t 0 ]]; }; then
		die "needs root or sudo to install: ${missing[*]}"
	fi
fi

mkdir -p "$root/build" 2>/dev/null || die "cannot write to $root"
log=$root/build/setup.log
! command -v flock >/dev/null || lock "$root/build/.setup.lock"
find_missing
: >"$log"
note "installing ${missing[*]:-the kernel source}"
((${#missing[@]} == 0)) || install "${missing[@]}" || failed "${missing[*]}"
if ! source_is_there; then
	version=$(base_key version)
	if ! install "$package=$version"; then
		install "$package" || failed "$package"
		note "notice: $package $version has left the archive, this is the newest"
	fi
	source_is_there || die "$package is installed, but its tarball is not there"
fi
