# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# Which kernels klab is for. To be sourced after lib.sh:
#
#   kernel_version TREE   print VERSION.PATCHLEVEL.SUBLEVEL, nothing if none
#   check_release NAME RELEASE [HINT]   die unless klab is for that release

kernel_version()
{
	[[ -f $1/Makefile && -f $1/Kbuild && -d $1/kernel ]] || return 0
	awk '$2 == "=" && /^(VERSION|PATCHLEVEL|SUBLEVEL)/ { v[$1] = $3 }
	     NR == 10 { exit }
	     END { if ("SUBLEVEL" in v)
			print v["VERSION"] "." v["PATCHLEVEL"] "." v["SUBLEVEL"] }' \
		"$1/Makefile"
}

check_release()
{
	local oldest

	[[ $2 == 6.12.* ]] || die "$1 is Linux $2, klab is for 6.12.y"
	oldest=$(base_key oldest)
	[[ ${2##*.} -ge ${oldest##*.} ]] ||
		die "$1 is Linux $2, klab needs $oldest or later${3:+ ($3)}"
}
