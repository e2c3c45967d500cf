#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Boots a kernel that is built, with its initramfs, and runs one script of
# kunit/guest in it. The console goes to OUT/console, or to the terminal for
# the shell. Exits with the status of what ran.
#
# Usage: boot.sh NAME shell | tour | tests | bench | fio | soak | powercut [KERNEL-ARGUMENT...]
# Environment: CPUS (4), MEMORY in MiB, TIMEOUT in s (3600; debug, rt, kcsan
# 5400), OUT, KEEP=1 to leave what is in OUT, ICOUNT=1, KVM=0
set -euo pipefail
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=scripts/kernels.sh
. "$root/scripts/kernels.sh"

name=${1:-}
case $name in ''|-h|--help) usage; exit 0 ;; esac
run=${2:?what to run: shell, tour, tests, bench, fio, soak or powercut}
shift 2
kernel_read "$name"
out=${OUT:-$root/build/results/$name}
kernel=$(kernel_image "$name")
initramfs=$root/build/guest/$name/initramfs.cpio
cpus=${CPUS:-4}
[[ $cpus =~ ^[1-9][0-9]{0,2}$ ]] || misuse "CPUS=$cpus is no number of processors"
# KASAN, lockdep and KCSAN make everything several times slower.
case $name in *-debug* | *-rt | *-kcsan) limit=${TIMEOUT:-5400} ;; *) limit=${TIMEOUT:-3600} ;; esac
# The log is for the tests; what a person reads has only the kernel's errors.
case $run in tour | shell) set -- loglevel=4 "$@" ;; esac
[ -f "$initramfs" ] || die "no initramfs for $name: run 'scripts/image.sh $name'"
[ "$(cat "${initramfs%/*}/kernel" 2>/dev/null)" = "$(kernel_id "$name")" ] ||
	die "the initramfs of $name is of another kernel: run 'scripts/image.sh $name'"

mkdir -p "${out%/*}" 2>/dev/null || die "cannot write to ${out%/*}"
lock "$out.lock"
[ "${KEEP:-0}" = 1 ] || empty_results "$out"
mkdir -p "$out"
out=$(cd "$out" && pwd)
uml_memory=${MEMORY:-384}

# Only the guest is redirected: why this script ends is for its caller.
guest() {
	if [ "$run" = shell ]; then
		"$@"
	else
		"${bound[@]}" "$@" </dev/null >"$out/console" 2>&1
	fi
}

boot_uml() {
	local console="con0=null,fd:1 con=null"
	[ "$run" != shell ] || console="con0=fd:0,fd:1 con=null quiet"
	# shellcheck disable=SC2086 # one word for each console
	TMPDIR=$uml_tmp UML_DIR="$out" guest ${uml_on[@]+"${uml_on[@]}"} "$kernel" \
		"mem=${uml_memory}M" "initrd=$initramfs" $console uml_dir="$out/" umid=uml "klab.run=$run" "klab.out=$out" "$@"
}

boot_qemu() {
	local memory=${MEMORY:-1024} accel=tcg,thread=multi
	local -a host=() machine=(-display none -no-reboot)
	if [ "${ICOUNT:-0}" = 1 ]; then
		# The guest's time stamp counter counts instructions; no input from
		# outside, so that two boots are the same to the byte.
		machine+=(-icount "shift=0,sleep=off" -cpu qemu64 -rtc "base=2024-11-17,clock=vm")
		accel=tcg
	else
		[ "${KVM:-1}" = 0 ] || ! "$root/scripts/kvm-probe.sh" "$kernel" || accel=kvm
		machine+=(-cpu max)
		host=(-virtfs "local,path=/usr,mount_tag=usr,security_model=none,readonly=on,multidevs=remap"
			-virtfs "local,path=$out,mount_tag=out,security_model=none")
		set -- "$@" klab.out=9p
	fi
	if [ "$run" = shell ]; then
		machine+=(-serial mon:stdio)
		set -- "$@" "klab.cpus=$cpus"
	else
		machine+=(-serial stdio -monitor none)
	fi
	guest qemu-system-x86_64 -machine pc -accel "$accel" -smp "$cpus" -m "$memory" -nic none \
		"${machine[@]}" ${host[@]+"${host[@]}"} -kernel "$kernel" -initrd "$initramfs" \
		-append "console=ttyS0 panic=-1 ${QUIET:+quiet }klab.run=$run $*"
}

# What it has died of says more than the registers at its end.
last_words() {
	local first
	first=$(grep -nE 'Oops|kernel BUG at|Kernel panic' "$out/console" | sed -n '1s/:.*//p') || true
	if [ "$status" != 124 ] && [ -n "$first" ]; then
		sed -n "$first,$((first + 30))p" "$out/console" >&2
	else
		tail -n 30 "$out/console" >&2
	fi
}

[ "$arch" != um ] || uml_place "$uml_memory"
bound=(timeout --foreground -k 5 "$limit")
status=0
if [ "$run" = shell ]; then
	# Whatever happens to the guest, the terminal is as it was.
	settings=$(stty -g 2>/dev/null || true)
	[ -z "$settings" ] || on_exit stty "$settings"
	export QUIET=1
	case $arch in um) boot_uml "$@" ;; *) boot_qemu "$@" ;; esac || status=$?
	[ -f "$out/status" ] || die "the guest died (status $status)"
	exit "$(cat "$out/status")"
fi

case $arch in um) boot_uml "$@" ;; *) boot_qemu "$@" ;; esac || status=$?
status_line=$(tr -d '\r' <"$out/console" | sed -n 's/^.*klab\.status=\([0-9][0-9]*\)$/\1/p' | tail -n 1)
if [ -z "$status_line" ]; then
	last_words
	[ "$status" != 124 ] || die "$name: no end after $limit s; the console is in $out/console"
	die "$name: the guest died (status $status); the console is in $out/console"
fi
exit "$status_line"
