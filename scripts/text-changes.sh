#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Prints the functions whose machine code the whole series changes although all
# of klab is off, and fails unless they are the ones of kunit/text-changes.
# Builds what the series touches, and what the list names besides, from the base
# and from the series; headers in include/ are compared as the preprocessor
# leaves them. With --whole all of both kernels is built: that takes long, and
# finds what the layout of a structure changes far from where it is touched.
#
# Usage: text-changes.sh WORK [--whole]   (WORK/linux is a tree of bisect.sh)
# Exit status: 0 as listed; 1 not; 4 not, by another compiler than the list's.
set -euo pipefail
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=scripts/touched.sh
. "$root/scripts/touched.sh"

case ${1:-} in ''|-h|--help) usage; exit 0 ;; esac
tree=$(realpath "$1")/linux
whole=${2:-}
case $whole in ''|--whole) ;; *) misuse "unknown argument: $whole" ;; esac
list=$root/kunit/text-changes
scratch

# Each function and each variable in a section of its own, so that what refers
# to it names it; and no line numbers, which change with every line above.
flags="-ffunction-sections -fdata-sections -w -D__LINE__=1"

build() { SRC=$tree KLAB=off "$root/scripts/kernel.sh" "$@"; }

# What is in the tree of what the series touches.
present() {
	touched_files "$root"/patches/changes/*.diff | while read -r file; do
		[ ! -f "$tree/$file" ] || echo "$file"
	done
}

# The header with what is off taken out, no macro expanded and no comment.
declarations() { # kernel, result
	local header n=0 out=$tree/build-$1-off

	mkdir -p "$2"
	while read -r header; do
		n=$((n + 1))
		printf '#include <%s>\n' "${header#include/}" >"$tree/init/klab-header-$n.c"
		rm -f "$out/init/klab-header-$n.i"
		build "$1" make KCFLAGS="-fdirectives-only" "init/klab-header-$n.i"
		gcc -fpreprocessed -dD -E "$out/init/klab-header-$n.i" |
			awk -v header="/$header\"" '
			/^# [0-9]+ "/ { inside = index($0, header) > 0; next }
			inside && NF { gsub(/[ \t]+/, " "); sub(/ $/, ""); print }' >"$2/${header//\//,}"
	done < <(present | touched_headers)
	rm -f "$tree"/init/klab-header-*.c
}

# Targets of make, and the directories and objects that they make.
targets() { # kernel
	[[ ! $whole ]] || { printf 'vmlinux.a\n'; return; }
	{
		present | touched_targets "$1"
		sed -n "s|^$1 \([^ ]*\.o\) .*|\1|p" "$list"
	} | sort -u | awk '{ for (d in dirs) if (index($0, d) == 1) next; print } /\/$/ { dirs[$0] }'
}

objects() { # kernel, result
	local out=$tree/build-$1-off target targets

	mkdir -p "$2"
	mapfile -t targets < <(targets "$1")
	for target in "${targets[@]}"; do
		find "$out/$target" -name '*.o' -delete 2>/dev/null || true
	done
	build "$1" make KCFLAGS="$flags" "${targets[@]}"
	[[ ! $whole ]] || targets=(arch/ block/ certs/ crypto/ drivers/ fs/ init/ io_uring/ ipc/
		kernel/ lib/ mm/ net/ security/ sound/ usr/ virt/)
	for target in "${targets[@]}"; do
		[ ! -e "$out/$target" ] ||
			(cd "$out" && find "$target" -name '*.o' ! -name '*.mod.o' -exec cp --parents -t "$2" {} +)
	done
	# Holds the configuration as text.
	rm -f "$2/arch/um/kernel/config.o"
}

code() { [ ! -f "$1" ] || objdump -dr --no-show-raw-insn --no-addresses "$1"; }

# Rows: kernel, object or header, function, what became of it.
compare() { # kernel
	local a=$scratch/base-$1 b=$scratch/series-$1 file

	(cd "$scratch" && find "base-$1" "series-$1" -type f -printf '%P\n' | sort -u) |
	while read -r file; do
		if cmp -s "$a/$file" "$b/$file"; then
			continue
		elif [[ $file == *.o ]]; then
			awk -f "$root/scripts/text-changes.awk" <(code "$a/$file"; echo) <(code "$b/$file"; echo) |
				sed "s|^|$1\t$file\t|"
		else
			printf '%s\t%s\t-\tchanged\n' "$1" "${file//,/\/}"
		fi
	done | tr '\t' ' ' | LC_ALL=C sort
}

for state in base series; do
	number=0
	[ "$state" = base ] || number=$("$root/scripts/compose.sh" names | wc -l)
	lay_prefix "$number" "$tree"
	for name in uml x86_64; do
		build "$name" prepare
		objects "$name" "$scratch/$state-$name"
		declarations "$name" "$scratch/$state-$name"
	done
done
for name in uml x86_64; do
	compare "$name"
done >"$scratch/changes"
cat "$scratch/changes"
if ! diff <(grep -v '^#' "$list") "$scratch/changes" >"$scratch/diff"; then
	cat "$scratch/diff"
	made_by=$(sed -n 's/^# compiler: //p' "$list")
	compiler=$(gcc --version | head -n 1)
	[ "$made_by" = "$compiler" ] || { note "the list was made by $made_by, this is $compiler"; exit 4; }
	die "these are not the functions that kunit/text-changes lists"
fi
