# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2154
#
# What patches touch, as targets of the kernel's make; shared by bisect.sh and
# text-changes.sh. To be sourced after lib.sh:
#
#   touched_files PATCH...   print the kernel paths that these patches touch
#   touched_targets NAME     of the paths on stdin, what to make on kernel NAME
#   touched_elsewhere        of the paths on stdin, the code of other platforms
#   touched_headers          of the paths on stdin, those below include/
#   lay_prefix NUMBER TREE   make TREE, a copy of the base, what it is after so
#                            many patches; writes only what differs

touched_files() { cat -- "$@" | sed -n 's|^diff --git a/\([^ ]*\) b/.*|\1|p' | sort -u; }

# Where a patch changes a file that is there, the file's object is enough: its
# directory may hold a hundred others. What is small or klab's own is made whole.
# A header of include/ stands for a thousand objects: init/main.o has most of them.
touched_targets()
{
	local name=$1 file

	while read -r file; do
		case $file in
		drivers/staging/klab/*/*.[chS] | drivers/staging/klab/*/Makefile)
			file=${file#drivers/staging/klab/}
			printf 'drivers/staging/klab/%s/\n' "${file%%/*}" ;;
		arch/um/*.[chS] | arch/x86/um/*.[chS])
			[[ $name != uml ]] || printf 'arch/um/\narch/x86/um/\n' ;;
		arch/x86/entry/syscalls/*.tbl)
			if [[ $name == uml ]]; then
				printf 'arch/um/\narch/x86/um/\n'
			else
				printf 'arch/x86/entry/\n'
			fi ;;
		arch/x86/um/* | tools/* | Documentation/* | scripts/* | samples/*) ;;
		arch/x86/*.[cS]) [[ $name != x86_64 ]] || printf '%s.o\n' "${file%.*}" ;;
		arch/*) ;;
		*.c) printf '%s.o\n' "${file%.c}" ;;
		include/*.h) printf 'init/main.o\n' ;;
		esac
	done | sort -u
}

touched_elsewhere() { grep -E '^arch/' | grep -vE '^arch/(um|x86)/' || true; }

touched_headers() { grep -E '^include/.*\.h$' || true; }

lay_prefix()
{
	local number=$1 tree=$2 dir=$scratch/prefix base file

	if [[ ! -f $tree/Makefile ]]; then
		base=$("$root/scripts/base.sh") || exit 1
		rm -rf -- "$tree"
		mkdir -p "${tree%/*}"
		cp -R --reflink=auto "$base/." "$tree.new" || die "cannot copy $base to $tree"
		mv -T "$tree.new" "$tree"
	fi
	rm -rf -- "$dir"
	"$root/scripts/compose.sh" prefix "$number" "$dir" || exit 1
	while read -r file; do
		[[ -e $dir/$file ]] || rm -f -- "$tree/$file"
	done < <("$root/scripts/compose.sh" files)
	rsync -rlpc "$dir/" "$tree/" || die "cannot write to $tree"
}
