# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2034
#
# What the scripts of klab share.  To be sourced, after "set -euo pipefail":
#
#   root          the top of this repository, an absolute path
#   prog          the name that messages begin with
#   say, note     a line to stdout; a line to stderr
#   die, misuse   a one-line reason to stderr, then exit 1; exit 2
#   need CMD...   die unless each command is there
#   need_space DIR MIB   die unless the file system of DIR has so much left
#   on_exit CMD ARG...   run it when the script ends, however it ends (last one first)
#   scratch [MIB]   set $scratch to a new temporary directory, removed on exit
#   base_key KEY  the value of KEY in patches/BASE
#   cache_dir     print the cache directory, made if need be
#   lock FILE     hold FILE exclusively until the script ends
#   clean_git     git with no configuration but its own and the repository's
#   count_rows FILE   print "N passed, N failed, N skipped" for rows of results
#   usage         print the head comment of the script, for --help

# What a user has set for other kernels must not reach those that are built here,
# nor what a make above them has.
unset CDPATH ARCH CROSS_COMPILE LLVM KBUILD_OUTPUT KCFLAGS KCONFIG_CONFIG \
	KCONFIG_ALLCONFIG MAKEFLAGS MAKELEVEL
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
prog=${0##*/}

say() { printf '%s\n' "$*"; }
note() { printf '%s: %s\n' "$prog" "$*" >&2; }
die() { note "$@"; exit 1; }
misuse() { note "$*; see $prog --help"; exit 2; }

klab_exit_commands=()

klab_run_exit_commands()
{
	local status=$? i

	trap '' INT TERM HUP
	set +e
	for ((i = ${#klab_exit_commands[@]} - 1; i >= 0; i--)); do
		eval "${klab_exit_commands[i]}"
	done
	exit "$status"
}

# Whatever stderr is when it comes.
exec {klab_stderr}>&2
trap klab_run_exit_commands EXIT
trap 'note "interrupted" 2>&"$klab_stderr"; exit 130' INT
trap 'note "terminated" 2>&"$klab_stderr"; exit 143' TERM HUP

on_exit() { klab_exit_commands+=("$(printf '%q ' "$@")"); }

need()
{
	local cmd missing=()

	for cmd; do
		command -v "$cmd" >/dev/null || missing+=("$cmd")
	done
	((${#missing[@]} == 0)) ||
		die "missing: ${missing[*]} (scripts/setup.sh installs what klab needs)"
}

need_space()
{
	local have

	have=$(df -Pm "$1" 2>/dev/null | awk 'NR == 2 { print $4 }') || true
	[[ -z $have || $have -ge $2 ]] ||
		die "no space: $1 has $have MiB left, $2 MiB are needed"
}

scratch()
{
	need_space "${TMPDIR:-/tmp}" "${1:-64}"
	scratch=$(mktemp -d "${TMPDIR:-/tmp}/klab.XXXXXXXX" 2>/dev/null) ||
		die "cannot make a temporary directory in ${TMPDIR:-/tmp}"
	on_exit rm -rf -- "$scratch"
}

base_key()
{
	local value

	value=$(sed -n "s/^$1=//p" "$root/patches/BASE")
	[[ -n $value ]] || die "patches/BASE has no $1="
	printf '%s\n' "$value"
}

# Without a place in the home directory everything works, only slower.
cache_dir()
{
	local dir=${XDG_CACHE_HOME:-${HOME:-/nonexistent}/.cache}/klab

	if ! mkdir -p "$dir" 2>/dev/null || [[ ! -w $dir ]]; then
		dir=$root/build/cache
		mkdir -p "$dir" 2>/dev/null || die "cannot write to $root/build"
	fi
	printf '%s\n' "$dir"
}

lock()
{
	local fd

	need flock
	{ exec {fd}>"$1"; } 2>/dev/null || die "cannot write $1"
	if ! flock -n "$fd"; then
		note "waiting for another run to let go of $1"
		flock "$fd"
	fi
}

# Neither what the user has configured nor an enclosing repository reaches it:
# GIT_CONFIG_GLOBAL needs git 2.32, the home directory serves the older ones.
clean_git()
{
	local keep=() var

	for var in "${!GIT_AUTHOR_@}" "${!GIT_COMMITTER_@}" "${!GIT_CEILING_@}" TMPDIR; do
		[[ -v $var ]] && keep+=("$var=${!var}")
	done
	env -i PATH="$PATH" HOME=/nonexistent XDG_CONFIG_HOME=/nonexistent \
		LC_ALL=C TZ=UTC GIT_CONFIG_NOSYSTEM=1 GIT_ATTR_NOSYSTEM=1 \
		GIT_CONFIG_GLOBAL=/dev/null GIT_TERMINAL_PROMPT=0 \
		GIT_EDITOR=true GIT_PAGER=cat "${keep[@]}" git "$@"
}

count_rows()
{
	awk -F'\t' '{ n[$1]++ }
		END { printf "%d passed, %d failed, %d skipped\n", n["pass"], n["fail"], n["skip"] }' "$1"
}

usage() { sed -n '/^# Usage/,/^[^#]/{/^#/!d;s/^# \{0,1\}//;p}' "$0"; }
