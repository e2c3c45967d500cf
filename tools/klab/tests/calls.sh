#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Tests of klab audit and klab syscall, of the header for programs, and of the
# manual pages.
# usage: calls.sh DIRECTORY, where klab, klab-check and header_test are
# Output is TAP; exit status 1 if a test failed.

# shellcheck disable=SC2034
bin=$1
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=lib.sh disable=SC2034,SC2154
. "$here/lib.sh"

proc=$KLAB_SYSROOT/proc
table=$KLAB_DEBUGFS/klab/syscall/table

# make_kernel: a table of system calls, and the functions of the kernel; the
# names are those of every machine
make_kernel()
{
	mkdir -p "$proc" "${table%/*}"
	{
		echo '# experiment=syscall/table'
		tsv abi number name state handler provider as_built
		tsv native 0 "$1" implemented sys_first - yes
		tsv native 1 - hole - - yes
		tsv native 590 old_call retired sys_ni_syscall - yes
		tsv native 600 klab_null implemented sys_klab_null - yes
		tsv native 601 klab_log late-bound sys_klab_log 'log [klab_syscall_log]' yes
		tsv native 602 klab_strtrans 'late-bound, empty' sys_klab_strtrans - yes
		tsv compat 600 klab_null implemented sys_klab_null - yes
	} >"$table"
	{
		echo '0000000000000000 T sys_first'
		echo '0000000000000000 T sys_ni_syscall'
		echo '0000000000000000 T sys_klab_null'
		echo '0000000000000000 W sys_klab_log'
		echo '0000000000000000 t sys_klab_strtrans'
		echo '0000000000000000 D sys_data'
		tsv '0000000000000000 t sys_hidden' '[rogue]'
		tsv '0000000000000000 T sys_klab_null' '[rogue]'
	} >"$proc/kallsyms"
}

# The first number and its name, of the machine that this runs on.
first_name()
{
	klab syscall 0 --json -- -1 0 0
	"$python" -c 'import json, sys
print(json.load(open(sys.argv[1]))["rows"][0]["call"])' "$dir/out"
}

test_audit()
{
	first=$(first_name)
	make_kernel "$first"
	fake audit
	is 0 'audit of a good table ends well'
	says "^native  *0  *$first  *implemented  *sys_first  *-  *yes  *ok$" 'audit lists calls'
	says '^native  *1  *-  *hole  *-  *-  *yes  *ok$' 'audit lists holes'
	says '^native  *601 .*log \[klab_syscall_log\]  *yes  *ok$' 'audit lists providers'
	says '^alarms: 0$' 'audit counts alarms'
	fake audit --count
	says '^native  *implemented  *2$' 'audit --count counts by state'
	says '^compat  *implemented  *1$' 'audit --count counts by ABI'
	fake audit --match 'klab_*' --json
	json 'len(j["rows"]) == 4 and j["rows"][0]["number"] == 600' 'audit --match --json'
	fake audit native --tsv
	is 0 'audit of one ABI ends well'
	fake audit x32
	is 2 'an ABI that there is not is wrong usage'
	fake audit native compat
	is 2 'two ABIs are wrong usage'
	fake audit compat
	[ "$(cat "$table.params")" = 'abi=compat' ]
	ok $? 'the ABI is asked for'
}

# alarm HANDLER VERDICT DESCRIPTION: one alarm for this handler, seen always
alarm()
{
	make_kernel "$first"
	sed -i "s/sys_first/$1/" "$table"
	fake audit --match 'nothing'
	is 1 "$3: status 1"
	says "^native  *0 .* $2\$" "$3: the line"
	says '^alarms: 1$' "$3: nothing else"
}

test_alarms()
{
	alarm 'sys_hidden' "outside the kernel's text" 'a function of a module'
	alarm 'sys_first [outside]' "outside the kernel's text" 'a function that is marked'
	alarm 'sys_data' "outside the kernel's text" 'data'
	alarm 'sys_unknown' "outside the kernel's text" 'no symbol'
	alarm '?' "outside the kernel's text" 'no name'
	make_kernel "$first"
	sed -i '/	old_call	/s/yes$/no/' "$table"
	fake audit
	is 1 'a handler that the table was not built with: status 1'
	says '^native  *590 .* no  *not as built$' \
		'a handler that the table was not built with: the line'
	make_kernel other_name
	fake audit
	is 1 'another name than in the headers: status 1'
	says "^native  *0  *other_name .* $first in the headers$" \
		'another name than in the headers: the line'
	fake audit --count
	is 1 'audit --count has the status of the alarms'
	make_kernel "$first"
	rm "$proc/kallsyms"
	fake audit
	is 0 'audit does without kallsyms'
	says '^handlers: not looked up' 'audit says that handlers are not looked up'
}

test_no_table()
{
	make_kernel "$first"
	tsv a b >"$table"
	fake audit
	is 3 'another table is an error'
	rm "$table"
	tsv room experiment parameter type default min max unit help \
		>"$KLAB_DEBUGFS/klab/experiments"
	fake audit
	is 3 'no table is an error'
	complains 'modprobe klab_syscall' 'no table is told what to load'
}

test_syscall()
{
	klab syscall getpid
	is 0 'a call by name ends well'
	says '^getpid  *[0-9]*  *1  *0  *[0-9]* ' 'a call by name has its result'
	klab syscall getpid --json
	nr=$("$python" -c 'import json, sys
print(json.load(open(sys.argv[1]))["rows"][0]["number"])' "$dir/out")
	klab syscall "$nr"
	says "^getpid  *$nr  *1  *0 " 'a call by number has its name'
	klab syscall write 1 =hello 5 --tsv
	says '^hello' 'a text is given by its address'
	says "	5	-	-$" 'a call has its result'
	klab syscall close -- -1
	is 1 'a call that fails is status 1'
	says '^close .* 1  *1  *-  *EBADF  *Bad file descriptor$' 'an error has its name'
	klab syscall 0x7ffffff
	is 1 'a number that is no call is status 1'
	says ' ENOSYS ' 'a number that is no call has ENOSYS'
	klab syscall getpid --count 100 --time --json
	json '(j["rows"][0]["calls"] == 100 and j["rows"][0]["failed"] == 0 and
		0 <= j["rows"][0]["min[ns]"] <= j["rows"][0]["median[ns]"] <=
		j["rows"][0]["max[ns]"])' 'calls are counted and timed'
	klab syscall close --count 7 -- -1
	says ' 7  *7  *-  *EBADF ' 'calls that fail are counted'
	for name in null 'log text' 'strtrans method text'; do
		# shellcheck disable=SC2086 # a name and its texts
		klab syscall $name --tsv
		says "^klab_${name%% *}	60[012]	1	" "klab's own call: $name"
	done
}

test_syscall_usage()
{
	for words in 'no_such_call' 'null 1' 'log' 'log a b' 'strtrans a' 'getpid x' \
		     'getpid 1 2 3 4 5 6 7' 'getpid 1x' 'getpid 99999999999999999999' \
		     'getpid --count 0' 'getpid --count 1000001' 'getpid --count x' \
		     'getpid --count' ''; do
		# shellcheck disable=SC2086 # a name and its arguments
		klab syscall $words
		is 2 "wrong usage: syscall $words"
	done
}

# The header alone, as strictly as programs compile.
test_header()
{
	for std in c99 gnu11; do
		${CC:-cc} -std=$std -Wall -Wextra -Werror -D_GNU_SOURCE -I"$here/.." \
			-o "$dir/header" "$here/header_test.c" >"$dir/out" 2>"$dir/err"
		status=$?
		is 0 "the header compiles as $std"
		"$dir/header" >"$dir/out" 2>"$dir/err"
		status=$?
		is 0 "the header works as $std"
	done
}

# page FILE: a manual page, with every warning of the formatter
page()
{
	if command -v mandoc >/dev/null; then
		mandoc -T lint -W warning "$1" >"$dir/err" 2>&1
	else
		groff -mandoc -Tutf8 -ww -z "$1" 2>"$dir/err"
	fi
	status=$?
	[ "$status" -eq 0 ] && [ ! -s "$dir/err" ]
	ok $? "manual page ${1##*/}"
}

test_pages()
{
	if ! command -v mandoc >/dev/null && ! command -v groff >/dev/null; then
		nr=$((nr + 1))
		echo "ok $nr - manual pages # SKIP neither mandoc nor groff"
		return
	fi
	for file in klab.1 klab_null.2 klab_log.2 klab_strtrans.2; do
		page "$here/../$file"
	done
}

echo 'TAP version 13'
test_audit
test_alarms
test_no_table
test_syscall
test_syscall_usage
test_header
test_pages
done_testing
