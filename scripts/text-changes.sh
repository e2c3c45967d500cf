#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Prints the functions whose machine code the whole series changes although all
# of klab is off, and fails unless they are the ones of kunit/text-changes.
# Builds, from the base and from the series, the objects next to each C file
# and header that the series changes.
#
# Usage: text-changes.sh WORK     (WORK/linux is a tree of bisect.sh)
set -euo pipefail
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/lib.sh"

case ${1:-} in ''|-h|--help) usage; exit 0 ;; esac
work=$1
tree=$work/linux
scratch
if command -v ccache >/dev/null; then
	export CCACHE_DIR=${CCACHE_DIR:-$(cache_dir)/ccache} CCACHE_DEPEND=1 CCACHE_NOHASHDIR=1
	cc="ccache gcc"
fi

changed() { cat "$root"/patches/changes/*.diff | sed -n 's|^diff --git a/\([^ ]*\) b/.*|\1|p' | sort -u; }

directories() { # arch
	changed | grep -E '\.[chS]$|\.tbl$' | grep -vE '^(tools|Documentation|scripts)/' |
		if [ "$1" = um ]; then grep -vE '^arch/' || true; changed | grep -E '^arch/(um|x86/um)/.*\.[chS]$' || true
		else grep -vE '^arch/(um|x86/um)/' || true; fi |
		sed -E 's|^include/.*|kernel/|; s|^arch/um/include/.*|arch/um/kernel/|; s|^arch/x86/um/.*|arch/x86/um/|; s|/[^/]*$|/|' |
		sort -u | while read -r d; do [ ! -f "$tree/${d}Makefile" ] || echo "$d"; done
}

# A row per function: object, function, checksum of its code without addresses.
functions() { # arch
	local out=$tree/build-off-$1 o
	(cd "$out" && find . -name '*.o' ! -path './scripts/*' ! -path './tools/*' ! -name '*.mod.o' -newer "$scratch/mark" | sort) |
	while read -r o; do
		objdump -dr --no-show-raw-insn --no-addresses "$out/$o" 2>/dev/null |
		awk -v o="$o" '
			/^<.*>:$/ { f = $0; gsub(/[<>:]/, "", f); next }
			f != "" && NF { print o "\t" f "\t" $0 }'
	done | sed -E 's/\.L[A-Za-z0-9]+/.L/g' | awk -F'\t' '
		{ key = $1 "\t" $2; if (key != last && last != "") { print last "\t" text; text = "" } last = key; text = text "|" $0 }
		END { if (last != "") print last "\t" text }' |
	while IFS=$'\t' read -r object function text; do
		printf '%s %s %s\n' "$object" "$function" "$(printf '%s' "$text" | cksum | tr ' ' -)"
	done | sort
}

build() { # arch, result
	local arch=$1 out=$tree/build-off-$1 short=$1 d
	[ "$short" != um ] || short=uml
	mapfile -t want < <(directories "$arch")
	[ ${#want[@]} -gt 0 ] || { : >"$2"; return; }
	mkdir -p "$out"
	km() { env -u MAKEFLAGS make -s -C "$tree" ARCH="$arch" O="$out" CC="${cc:-gcc}" -j"$(nproc)" "$@"; }
	km allnoconfig
	(cd "$tree" && scripts/kconfig/merge_config.sh -m -O "$out" "$out/.config" \
		"$root/kunit/common.config" "$root/kunit/$short.config" >/dev/null)
	km olddefconfig
	km prepare
	for d in "${want[@]}"; do
		find "$out/$d" -name '*.o' -delete 2>/dev/null || true
	done
	touch "$scratch/mark"
	km "${want[@]}"
	functions "$arch" >"$2"
}

lay() { # pristine base, or the whole series
	local f
	"$root/scripts/compose.sh" files | while read -r f; do rm -f "$tree/$f"; done
	if [ "$1" = base ]; then
		base=$("$root/scripts/base.sh")
		changed | while read -r f; do cp "$base/$f" "$tree/$f"; done
	else
		rm -rf "$scratch/all"
		mkdir "$scratch/all"
		"$root/scripts/compose.sh" prefix "$("$root/scripts/compose.sh" names | wc -l)" "$scratch/all"
		rsync -rlc "$scratch/all/" "$tree/"
	fi
}

for state in base series; do
	lay "$state"
	for arch in um x86_64; do
		build "$arch" "$scratch/$state-$arch"
	done
done
for arch in um x86_64; do
	diff "$scratch/base-$arch" "$scratch/series-$arch" | sed -n 's/^[<>] \.\/\([^ ]*\) \([^ ]*\) .*/\1 \2/p' |
		sed "s/^/$arch /" || true
done | sort -u >"$scratch/changes"
cat "$scratch/changes"
diff <(grep -v '^#' "$root/kunit/text-changes") "$scratch/changes" >&2 ||
	die "these are not the functions that kunit/text-changes lists"
