#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Builds every prefix of the series: of each patch what it touches, for UML and
# x86-64, with all of klab on that the prefix has, and the touched objects of
# tools/. A prefix that has passed is not built again. Then looks, with all of
# klab off, whether the series changes the functions of kunit/text-changes and
# no others, and whether rooms build as README.md says against a kernel without
# the series.
#
# Usage: bisect.sh
set -euo pipefail
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=scripts/touched.sh
. "$root/scripts/touched.sh"
# shellcheck source=scripts/tap.sh
. "$root/scripts/tap.sh"

case ${1:-} in -h|--help) usage; exit 0 ;; esac
need_space "$root" 5000
"$root/scripts/setup.sh" test
objects_of_tools=$root/scripts/test-perf.sh
base=$("$root/scripts/base.sh")
work=$root/build/bisect
tree=$work/linux
passed=$(cache_dir)/passed-prefixes
results=$root/build/results
mkdir -p "$work" "$results"
lock "$work/lock"
# A tree of one's own may change while its name stays, and what has passed on one
# base says nothing of another.
id=$("$root/scripts/base.sh" --id)
if [ -n "${LINUX:-}" ]; then
	passed=$work/passed
	rm -f "$passed" "$work/base"
fi
touch "$passed"
[ "$(cat "$work/base" 2>/dev/null)" = "$id" ] || rm -rf "$tree"
printf '%s\n' "$id" >"$work/base"
rows=$results/bisect.tap
: >"$rows"
scratch

verdict() { # status, description, log
	tap "$1" "$2" ${3:+grep -E 'error|warning|Error|No rule|: ' "$3"} >"$work/verdict"
	tee -a "$rows" <"$work/verdict"
}

build() { SRC=$tree KLAB=part "$root/scripts/kernel.sh" "$@"; }

# What to make. A header that klab adds has to be whole by itself: a C file with
# nothing else.
units() { # target or header...
	local header n=0

	rm -f "$tree"/init/klab-header-*.c
	for header; do
		[[ $header == *.h ]] || { printf '%s\n' "$header"; continue; }
		[ ! -e "$base/$header" ] || continue
		n=$((n + 1))
		printf '#include <%s>\n' "${header#include/}" >"$tree/init/klab-header-$n.c"
		printf 'init/klab-header-%s.o\n' "$n"
	done
}

build_kernel() { # kernel, target or header...
	local name=$1 targets

	shift
	mapfile -t targets < <(units "$@")
	build "$name" prepare && build "$name" make "${targets[@]}"
}

# The log holds what make says: a warning in what a patch touches is a failure.
build_prefix() { # number, patch
	local name log status bad=0 what

	lay_prefix "$1" "$tree"
	for name in uml x86_64; do
		mapfile -t what < <(touched_files "$2" | touched_targets "$name"; touched_files "$2" | touched_headers)
		[ ${#what[@]} -gt 0 ] || continue
		log=$work/$1-$name.log
		status=0
		build_kernel "$name" "${what[@]}" >"$log" 2>&1 || status=$?
		! grep -q 'warning:' "$log" || status=1
		verdict "$status" "$subject builds for $name: ${what[*]}" "$log"
		[ "$status" = 0 ] || bad=1
	done
	if [ -x "$objects_of_tools" ] && touched_files "$2" | grep -qE '^tools/(perf|tracing)/'; then
		log=$work/$1-tools.log
		status=0
		SRC=$tree "$objects_of_tools" >"$log" 2>&1 || status=$?
		verdict "$status" "$subject builds in tools/" "$log"
		[ "$status" = 0 ] || bad=1
	fi
	return "$bad"
}

patches=("$root"/patches/[0-9]*.patch)
patches=("${patches[@]:1}")
for i in "${!patches[@]}"; do
	patch=${patches[i]}
	subject=$(basename "$patch" .patch)
	key=$(cat "$work/base" "$root/patches/BASE" "$root"/kunit/*.config "$root"/Kconfig.fragment* \
		"${patches[@]:0:i+1}" <(gcc --version) | sha256sum)
	if grep -qxF "$key" "$passed"; then
		verdict 0 "$subject (has passed before)"
	elif build_prefix $((i + 1)) "$patch"; then
		echo "$key" >>"$passed"
	fi
	touched_files "$patch" | touched_elsewhere | sed 's/^/# not built here: /'
done

status=0
"$root/scripts/text-changes.sh" "$work" >"$work/text.log" 2>&1 || status=$?
cat "$work/text.log"
verdict "$status" "with klab off only the listed functions differ" "$work/text.log"

status=0
lay_prefix 0 "$tree"
SRC=$tree "$root/scripts/test-headers.sh" >"$work/headers.log" 2>&1 || status=$?
verdict "$status" "rooms build against a kernel without the series" "$work/headers.log"
echo "1..$tap_number" >>"$rows"
rm -f "$results/bisect.rows"
"$root/scripts/results.sh" bisect bisect "$rows"
