#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Makes the initramfs of a built kernel: busybox, the scripts of kunit/guest,
# the kernel's modules, the klab command, and the selftests with their fixture
# modules. The guest takes everything else from the host, read-only, but for copies
# of what is started most often.
#
# Usage: image.sh NAME
set -euo pipefail
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=scripts/kernels.sh
. "$root/scripts/kernels.sh"

name=${1:-}
case $name in ''|-h|--help) usage; exit 0 ;; esac
here=$root/scripts
src=$root/build/linux
kernel_read "$name"
work=$root/build/guest/$name
guest=$work/root
[ -f "$out/Module.symvers" ] || die "kernel $name is not built"
need busybox cpio rsync

rm -rf "$guest"
mkdir -p "$guest"/{klab/bin,bin,sbin,lib,lib64,dev,proc,sys,tmp,run,out,usr,etc,root}
install -m 755 "$(command -v busybox)" "$guest/klab/busybox"
install -m 755 "$root"/kunit/guest/* "$guest/klab/"
mv "$guest/klab/init" "$guest/init"
for f in passwd group ld.so.cache ld.so.conf alternatives terminfo protocols services; do
	[ ! -e "/etc/$f" ] || cp -a "/etc/$f" "$guest/etc/"
done
ln -s /proc/mounts "$guest/etc/mtab"

# What the tests start time and again: from the host's /usr each of these takes two to
# four times as long, since every file that is opened is a dialogue with the host.
often=(awk basename bash blockdev cat chmod cmp cp cut date dd dirname dmesg find grep head
	insmod kill ls mkdir mktemp modinfo modprobe mount mountpoint mv od readlink rm rmdir
	rmmod sed seq setpriv sh sleep sort stat tail timeout touch tr true truncate umount
	uname wc xargs)
PATH=$PATH:/usr/sbin:/sbin
for program in "${often[@]}"; do
	file=$(readlink -f "$(type -P "$program")") || continue
	cp "$file" "$guest/bin/"
	[ "${file##*/}" = "$program" ] || ln -s "${file##*/}" "$guest/bin/$program"
	ldd "$file" || true
done | grep -oE '[[:space:]]/lib[^ ]*' | sort -u | while read -r file; do
	install -D -m 755 "$file" "$guest$file"
done

"$here/kernel.sh" "$name" make INSTALL_MOD_PATH="$guest" INSTALL_MOD_STRIP=1 modules_install

release=$(cat "$out/include/config/kernel.release")
# What the headers of a kernel bring: the names that it exports.
rm -f "$guest/lib/modules/$release/build"
install -D -m 644 -t "$guest/lib/modules/$release/build" "$out/Module.symvers"

# In the order in which they can be loaded: what others need comes first.
find "$guest/lib/modules/$release" -path '*staging/klab/*' -name '*.ko' ! -name '*_kunit.ko' \
	! -name 'klab_*fixture.ko' -printf '%f\n' | sed 's/\.ko$//' | sort |
	awk '{ print ($1 == "klab_core" ? 0 : $1 ~ /_(mobj|irq_line)$/ ? 1 : 2), $1 }' | sort -s -k1,1n |
	cut -d' ' -f2 | paste -sd' ' >"$guest/klab/modules"

# Where the kernel looks for signatures, the selftests find one module that has one.
if [ -f "$out/certs/signing_key.pem" ]; then
	signed=$guest/klab/selftests/klab/signed/klab_basics_config.ko
	install -D -m 644 "$out/drivers/staging/klab/basics/${signed##*/}" "$signed"
	"$out/scripts/sign-file" sha256 "$out"/certs/signing_key.{pem,x509} "$signed"
fi

# tools/ is built from a copy: its objects must not lie about in the source,
# and those of one kernel's fixtures not be taken for another's. What the source no
# longer has may stay in it: to delete that would take the objects with it.
tools=$work/tools
mkdir -p "$tools/testing/selftests"
rsync -a "$src"/tools/{klab,scripts,build,include} "$tools/"
rsync -a "$src"/tools/testing/selftests/{lib.mk,kselftest*,run_kselftest.sh,Makefile} \
	"$tools/testing/selftests/"
rsync -a "$src/tools/testing/selftests/klab" "$tools/testing/selftests/"
make -s -j"$(nproc)" -C "$tools/klab" OUTPUT="$tools/klab/" UAPI="$src/include/uapi"
install -m 755 "$tools/klab/klab" "$guest/klab/bin/klab"

make -s -j"$(nproc)" -C "$tools/testing/selftests/klab" ARCH="$arch" KDIR="$out" \
	top_srcdir="$src" INSTALL_PATH="$guest/klab/selftests/klab" \
	all install >"$work/selftests.log" 2>&1 || { cat "$work/selftests.log" >&2; die "the selftests do not build"; }
make -s -C "$tools/testing/selftests/klab" ARCH="$arch" KDIR="$out" top_srcdir="$src" \
	COLLECTION=klab emit_tests >"$guest/klab/selftests/kselftest-list.txt"

(cd "$guest" && find . -print0 | LC_ALL=C sort -z | cpio --null -o -H newc --quiet --reproducible) \
	>"$work/initramfs.cpio.tmp"
# The modules in it are for this kernel only.
rm -f "$work/kernel"
mv "$work/initramfs.cpio.tmp" "$work/initramfs.cpio"
kernel_id "$name" >"$work/kernel"
