#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Tests of the klab command, against a debugfs and a /proc of plain files.
# usage: klab.sh DIRECTORY, where klab, klab-check and fake_module.o are
# Output is TAP; exit status 1 if a test failed.

bin=$1
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=lib.sh
. "$here/lib.sh"

make_debugfs()
{
	tree=$KLAB_DEBUGFS/klab
	mkdir -p "$tree/irq" "$tree/mem" "$tree/sync" "$tree/time"
	{
		tsv room experiment parameter type default min max unit help
		tsv irq bottom-halves '' '' '' '' '' '' 'Which one is quickest?'
		tsv irq bottom-halves count int 1000 1 100000 events 'how many events'
		tsv irq bottom-halves kind 'choice:all|tasklet' all '' '' '' 'which ones'
		tsv irq bottom-halves label string x 1 63 '' 'a "name"'
		tsv irq bench '' '' '' '' '' '' 'How do they compare?'
		tsv mem bench '' '' '' '' '' '' 'What does memory cost?'
		tsv mem broken '' '' '' '' '' '' 'What is broken?'
		tsv sync bench '' '' '' '' '' '' 'What do locks cost?'
		tsv time plain '' '' '' '' '' '' 'What is the time?'
	} >"$tree/experiments"

	{
		echo '# experiment=irq/bottom-halves'
		echo '# param.count=1000'
		echo '# comment=it says \"x\"'
		echo '# histogram.softirq.cpu0=256:10 512:5'
		echo '# histogram.softirq.cpu1=256:1 1024:2'
		echo '# histogram.a.b.cpu0=0:1 1:3'
		tsv kind count 'min[ns]' 'median[ns]' 'min[cycles]'
		tsv softirq 1000 250 300 900
		tsv 'work "queue"' 1000 1250 1500 -
		tsv back\\slash 7 0.5 007 -3e2
	} >"$tree/irq/bottom-halves"

	{
		tsv subject peer 'subject_cost[ns]' 'peer_cost[ns]' ratio bar verdict
		tsv softwork tasklet 100 110 0.909 1.000 ok
		tsv other peer 50 50 1.000 - -
	} >"$tree/irq/bench"
	{
		tsv subject peer 'subject_cost[ns]' 'peer_cost[ns]' ratio bar verdict
		tsv pool kmalloc 200 100 2.000 1.500 over
	} >"$tree/mem/bench"
	{
		tsv subject peer 'subject_cost[cycles]' 'peer_cost[cycles]' ratio bar verdict
		tsv spin mutex 20 40 0.500 1.000 ok
	} >"$tree/sync/bench"
	{
		tsv a b
		tsv 1
	} >"$tree/mem/broken"
	echo '# now=12' >"$tree/time/plain"
}

# make_system RELEASE: a /proc and /sys that looks like a running kernel
make_system()
{
	proc=$KLAB_SYSROOT/proc
	symvers=$KLAB_SYSROOT/lib/modules/$1/build/Module.symvers
	rm -rf "$KLAB_SYSROOT"
	mkdir -p "$proc/sys/kernel" "$KLAB_SYSROOT/sys/kernel/security" \
		"$KLAB_SYSROOT/sys/module/module/parameters" \
		"$KLAB_SYSROOT/lib/modules/$1/build"
	echo "$1" >"$proc/sys/kernel/osrelease"
	echo '#1 SMP PREEMPT_DYNAMIC Thu Jan 1 00:00:00 UTC 1970' >"$proc/sys/kernel/version"
	uname -m >"$proc/sys/kernel/arch"
	echo 0 >"$proc/sys/kernel/modules_disabled"
	echo 'console=ttyS0' >"$proc/cmdline"
	echo N >"$KLAB_SYSROOT/sys/module/module/parameters/sig_enforce"
	{
		echo 'fake_dep 16384 1 x, Live 0x0000000000000000'
		echo 'other_dep 16384 0 - Live 0x0000000000000000'
	} >"$proc/modules"
	{
		tsv 0x00000000 _printk vmlinux EXPORT_SYMBOL ''
		tsv 0x00000000 gpl_only_function vmlinux EXPORT_SYMBOL_GPL ''
		tsv 0x00000000 maybe_there vmlinux EXPORT_SYMBOL ''
		tsv 0x00000000 strlen vmlinux EXPORT_SYMBOL ''
		tsv 0x00000000 strange_data vmlinux EXPORT_SYMBOL_GPL FAKE_NS
		tsv 0x00000000 dep_one drivers/fake_dep EXPORT_SYMBOL ''
		tsv 0x00000000 dep_two drivers/other_dep EXPORT_SYMBOL ''
	} >"$symvers"
	{
		echo '0000000000000000 T _printk'
		echo '0000000000000000 T gpl_only_function'
		echo '0000000000000000 T strlen'
		echo '0000000000000000 t strlen_local'
		echo '0000000000000000 D strange_data'
		tsv '0000000000000000 t dep_one' '[fake_dep]'
	} >"$proc/kallsyms"
}

# documented FILE PATTERN: a line with PATTERN, where SUB is its name, for each
# sub-command
documented()
{
	sed -n 's/^  \([a-z]*\) .*/\1/p' "$dir/help" >"$dir/subs"
	: >"$dir/out"
	while read -r sub; do
		grep -q -- "$(echo "$2" | sed "s/SUB/$sub/")" "$1" ||
			echo "no $sub" >>"$dir/out"
	done <"$dir/subs"
	[ -s "$dir/subs" ] && [ ! -s "$dir/out" ]
	ok $? "every sub-command is in ${1##*/}"
}

# The program may stand outside a tree of the kernel, without the latter.
test_documents()
{
	"$bin/klab" help >"$dir/help" 2>"$dir/err"
	status=$?
	documented "$here/../klab.1" '^\.It Cm SUB$'
	guide=$here/../../../Documentation/staging/klab/command.rst
	[ ! -e "$guide" ] || documented "$guide" '^``klab SUB[ `]'
}

test_usage()
{
	klab --version
	is 0 '--version ends well'
	says '^klab [0-9]' '--version has a version'
	klab help
	is 0 'help ends well'
	subs='list run bench plot modcheck symbols syscall audit integrity
		mcat pcat pecho talk two control uevents regulate'
	for sub in $subs; do
		says "^  $sub " "help names $sub"
	done
	for sub in $subs; do
		klab "$sub" --help
		is 0 "$sub --help ends well"
		says "^usage: klab $sub " "$sub --help has its usage"
	done
	test_documents
	klab help run
	says '^usage: klab run ' 'help run is that of run'
	klab
	is 2 'no sub-command is wrong usage'
	complains '^usage:' 'no sub-command prints usage to standard error'
	klab lst
	is 2 'an unknown sub-command is wrong usage'
	complains "did you mean 'list'" 'an unknown sub-command is guessed'
	klab list --nonsense
	is 2 'an unknown option is wrong usage'
	complains '^usage: klab list' 'an unknown option prints usage'
	klab run
	is 2 'a missing argument is wrong usage'
	complains 'an argument is missing' 'a missing argument is said'
	klab list a b
	is 2 'an argument too many is wrong usage'
	klab list --json --tsv
	is 2 '--json and --tsv exclude each other'
	klab plot irq/bench --column
	is 2 'an option without its value is wrong usage'
	klab run nonsense
	is 2 'a name without room is wrong usage'
	klab run ../../etc/passwd
	is 2 'a path that leads elsewhere is wrong usage'
	klab symbols --symvers x
	is 2 '--symvers without --exported is wrong usage'
	"$bin/klab" help >/dev/full 2>"$dir/err"
	status=$?
	is 3 'a full device is an error'
	complains 'cannot write' 'a full device is said'
}

test_list()
{
	klab list
	is 0 'list ends well'
	says '^irq$' 'list has the rooms'
	says '^  bottom-halves  *Which one is quickest?$' 'list has the questions'
	silent 'list is silent on standard error'
	klab list mem
	says '^  bench ' 'list of a room has its experiments'
	! grep -q '^irq' "$dir/out"
	ok $? 'list of a room has no other'
	klab list irq/bottom-halves
	is 0 'list of an experiment ends well'
	says '^irq/bottom-halves: Which one' 'list of an experiment has its question'
	says '^count .*int .*1000 .*1\.\.100000 .*events .*how many' \
		'list has type, default, range, unit and help'
	says '^kind .*choice .*all|tasklet' 'list has the choices'
	klab list time/plain
	says 'takes no parameters' 'list says that there are none'
	klab list --json
	json '(j[1]["experiment"] == "bottom-halves" and
		j[1]["parameters"][0]["default"] == 1000)' \
		'list --json has numbers as numbers'
	json '(j[1]["parameters"][1]["choices"] == ["all", "tasklet"] and
		j[1]["parameters"][1]["min"] is None)' \
		'list --json has choices, and null for nothing'
	json 'j[1]["parameters"][2]["help"] == "a \"name\""' 'list --json escapes quotes'
	klab list irq/bottom-halves --json
	json 'len(j) == 1' 'list --json of an experiment has it alone'
	klab list --tsv
	says "^irq	bench	How do they compare?$" 'list --tsv has tabs'
	klab list irq/bottom-halves --tsv
	says "^count	int	1000	1	100000	events	how many events$" \
		'list --tsv of an experiment has its parameters'
	klab list syscall
	is 3 'a room that is not loaded is an error'
	complains 'modprobe klab_syscall_table' 'a room that is not loaded is named with its module'
	klab list attr
	is 3 'a room without experiments is an error'
	complains 'instead of experiments' 'a room without experiments is said'
	klab list usb
	complains "there is no room 'usb'" 'a room that is not is said'
	klab list irk
	complains 'did you mean: irq' 'a wrong room is guessed'
	klab list irq/bottom-halfs
	is 3 'a wrong experiment is an error'
	complains 'did you mean: irq/bottom-halves' 'a wrong experiment is guessed'
	klab list mem/bottom-halves
	complains 'did you mean: irq/bottom-halves' 'an experiment of another room is found'
}

test_no_klab()
{
	mkdir -p "$dir/empty"
	klab_env "KLAB_DEBUGFS=$dir/empty" list
	is 3 'no klab is an error'
	complains 'KLAB_DEBUGFS' 'no klab in the named directory is said'
	mkdir -p "$KLAB_SYSROOT/proc"
	echo 'proc /proc proc rw 0 0' >"$KLAB_SYSROOT/proc/mounts"
	klab_env KLAB_DEBUGFS= list
	complains 'mount -t debugfs' 'debugfs that is not mounted is said'
	mkdir -p "$dir/a b"
	printf '%s\n' "none $dir/a\\040b debugfs rw 0 0" >"$KLAB_SYSROOT/proc/mounts"
	klab_env KLAB_DEBUGFS= list
	complains 'modprobe klab_core' 'klab that is not loaded is said'
	ln -s "$KLAB_DEBUGFS/klab" "$dir/a b/klab"
	klab_env KLAB_DEBUGFS= list
	is 0 'debugfs is found where it is mounted'

	echo 'open EPERM' >"$tree/time/plain.fake"
	echo 'none integrity [confidentiality]' >"$KLAB_SYSROOT/sys/kernel/security/lockdown"
	fake run time/plain
	is 3 'a locked-down kernel is an error'
	complains 'locked down' 'a locked-down kernel is said'
	echo '[none] integrity confidentiality' >"$KLAB_SYSROOT/sys/kernel/security/lockdown"
	fake run time/plain
	complains 'needs root' 'missing rights are said'
	rm "$tree/time/plain.fake"

	cp "$tree/experiments" "$dir/experiments"
	printf 'room\texperiment\nirq\tx\n' >"$tree/experiments"
	klab list
	is 3 'a list without the columns is an error'
	complains "no column 'parameter'" 'a list without the columns is said'
	cp "$dir/experiments" "$tree/experiments"
}

test_run()
{
	klab run irq/bottom-halves
	is 0 'run ends well'
	says '^param.count: 1000$' 'run has the notes'
	says '^softirq  *1000  *250  *300  *900$' 'run has an aligned table'
	! grep -q '256:10' "$dir/out"
	ok $? 'run leaves histograms out'
	says 'klab plot irq/bottom-halves' 'run says where histograms are'
	! grep -q ' $' "$dir/out"
	ok $? 'run has no blanks at the ends of lines'
	klab run irq/bottom-halves --tsv
	cmp -s "$dir/out" "$tree/irq/bottom-halves"
	ok $? 'run --tsv is what the kernel wrote'
	fake run irq/bottom-halves --tsv
	cmp -s "$dir/out" "$tree/irq/bottom-halves"
	ok $? 'a result that comes in parts is put together'
	klab run irq/bottom-halves --json
	json 'j["experiment"] == "irq/bottom-halves" and j["notes"]["param.count"] == 1000' \
		'run --json has the notes'
	json '(j["columns"][2] == {"key": "min[ns]", "name": "min", "unit": "ns"} and
		j["columns"][0]["unit"] is None)' \
		'run --json has the columns'
	json '(j["rows"][0] == {"kind": "softirq", "count": 1000, "min[ns]": 250,
		"median[ns]": 300, "min[cycles]": 900})' \
		'run --json has the rows'
	json 'j["rows"][1]["kind"] == "work \"queue\"" and j["rows"][1]["min[cycles]"] is None' \
		'run --json escapes, and has null for -'
	json '(j["rows"][2] == {"kind": "back\\slash", "count": 7, "min[ns]": 0.5,
		"median[ns]": "007", "min[cycles]": -300})' \
		'run --json takes for numbers only what JSON does'
	klab run time/plain
	says '^now: 12$' 'run of an experiment without a table has its notes'
	klab run time/plain --json
	json 'j["notes"]["now"] == 12 and j["rows"] == []' 'run --json of it, too'
	printf '# a=1\n# a=two\n# b=\033[2J\n# c=\377\n' >"$tree/time/plain"
	klab run time/plain --json
	json 'j["notes"] == {"a": [1, "two"], "b": "\u001b[2J", "c": "\ufffd"}' \
		'notes that repeat are an array; what is no text is replaced'
	klab run time/plain
	says '^b: \\x1b\[2J$' 'control characters do not reach the terminal'
	{
		tsv µ 'ключ' '€' '𝄞'
		tsv 1 2 3 4
	} >"$tree/time/plain"
	klab run time/plain
	says '^µ  ключ  €  𝄞$' 'UTF-8 is printed as it is'
	says '^1     2  3  4$' 'UTF-8 is aligned by characters'
	printf 'a\tb\n\302\233\t\340\200\200\n' >"$tree/time/plain"
	klab run time/plain
	says '^\\xc2\\x9b  \\xe0\\x80\\x80$' 'what is no UTF-8, or controls, is escaped'
	printf 'a\0b\n' >"$tree/time/plain"
	klab run time/plain
	is 3 'a NUL in a result is an error'
	echo '# now=12' >"$tree/time/plain"

	fake run irq/bottom-halves count=5 kind=tasklet
	is 0 'run with parameters ends well'
	[ "$(cat "$tree/irq/bottom-halves.params")" = 'count=5 kind=tasklet' ]
	ok $? 'parameters are written in one line'
	fake run irq/bottom-halves nonsense
	is 3 'a parameter without value is an error'
	complains 'NAME=VALUE' 'a parameter without value is said'
	fake run irq/bottom-halves 'count=5 6'
	complains 'without blanks' 'a value with blanks is said'

	script=$tree/irq/bottom-halves.fake
	echo 'write EINVAL count=x: not a number' >"$script"
	fake run irq/bottom-halves count=x
	is 3 'a parameter that the kernel refuses is an error'
	complains '^klab: irq/bottom-halves: count=x: not a number$' \
		'the reason of the kernel is printed'
	echo 'read ETIME not done after 10 ms' >"$script"
	fake run irq/bottom-halves
	is 3 'a run that fails is an error'
	complains '^klab: irq/bottom-halves: not done after 10 ms$' \
		'the reason of a run is printed'
	echo 'read ENODEV' >"$script"
	fake run irq/bottom-halves
	complains '^klab: irq/bottom-halves: No such device$' \
		'a failure without reason has that of its errno'
	echo 'short' >"$script"
	fake run irq/bottom-halves count=5
	is 3 'a part of the parameters is not enough'
	rm "$script"
	klab run mem/broken
	is 3 'a table that is none is an error'
	complains 'line 2 has 1 cells under 2 columns' 'a table that is none is said'
	klab run irq/nothing
	is 3 'an unknown experiment is an error'
	complains "klab list irq" 'an unknown experiment leads to the list'
	klab run syscall/table
	complains 'modprobe klab_syscall_table' \
		'an experiment of a room that is not loaded names the module'
}

# on_terminal WHAT: see terminal.py
on_terminal()
{
	"$python" "$here/terminal.py" "$1" "$bin/klab-check" run time/plain \
		>"$dir/out" 2>"$dir/err"
	status=$?
}

test_terminal()
{
	echo 'sleep 4' >"$tree/time/plain.fake"
	on_terminal progress
	is 0 'a long run has a line on the terminal, cleared after'
	echo 'sleep 60' >"$tree/time/plain.fake"
	on_terminal interrupt
	is 0 'Ctrl-C ends a run'
	echo 'sleep 3' >"$tree/time/plain.fake"
	fake run time/plain
	silent 'no line where there is no terminal'
	rm "$tree/time/plain.fake"
}

# A FIFO is a device to these: it has an end, poll() and readiness.
test_devices()
{
	printf 'one\000two\033' >"$dir/file"
	klab mcat --size 5 "$dir/file"
	is 0 'mcat ends well'
	says '^read 5 bytes, 5 in all, [0-9]* us: one\\x00t$' 'mcat shows a read'
	says '^read 3 bytes, 8 in all, [0-9]* us: wo\\x1b$' 'mcat escapes'
	says '^read 0 bytes, 8 in all' 'mcat shows the end'
	klab mcat -n 3 "$dir/file"
	[ "$(grep -c 'read 0 bytes' "$dir/out")" -eq 3 ]
	ok $? 'mcat --repeat opens again'
	klab mcat "$dir"
	is 3 'a read error is an error of mcat'
	complains 'Is a directory' 'mcat says which one'
	klab mcat "$dir/nothing"
	is 3 'mcat of nothing is an error'

	mkfifo "$dir/fifo"
	"$bin/klab" pecho -b "$dir/fifo" 'some text' >"$dir/pecho" &
	klab pcat -b -s 4 "$dir/fifo"
	is 0 'pcat ends well'
	wait $!
	ok $? 'pecho ends well'
	says '^interval 00:[0-9]* read 4 bytes: some$' 'pcat shows a read'
	says '^interval 00:[0-9]* read 1 bytes: t$' 'pcat shows the rest'
	says '^interval 00:[0-9]* end$' 'pcat shows the end'
	grep -q '^interval 00:[0-9]* write 9 bytes: some text$' "$dir/pecho"
	ok $? 'pecho shows the write'
	klab pecho -m "$dir/fifo" text
	is 3 'pecho without a reader is an error'
	complains 'No such device or address' 'pecho says which one'
	klab pcat "$dir/nothing"
	is 3 'pcat of nothing is an error'
	klab pcat --size 0 "$dir/file"
	is 2 'a size of 0 is wrong usage'
	klab pcat --size 16777217 "$dir/file"
	is 2 'a size beyond the limit is wrong usage'
	klab pcat --size 1x "$dir/file"
	is 2 'a size that is no number is wrong usage'
	klab pecho "$dir/fifo"
	is 2 'pecho without text is wrong usage'

	klab control what
	is 2 'an unknown operation is wrong usage'
	complains "no operation 'what'" 'control says which one'
	klab control set
	is 2 'control set without text is wrong usage'
	klab control get more
	is 2 'control get with an argument is wrong usage'
	klab uevents --count 0
	is 2 'a count of 0 is wrong usage'
	klab uevents --timeout x
	is 2 'a time that is no number is wrong usage'
	klab uevents --action nothing --timeout 1
	is 0 'uevents ends after a while'
	klab uevents --action nothing --timeout 1 --count 1
	is 1 'too few events are told'
	complains '1 more have not come' 'uevents says how many'

	klab two "$dir/fifo"
	is 0 'two ends well'
	says '^first: read 12 bytes: 111111122222$' 'two reads by the first'
	klab two -r "$dir/fifo"
	says '^second: read 12 bytes: 111111122222$' 'two --reverse by the second'
	klab talk "$dir/nothing"
	is 3 'talk to nothing is an error'
	complains 'nothing: No such file' 'talk says which one'
	: >"$dir/talk"
	klab talk "$dir/talk" <"$dir/talk"
	is 0 'talk ends with its input'

	klab two "$dir/nothing"
	is 3 'two of nothing is an error'
	complains 'first: write: Bad file descriptor' 'two goes on after an error'
}

# Files that do not answer: each step finds something that was not asked for.
test_regulate()
{
	points=$dir/points
	mkdir "$points"
	tsv value 10.000 >"$points/state"
	tsv target -0.5 >>"$points/state"
	for name in increment multiply integral derivative sum error; do
		tsv "$name" 0.000 >>"$points/state"
	done
	tsv carry 0.000001 >>"$points/state"
	for name in period_ms steps changes; do
		tsv "$name" 0 >>"$points/state"
	done
	: >"$points/increment"
	klab regulate "$points" --steps 2 --tsv
	is 0 'regulate ends well'
	says '^# at_rest=0$' 'regulate says whether it rests'
	says '^0	10.000	0.000	10.000	same$' 'regulate shows the beginning'
	says '^2	10.000	-10.500	10.000	set$' 'regulate shows what others set'
	[ "$(cat "$points/increment")" = -10.500 ]
	ok $? 'regulate writes the change'
	klab regulate "$points" --steps 1 --json
	json 'j["rows"][1]["increment"] == -10.5' 'regulate has JSON'
	klab regulate "$points" --watch
	is 3 'regulate has nothing to watch'
	complains 'period_ms is 0' 'regulate says why'
	klab regulate "$points" --value 1
	is 3 'regulate cannot set a value that there is not'
	complains 'value: No such file' 'regulate says which'

	mkdir "$dir/wrong"
	for number in x 1. 1.0000 99999999999999 ''; do
		sed "s/^value.*/value	$number/" "$points/state" >"$dir/wrong/state"
		klab regulate "$dir/wrong" --steps 1
		is 3 "regulate refuses '$number'"
	done
	complains 'not what is expected' 'regulate says what is wrong'

	rm "$dir/wrong/state"
	klab regulate "$dir/wrong" --steps 1
	is 3 'regulate needs all points'
	complains 'value: No such file' 'regulate says what is missing'
	mkdir "$dir/wrong/state"
	klab regulate "$dir/wrong" --watch
	is 3 'regulate cannot watch a directory'
	complains 'state: Is a directory' 'regulate says why it cannot watch'
	rmdir "$dir/wrong/state"
	while IFS='	' read -r name number; do
		echo "$number" >"$dir/wrong/$name"
	done <"$points/state"
	klab regulate "$dir/wrong" --steps 1 --tsv
	is 0 'regulate does with single points'
	says '^1	10.000	-10.500	10.000	set$' 'regulate reads them'
	echo 1000 >"$dir/wrong/period_ms"
	klab regulate "$dir/wrong" --steps 1
	complains 'use --watch' 'regulate leaves the loop to the kernel'
	klab regulate "$dir/wrong" --watch --steps 1
	complains 'of one moment' 'regulate watches all points at once only'
	klab regulate --steps 0
	is 2 'no steps are wrong usage'
}

test_bench()
{
	klab bench irq
	is 0 'bench under its bars ends well'
	says '^irq  *softwork  *tasklet  *100  *110  *0.909  *1.000  *ok$' 'bench has the room'
	says 'subject_cost\[ns\]' 'bench has the unit'
	klab bench irq mem
	is 1 'bench over a bar is status 1'
	says '^mem .* over$' 'bench has what is over'
	says '^1 over the bar$' 'bench counts what is over'
	klab bench --json
	is 1 'bench of all is over, too'
	json '([r["room"] for r in j["rows"]] == ["irq", "irq", "mem", "sync"] and
		j["rows"][3]["unit"] == "cycles")' \
		'bench of all has all rooms, and units that differ'
	json 'j["rows"][1]["bar"] is None and j["rows"][2]["verdict"] == "over"' \
		'bench --json has null for no bar'
	klab bench irq --tsv
	says "^irq	softwork	tasklet	100	110	0.909	1.000	ok$" \
		'bench --tsv has tabs'
	klab bench time
	is 3 'a room without benchmark is an error'
	klab bench basics
	complains 'modprobe klab_basics_jiffies' 'a room that is not loaded is named'
	echo 'read ETIME too slow' >"$tree/irq/bench.fake"
	fake bench irq sync
	is 3 'a benchmark that fails is an error'
	complains 'irq/bench: too slow' 'its reason is printed'
	says '^sync ' 'the other benchmarks are printed all the same'
	rm "$tree/irq/bench.fake"
	cp "$tree/irq/bench" "$dir/bench"
	tsv a b >"$tree/irq/bench"
	klab bench irq
	is 3 'a benchmark without its columns is an error'
	cp "$dir/bench" "$tree/irq/bench"
}

test_plot()
{
	klab plot irq/bench
	is 0 'plot ends well'
	says '^subject_cost\[ns\]$' 'plot names the column'
	says '^softwork tasklet  100 ##########*$' 'plot has a full bar for the most'
	half=$(awk '/^other peer/ { print length($4) }' "$dir/out")
	full=$(awk '/^softwork tasklet/ { print length($4) }' "$dir/out")
	[ $((half * 2)) -ge $((full - 1)) ] && [ $((half * 2)) -le $((full + 1)) ]
	ok $? 'plot has half a bar for the half'
	[ "$(awk '{ if (length > n) n = length } END { print n }' "$dir/out")" -le 80 ]
	ok $? 'plot keeps to the width of the terminal'
	klab plot irq/bench --column peer_cost
	says '^peer_cost\[ns\]$' 'plot takes the named column'
	klab plot irq/bench --column nonsense
	is 3 'a column that is not there is an error'
	complains 'subject_cost\[ns\]' 'the columns that are there are named'
	klab plot irq/bench --column subject
	is 3 'a column without numbers is an error'
	klab plot irq/bottom-halves --column count
	says '^softirq \[ns\]' 'plot has the histograms'
	says '^ *256  *11 #' 'histograms of all CPUs are added'
	says '^1024  *2 #' 'histograms have all their rows'
	says '^a.b \[ns\]' 'a label may have dots'
	klab_env LC_ALL=C.UTF-8 plot irq/bench
	says '█' 'plot has blocks where the locale has them'
	klab plot time/plain
	is 3 'nothing to plot is an error'
}

# check FILE: status of modcheck for the fake module under this name
modcheck()
{
	klab modcheck "$dir/$1"
}

test_modcheck()
{
	cp "$bin/fake_module.o" "$dir/fake_module.ko"
	make_system 6.12.117
	modcheck fake_module.ko
	is 0 'a module that fits has no load errors'
	says 'licence  *GPL$' 'modcheck has the licence'
	says '^  unload  *yes$' 'modcheck knows of the exit function'
	says '^\.init\.text ' 'modcheck has sections'
	says '^count  *int  *how many$' 'modcheck has parameters'
	says '^fake_export  *GPL  *FAKE_NS$' 'modcheck has exports with namespaces'
	says '^gpl_only_function .*EXPORT_SYMBOL_GPL' 'modcheck has imports'
	says '^maybe_there  *weak' 'modcheck knows weak imports'
	says 'taints the kernel (O)' 'modcheck names taints'
	klab modcheck --json "$dir/fake_module.ko" "$dir/fake_module.ko"
	json '(len(j) == 2 and
		j[0]["module"] == "fake_module" and j[0]["load_errors"] == [] and
		j[0]["exports"][0]["for"] == "GPL")' \
		'modcheck --json has all files'

	make_system 6.13.0
	modcheck fake_module.ko
	is 1 'another kernel is status 1'
	says 'Invalid module format (ENOEXEC): its vermagic' 'another kernel is said'
	make_system 6.12.117
	echo '#1 PREEMPT' >"$proc/sys/kernel/version"
	modcheck fake_module.ko
	says 'differs in CONFIG_SMP' 'another configuration is said'
	make_system 6.12.117
	echo '#1 SMP PREEMPT_RT' >"$proc/sys/kernel/version"
	modcheck fake_module.ko
	says 'differs in preemption' 'another preemption model is said'
	make_system 6.12.117
	echo sparc64 >"$proc/sys/kernel/arch"
	modcheck fake_module.ko
	is 0 'a machine that is not known is no error'
	echo s390x >"$proc/sys/kernel/arch"
	modcheck fake_module.ko
	[ "$(uname -m)" = s390x ] || says 'ENOEXEC.*it is for' 'another machine is said'
	make_system 6.12.117
	: >"$proc/modules"
	modcheck fake_module.ko
	says 'Unknown symbol in module (ENOENT): .*fake_dep, other_dep' \
		'missing modules are said'
	says 'modprobe -a fake_dep other_dep' 'missing modules have a fix'
	make_system 6.12.117
	echo 'fake_module 1 0 - Live 0x0' >>"$proc/modules"
	modcheck fake_module.ko
	says 'File exists (EEXIST)' 'a loaded module is said'
	make_system 6.12.117
	echo 'kernel/lib/fake-module.ko' >"$KLAB_SYSROOT/lib/modules/6.12.117/modules.builtin"
	modcheck fake_module.ko
	says 'EINVAL.*built into' 'a built-in module is said'
	make_system 6.12.117
	echo 'quiet module_blacklist=a,fake_module' >"$proc/cmdline"
	modcheck fake_module.ko
	says 'module_blacklist' 'a blacklisted module is said'
	make_system 6.12.117
	echo 1 >"$proc/sys/kernel/modules_disabled"
	modcheck fake_module.ko
	says 'modules_disabled=1' 'loading that is switched off is said'
	make_system 6.12.117
	grep -v gpl_only_function "$symvers" >"$dir/symvers"
	klab modcheck "$dir/fake_module.ko" --symvers "$dir/symvers"
	says 'ENOENT.*does not export .*gpl_only_function' 'an unknown symbol is said'
	sed -e 's/gpl_only_function.*GPL/&\tOTHER_NS/' -e 's/\t$//' "$symvers" >"$dir/symvers"
	klab modcheck "$dir/fake_module.ko" --symvers "$dir/symvers"
	says 'EINVAL.*namespace of gpl_only' 'a missing namespace is said'
	says 'MODULE_IMPORT_NS(OTHER_NS)' 'a missing namespace has a fix'
	rm "$symvers"
	modcheck fake_module.ko
	is 0 'unknown exports are no error'
	says 'symbols not checked' 'unknown exports are said'
	make_system 6.12.117

	sed 's/license=GPL/license=BSD/' "$dir/fake_module.ko" >"$dir/bsd.ko"
	modcheck bsd.ko
	says 'ENOENT.*not GPL-compatible.*gpl_only_function' \
		'a licence that is not free enough is said'
	sed 's/cleanup_module/cleanup_nodule/' "$dir/fake_module.ko" >"$dir/permanent.ko"
	modcheck permanent.ko
	says 'no: permanent' 'a module without exit is permanent'
	sed 's/vermagic=/vermagik=/' "$dir/fake_module.ko" >"$dir/magic.ko"
	modcheck magic.ko
	says 'it has no vermagic' 'a module without vermagic is said'
	sed 's/linkonce.this_module/linkonce.that_module/' "$dir/fake_module.ko" >"$dir/object.ko"
	modcheck object.ko
	says 'an object, not a module' 'an object that is no module is said'
}

# with_crcs CRC CRC: a kernel with CONFIG_MODVERSIONS, with these checksums of
# module_layout and _printk
with_crcs()
{
	make_system 6.13.0
	{
		grep -v _printk "$symvers"
		tsv "$1" module_layout vmlinux EXPORT_SYMBOL ''
		tsv "$2" _printk vmlinux EXPORT_SYMBOL ''
	} >"$dir/symvers"
	cp "$dir/symvers" "$symvers"
}

test_modversions()
{
	sed 's/preempt mod_unload /preempt modversions/' "$dir/fake_module.ko" >"$dir/versions.ko"
	with_crcs 0x1234 0x12345678
	modcheck versions.ko
	is 0 'with checksums that agree the release does not matter'
	with_crcs 0x1234 0x87654321
	modcheck versions.ko
	says 'EINVAL.*checksum is another for _printk' 'a checksum that differs is said'
	with_crcs 0x4321 0x12345678
	modcheck versions.ko
	says 'ENOEXEC.*struct module is another' 'a struct module that differs is said'
	modcheck fake_module.ko
	says 'differs in CONFIG_MODVERSIONS' 'missing checksums are said'
	rm "$symvers"
	modcheck versions.ko
	is 0 'checksums that are not known are no error'
	says 'the kernel goes by checksums' 'checksums that are not known are said'
	make_system 6.12.117
}

test_more_modcheck()
{
	tsv 0x00000000 fake_plain vmlinux EXPORT_SYMBOL '' >>"$symvers"
	modcheck fake_module.ko
	says 'ENOEXEC.*what the kernel exports: fake_plain' 'an export of the kernel is said'
	make_system 6.12.117
	grep -v -e fake_dep -e gpl_only "$symvers" >"$dir/symvers"
	klab modcheck "$dir/fake_module.ko" --symvers "$dir/symvers"
	is 0 'a symbol that another module may export is no error'
	says 'note: .*does not export gpl_only_function' 'such a symbol is said'
	sed 's/_printk.*/&module:kvm/' "$symvers" >"$dir/symvers"
	klab modcheck "$dir/fake_module.ko" --symvers "$dir/symvers"
	says 'certain modules only' 'a symbol for certain modules is said'
	sed -e 's/license=/lizense=/' -e 's/srcversion=/livepatch=Y/' \
		"$dir/fake_module.ko" >"$dir/other.ko"
	modcheck other.ko
	says 'no MODULE_LICENSE' 'a missing licence is said'
	says 'ENOEXEC.*live patch' 'a live patch without live patching is said'
	sed -e 's/author=/staging=/' -e 's/description=/staging=Y\x00a=/' \
		-e 's/parm=count/intree=Y\x00a/' "$dir/fake_module.ko" >"$dir/other.ko"
	modcheck other.ko
	says 'taints the kernel (C)' 'a module from staging is said'
	! grep -q 'kernel (O)' "$dir/out"
	ok $? 'a module of the tree does not taint as one that is not'
	rm -r "$proc"
	modcheck fake_module.ko
	is 0 'without /proc there is a report all the same'
	says '/proc is not mounted' 'without /proc it says so'
	make_system 6.12.117
}

test_signatures()
{
	modcheck fake_module.ko
	says 'signature  *none' 'no signature is seen'
	says 'not signed: it taints' 'no signature is a note'
	echo Y >"$KLAB_SYSROOT/sys/module/module/parameters/sig_enforce"
	modcheck fake_module.ko
	says 'EKEYREJECTED' 'no signature where one is needed is said'
	echo N >"$KLAB_SYSROOT/sys/module/module/parameters/sig_enforce"
	echo 'none [integrity] confidentiality' >"$KLAB_SYSROOT/sys/kernel/security/lockdown"
	modcheck fake_module.ko
	says 'EPERM.*locked down (integrity)' 'lockdown is said'
	make_system 6.12.117
	{
		cat "$dir/fake_module.ko"
		printf 'SIGN\0\0\2\0\0\0\0\0\0\0\0\4~Module signature appended~\n'
	} >"$dir/signed.ko"
	modcheck signed.ko
	is 0 'a signed module has no load errors'
	says 'signature  *appended (PKCS#7)' 'a signature is seen'
	{
		cat "$dir/fake_module.ko"
		printf 'SIGN\0\0\2\0\0\0\0\0\377\0\0\4~Module signature appended~\n'
	} >"$dir/missigned.ko"
	modcheck missigned.ko
	says 'EBADMSG' 'a malformed signature is said'
}

test_refused()
{
	for what in empty:: text:hello: xz:'\3757zXZ\0': elf:'\177ELF': ; do
		file=${what%%:*}
		what=${what#*:}
		# shellcheck disable=SC2059 # the escapes are meant
		printf "${what%:}" >"$dir/$file.ko"
		modcheck "$file.ko"
		is 3 "modcheck refuses $file"
		[ "$(wc -l <"$dir/err")" -eq 1 ]
		ok $? "modcheck refuses $file in one line"
	done
	modcheck .
	is 3 'modcheck refuses a directory'
	mkfifo "$dir/fifo.ko"
	modcheck fifo.ko
	is 3 'modcheck refuses a FIFO, without waiting'
	complains 'not a regular file' 'modcheck says that a FIFO is no file'
	modcheck not-there.ko
	complains 'No such file' 'modcheck says that a file is not there'
	klab modcheck "$bin/klab"
	complains 'not a module' 'modcheck refuses a program'
	klab modcheck "$dir/empty.ko" "$dir/fake_module.ko" --json
	is 3 'a refused file beside a good one is an error'
	json 'len(j) == 1' 'the good one is reported'
	klab modcheck "$dir/fake_module.ko" --symvers "$dir/text.ko"
	is 3 'exports that are none are an error'

	"$python" "$here/mutate.py" "$bin/klab" "$bin/fake_module.o" >"$dir/out" 2>"$dir/err"
	status=$?
	is 0 'modcheck lives through cut and damaged files'
}

test_symbols()
{
	make_system 6.12.117
	klab symbols
	is 0 'symbols ends well'
	says '^T  *strlen  *vmlinux$' 'symbols lists names'
	says '^t  *dep_one  *fake_dep$' 'symbols lists modules'
	! grep -q 0000 "$dir/out"
	ok $? 'symbols prints no addresses'
	klab symbols --count
	says '^all .* 6 ' 'symbols --count has the sum'
	says '^type  *T  *3 ' 'symbols --count has types'
	says '^module  *fake_dep  *1 ' 'symbols --count has modules'
	klab symbols --match 'str*' --type T --tsv
	[ "$(wc -l <"$dir/out")" -eq 2 ]
	ok $? '--match and --type select'
	klab symbols --exported
	says '^strange_data  *EXPORT_SYMBOL_GPL  *D  *FAKE_NS  *vmlinux$' \
		'symbols --exported lists exports'
	klab symbols --exported --count
	says '^all .* 7 ' 'symbols --exported --count has the sum'
	says '^kind  *functions  *4 ' 'symbols --exported --count has functions'
	says '^kind  *unknown  *2 ' 'symbols --exported --count says what it does not know'
	says '^export  *EXPORT_SYMBOL_GPL  *2 ' 'symbols --exported --count has kinds'
	says '^namespace  *FAKE_NS  *1 ' 'symbols --exported --count has namespaces'
	klab symbols --exported --match 'str*' --json
	json '[r["name"] for r in j["rows"]] == ["strange_data", "strlen"]' \
		'symbols --exported --match --json'
	klab symbols strlen strlen_local dep_one strange_data
	is 0 'symbols NAME ends well'
	says '^strlen  *T  *vmlinux  *EXPORT_SYMBOL  *-  *code, global$' \
		'symbols NAME has the export'
	says '^strlen_local  *t  *vmlinux  *no ' 'symbols NAME knows that it is not exported'
	says '^dep_one  *t  *fake_dep  *EXPORT_SYMBOL ' 'symbols NAME has the module'
	says '^strange_data .* EXPORT_SYMBOL_GPL  *FAKE_NS ' 'symbols NAME has the namespace'
	echo '0000000000000000 t strlen' >>"$proc/kallsyms"
	klab symbols strlen --tsv
	says "^strlen	T	vmlinux	EXPORT_SYMBOL	" 'of two the global one is exported'
	says "^strlen	t	vmlinux	no	" 'of two the local one is not'
	klab symbols strlen no_such_name
	is 1 'a name that is not there is status 1'
	says '^no_such_name  *-  *-  *no  *-  *not there$' 'a name that is not there is said'
	klab symbols maybe_there
	is 1 'a name that is exported, but hidden, is status 1'
	says '^maybe_there .* EXPORT_SYMBOL .*not in the running kernel$' \
		'a name that is exported, but hidden, is said'
	klab symbols strlen --count
	is 2 'a name and an option that selects exclude each other'
	rm "$symvers"
	klab symbols strlen
	is 0 'a name is looked up without exports'
	says '^strlen .* unknown ' 'unknown exports are said to be unknown'
	klab symbols --exported
	is 3 'symbols --exported without exports is an error'
	complains 'Module.symvers is not there' 'missing exports are said'
	echo '0000000000000000 r __ksymtab_strlen' >>"$proc/kallsyms"
	klab symbols --exported
	says '^strlen  *-  *T' 'kallsyms stands in for Module.symvers'
	klab symbols --exported --symvers "$dir/not-there"
	is 3 'a named file that is not there is an error'
	echo 'nonsense' >"$proc/kallsyms"
	klab symbols
	is 3 'symbols that are none are an error'
	rm "$proc/kallsyms"
	klab symbols
	complains 'CONFIG_KALLSYMS' 'missing symbols are said'
}

echo 'TAP version 13'
make_debugfs
make_system 6.12.117
test_usage
test_list
test_no_klab
test_run
test_terminal
test_devices
test_regulate
test_bench
test_plot
test_modcheck
test_modversions
test_more_modcheck
test_signatures
test_refused
test_symbols
done_testing
