# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh disable=SC2034,SC2154
# What the tests of the klab command share. Sourced with $bin, where klab is;
# leaves $dir, a directory to work in.

python=${PYTHON:-python3}
nr=0
failed=0

dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
KLAB_DEBUGFS=$dir/debug
KLAB_SYSROOT=$dir/sys
export KLAB_DEBUGFS KLAB_SYSROOT
LC_ALL=C
COLUMNS=80
export LC_ALL COLUMNS

# ok STATUS DESCRIPTION: one test point; 0 is ok
ok()
{
	nr=$((nr + 1))
	if [ "$1" -eq 0 ]; then
		echo "ok $nr - $2"
		return
	fi
	failed=1
	echo "not ok $nr - $2"
	echo "# status $status"
	sed 's/^/# out: /' "$dir/out"
	sed 's/^/# err: /' "$dir/err"
}

# fake ARGUMENT ...: klab with a fake kernel; sets $status, fills $dir/out and
# $dir/err
fake()
{
	"$bin/klab-check" "$@" >"$dir/out" 2>"$dir/err"
	status=$?
}

# klab ARGUMENT ...: the same with the program that is installed
klab()
{
	"$bin/klab" "$@" >"$dir/out" 2>"$dir/err"
	status=$?
}

# klab_env NAME=VALUE ARGUMENT ...: the same with another environment
klab_env()
{
	variable=$1
	shift
	env "$variable" "$bin/klab" "$@" >"$dir/out" 2>"$dir/err"
	status=$?
}

# is STATUS DESCRIPTION: did klab end so
is()
{
	[ "$status" -eq "$1" ]
	ok $? "$2"
}

# says PATTERN DESCRIPTION: is there such a line on standard output
says()
{
	grep -q -- "$1" "$dir/out"
	ok $? "$2"
}

# complains PATTERN DESCRIPTION: the same on standard error
complains()
{
	grep -q -- "$1" "$dir/err"
	ok $? "$2"
}

# silent DESCRIPTION: nothing on standard error
silent()
{
	[ ! -s "$dir/err" ]
	ok $? "$1"
}

# json EXPRESSION DESCRIPTION: valid JSON, and true with it as j
json()
{
	"$python" -m json.tool <"$dir/out" >/dev/null &&
	"$python" -c 'import json, sys
j = json.load(open(sys.argv[1], encoding="utf-8"))
sys.exit(not eval(sys.argv[2]))' "$dir/out" "$1"
	ok $? "$2"
}

# tsv LINE ...: the words of a line of a table
tsv()
{
	printf '%s' "$1"
	shift
	for cell; do
		printf '\t%s' "$cell"
	done
	printf '\n'
}

# done_testing: the plan, and the end
done_testing()
{
	echo "1..$nr"
	exit $failed
}
