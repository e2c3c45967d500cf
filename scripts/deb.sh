#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Makes installable kernel packages with klab in build/deb: from a copy of the
# tree given, or of the pinned one, with the configuration given, or that of the
# running kernel, and Kconfig.fragment merged into it.
#
# Usage: deb.sh [TREE [CONFIG]]
set -euo pipefail
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=scripts/kernels.sh
. "$root/scripts/kernels.sh"
# shellcheck source=scripts/release.sh
. "$root/scripts/release.sh"

case ${1:-} in -h|--help) usage; exit 0 ;; esac
config=${2:-}
if [ -z "$config" ]; then
	config=/boot/config-$(uname -r)
	[ -r "$config" ] || die "no $config: name a configuration with CONFIG=file"
fi
[ -r "$config" ] || die "cannot read $config"
need_space "$root" 15000
"$root/scripts/setup.sh" deb

tree=$root/build/deb/linux
mkdir -p "$root/build/deb"
base=$(LINUX=${1:-} "$root/scripts/base.sh")
note "copying $base"
rsync -a --delete --exclude=/.git "$base/" "$tree/"
"$root/scripts/apply.sh" "$tree"

use_ccache
kmake() {
	env -u LINUX make -s -C "$tree" CC="${ccache}gcc" HOSTCC="${ccache}gcc" -j"$(nproc)" "$@"
}

# As the kernel calls it.
arch=$(uname -m | sed -e 's/^i.86$/i386/' -e 's/^aarch64$/arm64/' -e 's/^riscv.*/riscv/')
mapfile -t fragments < <(kernel_fragments "$arch")
cp "$config" "$tree/.config"
(cd "$tree" && scripts/kconfig/merge_config.sh -m .config "${fragments[@]}" >/dev/null)
# Keys of a distribution that are not here would stop the build.
(cd "$tree" && scripts/config --set-str SYSTEM_TRUSTED_KEYS '' --set-str SYSTEM_REVOCATION_KEYS '' \
	--set-str LOCALVERSION -klab --disable DEBUG_INFO --enable DEBUG_INFO_NONE)
kmake olddefconfig
"$root/scripts/config-check.sh" "$arch" "$tree/.config" "${fragments[@]}"
rm -f "$root"/build/deb/*.deb
log=$root/build/deb/log
kmake KDEB_PKGVERSION="$(kernel_version "$tree")-klab$(base_key klab)" bindeb-pkg >"$log" 2>&1 ||
	{ tail -n 30 "$log" >&2; die "no package: the whole log is $log"; }
find "$root/build/deb" -maxdepth 1 -name '*.deb'
