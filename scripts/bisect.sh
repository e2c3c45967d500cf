#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Builds every prefix of the series: of each patch the directories it touches,
# for UML and x86-64, with all of klab on. A prefix that has passed is not built
# again. Then compares, with all of klab off, the functions of the base with
# those of the whole series: the list of those that differ is kunit/text-changes.
#
# Usage: bisect.sh
set -euo pipefail
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/lib.sh"

case ${1:-} in -h|--help) usage; exit 0 ;; esac
"$root/scripts/setup.sh" build
need_space "$root" 5000
work=$root/build/bisect
passed=$(cache_dir)/passed-prefixes
mkdir -p "$work" "$root/build/results"
touch "$passed"
lock "$work/lock"
rows=$root/build/results/bisect.tap
: >"$rows"
count=0
scratch

if command -v ccache >/dev/null; then
	export CCACHE_DIR=${CCACHE_DIR:-$(cache_dir)/ccache} CCACHE_DEPEND=1 CCACHE_NOHASHDIR=1
	cc="ccache gcc"
fi

verdict() { # status, description, log
	count=$((count + 1))
	if [ "$1" = 0 ]; then
		echo "ok $count $2"
	else
		echo "not ok $count $2"
		grep -E 'error|warning|Error' "$3" | head -n 20 | sed 's/^/# /'
	fi | tee -a "$rows"
}

# A tree that is laid anew for each step; only what differs is written.
lay() { # number of patches
	local dir=$scratch/prefix f
	rm -rf "$dir"
	mkdir "$dir"
	"$root/scripts/compose.sh" prefix "$1" "$dir"
	"$root/scripts/compose.sh" files | while read -r f; do
		[ -e "$dir/$f" ] || rm -f "$work/linux/$f"
	done
	rsync -rlc --exclude=/build-* "$dir/" "$work/linux/"
}

kmake() { # arch, arguments
	local arch=$1
	shift
	env -u MAKEFLAGS make -s -C "$work/linux" ARCH="$arch" O="$work/linux/build-$arch" \
		CC="${cc:-gcc}" -j"$(nproc)" "$@"
}

configure() { # arch, fragments
	local arch=$1 out=$work/linux/build-$1
	shift
	mkdir -p "$out"
	kmake "$arch" allnoconfig
	(cd "$work/linux" && scripts/kconfig/merge_config.sh -m -O "$out" "$out/.config" "$@" >/dev/null)
	kmake "$arch" olddefconfig
	kmake "$arch" modules_prepare
}

fragments() { # arch, all | off
	local short=$1
	[ "$short" != um ] || short=uml
	printf '%s\n' "$root/kunit/common.config" "$root/kunit/$short.config"
	[ "$2" = off ] || for f in "$root/Kconfig.fragment" "$root/Kconfig.fragment.$1"; do
		[ ! -f "$f" ] || printf '%s\n' "$f"
	done
}

# What make is asked for: the directories of a patch's compiled files.
targets() { # arch, patch
	sed -n 's|^diff --git a/\([^ ]*\) b/.*|\1|p' "$2" |
		grep -E '^(arch|block|drivers|fs|include|init|ipc|kernel|lib|mm|net)/.*(\.[chS]|Makefile)$' |
		grep -vP "^arch/(?!um/|$([ "$1" = um ] && echo 'x86/um/' || echo 'x86/(?!um/)'))" |
		sed -E 's|^include/.*|kernel/|; s|^(.*)/[^/]*$|\1/|; s|(klab/[a-z]*)/tests/|\1/|' | sort -u |
		while read -r d; do [ ! -f "$work/linux/${d}Makefile" ] || echo "$d"; done
}

base=$("$root/scripts/base.sh")
[ -f "$work/linux/Makefile" ] || { rm -rf "$work/linux"; cp -R --reflink=auto "$base/." "$work/linux"; }

n=0
for patch in "$root"/patches/0*[1-9]-*.patch "$root"/patches/0*[1-9]0-*.patch; do
	[ -f "$patch" ] || continue
	n=$((n + 1))
done
for ((i = 1; i <= n; i++)); do
	patch=$(printf '%s/patches/%04d-' "$root" "$i")
	patch=$(echo "$patch"*.patch)
	subject=$(basename "$patch" .patch)
	# shellcheck disable=SC2046 # a word for each patch
	key=$(cat "$root/patches/BASE" "$root"/kunit/*.config "$root"/Kconfig.fragment* \
		$(for ((j = 1; j <= i; j++)); do printf '%s/patches/%04d-*.patch ' "$root" "$j"; done) | sha256sum)
	if grep -qxF "$key" "$passed"; then
		verdict 0 "prefix $subject (passed before)"
		continue
	fi
	lay "$i"
	all=0
	for arch in um x86_64; do
		log=$work/$i-$arch.log
		mapfile -t want < <(targets "$arch" "$patch")
		status=0
		{
			mapfile -t files < <(fragments "$arch" all)
			configure "$arch" "${files[@]}"
			[ ${#want[@]} = 0 ] || kmake "$arch" "${want[@]}"
		} >"$log" 2>&1 || status=$?
		! grep -qE 'warning:' "$log" || status=1
		verdict "$status" "prefix $subject $arch ${want[*]:-(nothing to compile)}" "$log"
		[ "$status" = 0 ] || all=1
	done
	[ "$all" = 1 ] || echo "$key" >>"$passed"
done

status=0
"$root/scripts/text-changes.sh" "$work" >"$work/text.log" 2>&1 || status=$?
verdict "$status" "with klab off only the listed functions differ" "$work/text.log"
cat "$work/text.log"
echo "1..$count" >>"$rows"
rm -f "$root/build/results/bisect.rows"
"$root/scripts/results.sh" bisect bisect "$rows"
