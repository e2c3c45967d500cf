# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2034,SC2154
#
# What scripts share that build or boot the kernels of kunit/variants.  To be
# sourced after lib.sh:
#
#   kernel_read NAME      set arch, cc and parts from kunit/variants, and out, the
#                         directory where it is built
#   kernel_image NAME     print the file that is booted
#   kernel_id NAME        print what is another for another such file
#   kernel_fragments ARCH print the files that ask for all of klab
#   need_builds NAME...   die unless there is space for the tree and for what is
#                         not built yet of these kernels and their guests
#   compiler_cache        print whether the compiler cache is cold or warm
#   use_ccache            set ccache to what goes before a compiler's name
#   uml_place MIB         set uml_tmp to where UML can keep so much memory, and
#                         uml_on to what goes before its command
#   empty_results DIR     make DIR; empty it if it is of results

kernel_read()
{
	read -r _ arch cc parts < <(grep -E "^$1[[:space:]]" "$root/kunit/variants") ||
		die "no kernel '$1' in kunit/variants"
	out=${SRC:-$root/build/linux}/build-$1
}

kernel_image()
{
	local arch cc parts out

	kernel_read "$1"
	if [[ $arch == um ]]; then
		printf '%s\n' "$out/linux"
	else
		printf '%s\n' "$out/vmlinux"
	fi
}

kernel_id()
{
	local image

	image=$(kernel_image "$1") && cksum 2>/dev/null <"$image"
}

kernel_fragments()
{
	printf '%s\n' "$root/Kconfig.fragment"
	[[ ! -f $root/Kconfig.fragment.$1 ]] || printf '%s\n' "$root/Kconfig.fragment.$1"
}

# The unpacked source and the tree; the biggest of the kernels, and its guest.
need_builds()
{
	local mib=200 name

	[[ -d $root/build/linux ]] || mib=$((mib + 3800))
	for name; do
		[[ -d $root/build/linux/build-$name/drivers/staging/klab ]] || mib=$((mib + 500))
	done
	need_space "$root" "$mib"
}

compiler_cache()
{
	if [[ -d ${CCACHE_DIR:-$(cache_dir)/ccache} ]]; then
		echo warm
	else
		echo cold
	fi
}

use_ccache()
{
	ccache=
	command -v ccache >/dev/null || return 0
	export CCACHE_DIR=${CCACHE_DIR:-$(cache_dir)/ccache} CCACHE_DEPEND=1
	export CCACHE_NOHASHDIR=1 CCACHE_MAXSIZE=${CCACHE_MAXSIZE:-4G}
	ccache="$root/scripts/cached.sh "
}

# UML keeps its memory in a file, which has to fit where it lies.
uml_place()
{
	local need=$(($1 + 16)) shm

	uml_tmp=${TMPDIR:-/dev/shm}
	shm=$(df -Pm /dev/shm 2>/dev/null | awk 'NR == 2 { print $4 }') || true
	if [[ $uml_tmp == /dev/shm && ${shm:-0} -lt $need ]]; then
		uml_tmp=$root/build
		note "/dev/shm has ${shm:-0} MiB free, using $uml_tmp for the guest's memory"
	fi
	need_space "$uml_tmp" "$need"

	# UML's kernel and its processes are processes of the host that wake each other
	# at every system call of the guest; from one idle processor to another that
	# takes several times as long.  The one that this runs on is free just now.
	uml_on=(taskset -c "$(awk '{ print $39 }' /proc/self/stat)")
	"${uml_on[@]}" true 2>/dev/null || uml_on=()
}

# Whoever has OUT in the environment for something else keeps what is there.
empty_results()
{
	local dir

	{ mkdir -p "$1" && dir=$(cd "$1" && pwd -P); } 2>/dev/null || die "cannot write to $1"
	[[ $dir == "$root"/build/* || -e $dir/.klab-results || -z $(ls -A "$dir") ]] ||
		die "$dir holds something else than results, which would be removed"
	find "$dir" -xdev -mindepth 1 -delete || die "cannot empty $dir"
	: >"$dir/.klab-results"
}
