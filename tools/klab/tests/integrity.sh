#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Tests of klab integrity, against page tables and lists in plain files.
# usage: integrity.sh DIRECTORY, where klab and klab-check are
# Output is TAP; exit status 1 if a test failed.

# shellcheck disable=SC2034
bin=$1
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=lib.sh disable=SC2034,SC2154
. "$here/lib.sh"

proc=$KLAB_SYSROOT/proc
sys=$KLAB_SYSROOT/sys
dumped=$KLAB_DEBUGFS/page_tables/kernel

# page START END RIGHTS: a line as x86 writes it
page()
{
	printf '0x%s-0x%s %12s     %-30s pte\n' "$1" "$2" 4K "$3"
}

# area START END SIZE CALLER: a line of /proc/vmallocinfo
area()
{
	echo "0x$1-0x$2 $3 $4+0x4b/0xf0 pages=4 vmalloc"
}

# make_tables: a healthy kernel, with each kind of code
make_tables()
{
	rm -rf "$KLAB_DEBUGFS"
	mkdir -p "$KLAB_DEBUGFS/page_tables"
	{
		echo '---[ User Space ]---'
		page 0000000000000000 ffff800000000000 ''
		echo '---[ Kernel Space ]---'
		page ffff800000000000 ffff888000000000 ''
		echo '---[ Low Kernel Mapping ]---'
		page ffff888000000000 ffff888000099000 'RW                 GLB NX'
		page ffff888000099000 ffff88800009a000 'ro                 GLB x '
		page ffff88800009a000 ffffc90000000000 'RW         PSE     GLB NX'
		echo '---[ vmalloc() Area ]---'
		page ffffc90000000000 ffffea0000000000 'RW                 GLB NX'
		echo '---[ ESPfix Area ]---'
		page ffffff0000000000 ffffff8000000000 ''
		echo '... 7 entries skipped ... '
		echo '---[ High Kernel Mapping ]---'
		page ffffffff80000000 ffffffff81000000 ''
		page ffffffff81000000 ffffffff81400000 'ro         PSE     GLB x '
		page ffffffff81400000 ffffffff81600000 'ro                 GLB x '
		page ffffffff81600000 ffffffffc0000000 'ro         PSE     GLB NX'
		echo '---[ Modules ]---'
		page ffffffffc0000000 ffffffffc0002000 'ro                 GLB x '
		page ffffffffc0002000 ffffffffc0003000 'RW                 GLB NX'
		page ffffffffc0010000 ffffffffc0011000 'ro                 GLB x '
		page ffffffffc0020000 ffffffffc0021000 'ro                 GLB x '
		page ffffffffc0200000 ffffffffc0400000 'ro         PSE     GLB x '
		page ffffffffc0400000 ffffffffff000000 ''
		echo '---[ End Modules ]---'
		page ffffffffff000000 0000000000000000 ''
	} >"$dumped"
}

# make_lists: what the same kernel says of itself
make_lists()
{
	rm -rf "$KLAB_SYSROOT"
	mkdir -p "$proc" "$sys/module/good" "$sys/module/builtin"
	echo live >"$sys/module/good/initstate"
	echo 'good 12288 0 - Live 0xffffffffc0000000 (O)' >"$proc/modules"
	{
		echo 'ffffffff81000000 T _text'
		echo 'ffffffff81000000 T _stext'
		echo 'ffffffff81567890 T _etext'
		tsv 'ffffffffc0000000 t good_init' '[good]'
		tsv 'ffffffffc0000010 t good_work' '[good]'
		tsv 'ffffffffc0010000 t ftrace_trampoline' '[__builtin__ftrace]'
		tsv 'ffffffffc0200040 t bpf_prog_0123456789abcdef' '[bpf]'
		tsv 'ffffffffc0020000 t kprobe_insn_page' '[__builtin__kprobes]'
	} >"$proc/kallsyms"
	{
		area ffffc90000000000 ffffc90000005000 20480 gen_pool_add_owner
		area ffffffffc0000000 ffffffffc0003000 12288 move_module
	} >"$proc/vmallocinfo"
}

# before PATTERN LINE: put a line before another of the page tables
before()
{
	awk -v pattern="$1" -v line="$2" '
		index($0, pattern) && !done { print line; done = 1 }
		{ print }' "$dumped" >"$dir/tables"
	cp "$dir/tables" "$dumped"
}

test_clean()
{
	make_tables
	make_lists
	klab integrity
	is 0 'a healthy kernel is status 0'
	silent 'a healthy kernel has no messages'
	says '^alarms: 0$' 'a healthy kernel has no alarms'
	says '^kernel text  *High Kernel Mapping  *4096  *r-x .* ok$' 'kernel text is known'
	says '^good  *Modules  *8  *r-x  *move_module  *ok$' \
		'a module is known, and who allocated it'
	says '^ftrace trampolines  *Modules  *4 .* ok$' 'ftrace is known'
	says '^kprobe slots  *Modules  *4 .* ok$' 'kprobes are known'
	says '^BPF programs  *Modules  *2048 .* ok$' 'BPF is known'
	says '^code that starts CPUs  *Low Kernel Mapping .* ok$' 'the real-mode code is known'
	! grep -qi 'ffff[89c]' "$dir/out"
	ok $? 'no addresses are printed'
	klab integrity --json
	json 'len(j["rows"]) == 7 and all(r["verdict"] == "ok" for r in j["rows"])' \
		'integrity --json'
	klab integrity --tsv
	says "^good	Modules	8	r-x	move_module	ok$" 'integrity --tsv'
	{
		area 0000000012345678 00000000abcdef01 12288 move_module
		area 0000000011111111 0000000022222222 20480 gen_pool_add_owner
	} >"$proc/vmallocinfo"
	klab integrity
	is 0 'hashed addresses of vmalloc are left aside'
	says '^allocations: not known' 'hashed addresses of vmalloc are said'
	rm "$proc/vmallocinfo"
	klab integrity
	is 0 'vmallocinfo is not needed'
}

# alarm PATTERN DESCRIPTION: one alarm, on such a line
alarm()
{
	klab integrity
	is 1 "$2: status 1"
	says "$1" "$2: the line"
	says '^alarms: 1$' "$2: nothing else"
}

test_alarms()
{
	make_tables
	make_lists
	before 'ffffffffc0200000-' "$(page ffffffffc0100000 ffffffffc0101000 'ro  GLB x')"
	alarm "^-  *Modules  *4  *r-x .* nobody's$" 'a page of nobody'

	make_tables
	before 'ffffea0000000000' "$(page ffffc90000000000 ffffc90000001000 'RW   x')"
	sed -i '/ffffc90000000000-0xffffea/d' "$dumped"
	alarm "^-  *vmalloc() Area  *4  *rwx  *gen_pool_add_owner  *nobody's$" \
		'a page of nobody has its allocator'

	make_tables
	sed -i 's/\(c0000000-0xffffffffc0002000.*\)ro /\1RW /' "$dumped"
	alarm '^good .*rwx .*writable$' 'code that can be written to'

	make_tables
	sed -i '/0xffffffffc0002000-/d; s/ffffffffc0002000/ffffffffc0004000/' "$dumped"
	alarm "^-  *Modules  *16 .*nobody's$" 'more than the module is long'

	make_tables
	sed -i 's/ffffffff81600000/ffffffff81601000/' "$dumped"
	alarm "^-  *High Kernel Mapping  *4 .*nobody's$" 'a page behind the text'
	says '^kernel text .* 2048 .*ok$' 'the text before it is known all the same'

	make_tables
	sed -i 's/ffffffff81000000/ffffffff80fff000/' "$dumped"
	alarm "^-  *High Kernel Mapping  *4 .*nobody's$" 'a page before the text'

	make_tables
	sed -i 's/ffffffffc0010000-/ffffffffc000f000-/' "$dumped"
	alarm "^-  *Modules  *8 .*nobody's$" 'code before an ftrace trampoline'

	make_tables
	sed -i 's/ffff8880000\(9[9a]000\)/ffff8880001\1/g' "$dumped"
	alarm "^-  *Low Kernel Mapping .*nobody's$" 'code in memory above the first megabyte'
}

test_lists()
{
	make_tables
	make_lists
	: >"$proc/modules"
	klab integrity
	is 1 'a module that is not listed: status 1'
	says "^-  *Modules  *8 .*nobody's$" 'a module that is not listed: its pages'
	says '^good .*in kallsyms, not listed$' 'a module that is not listed: its symbols'
	says '^good .*in sysfs, not listed$' 'a module that is not listed: its directory'
	make_lists
	rm -r "$sys/module/good"
	alarm '^good .*listed, not in sysfs$' 'a module that is listed only'

	make_lists
	echo 'new 4096 1 - Loading 0xffffffffc0400000' >>"$proc/modules"
	mkdir -p "$sys/module/new/sections"
	echo coming >"$sys/module/new/initstate"
	before 'ffffffffc0200000-' "$(page ffffffffc0100000 ffffffffc0101000 'ro  x')"
	alarm "^-  *Modules .*nobody's$" 'init code whose address is not known'
	echo 0xffffffffc0100000 >"$sys/module/new/sections/.init.text"
	klab integrity
	is 0 'init code of a module that is being loaded'
	says '^new  *Modules  *4 .* ok$' 'init code has the name of its module'
}

# Classic BPF programs have no symbols.
test_allocators()
{
	make_tables
	make_lists
	sed -i '/bpf_prog/d' "$proc/kallsyms"
	alarm "^-  *Modules  *2048 .*nobody's$" 'BPF without symbols'
	area ffffffffc0200000 ffffffffc0401000 2101248 alloc_new_pack \
		>>"$proc/vmallocinfo"
	klab integrity
	is 0 'BPF without symbols is known by its allocator'
	sed -i 's/\(new_pack.*\) pages/\1 [rogue] pages/' "$proc/vmallocinfo"
	klab integrity
	is 1 'a module is not believed to be an allocator'
}

test_other_machines()
{
	make_lists
	make_tables
	rm -r "$KLAB_DEBUGFS"
	mkdir -p "$KLAB_DEBUGFS"
	dumped=$KLAB_DEBUGFS/kernel_page_tables
	cat >"$dumped" <<-END
	0xffff000000000000-0xffff000000200000   2M PTE  RW NX SHD AF  UXN MEM/NORMAL-TAGGED
	---[ Modules start ]---
	0xffff800000000000-0xffff800000002000   8K PTE  ro x  SHD AF  UXN MEM/NORMAL
	---[ Kernel Image ]---
	0xffff800080000000-0xffff800080010000   64K PTE  ro x  SHD AF  UXN MEM/NORMAL
	---[ Fixmap start ]---
	0xfffffffffda00000-0xfffffffffda02000   8K PTE  ro x  SHD AF  UXN MEM/NORMAL
	END
	{
		echo 'ffff800080000000 T _text'
		echo 'ffff800080008000 T _etext'
	} >"$proc/kallsyms"
	echo 'good 8192 0 - Live 0xffff800000000000' >"$proc/modules"
	klab integrity
	is 0 'page tables of arm64'
	says '^entry trampolines  *Fixmap start .* ok$' 'the trampolines of arm64 are known'
	cat >"$dumped" <<-END
	---[ vmalloc() area ]---
	0xff20000000000000-0xff20000000001000 0x0000000080100000 4K PTE . .. .. D A G . X W R V
	---[ Kernel mapping ]---
	0xffff800080000000-0xffff800080010000 0x0000000080200000 64K PTE . .. .. D A G . X . R V
	0xffff800080010000-0xffff800080020000 0x0000000080210000 64K PTE . .. .. D A G . . W R V
	END
	make_no_modules
	alarm "^-  *vmalloc() area  *4  *rwx .*nobody's$" 'page tables of riscv'
	dumped=$KLAB_DEBUGFS/page_tables/kernel
}

make_no_modules()
{
	: >"$proc/modules"
	rm -r "$sys/module/good"
}

# hostile TEXT DESCRIPTION: page tables that are none
hostile()
{
	printf '%b' "$1" >"$dumped"
	klab integrity
	is 3 "$2: refused"
	[ "$(wc -l <"$dir/err")" -eq 1 ]
	ok $? "$2: refused in one line"
}

test_hostile()
{
	make_lists
	make_tables
	hostile '' 'an empty file'
	hostile '\n\n' 'empty lines'
	hostile 'hello\n' 'text'
	hostile '0x1000-0x1000 x\n' 'an empty range'
	hostile '0x2000-0x1000 x\n' 'a range that ends before it begins'
	hostile '0x1000-0x3000 x\n0x2000-0x4000 x\n' 'overlapping ranges'
	hostile '0x1000-0x0 x\n0x2000-0x3000 x\n' 'a range behind the last'
	hostile '0x1000-0x11111111111111111 x\n' 'an address that is too long'
	hostile '0x1000 0x2000 x\n' 'a range without a dash'
	hostile '0x1000-0x2000x\n' 'an address that does not end'
	hostile '0x-0x2000 x\n' 'an address without digits'
	hostile '0x-1000-0x2000 x\n' 'a negative address'
	hostile '---[ \n' 'half a marker'
	hostile '---[ ]---\n' 'a marker without name'
	hostile '0x1000-0x2000 NX\n\0x' 'a NUL byte'
	make_tables
	rm "$dumped"
	mkdir "$dumped"
	klab integrity
	is 3 'a directory is refused'
	rm -r "$KLAB_DEBUGFS/page_tables"
	klab integrity
	is 3 'a kernel without page tables is an error'
	complains 'CONFIG_PTDUMP_DEBUGFS' 'a kernel without page tables is told what it lacks'

	make_tables
	echo 'rogue' >"$proc/modules"
	klab integrity
	is 3 'modules that are none are an error'
	complains 'line 1 is no module' 'modules that are none are said'
	make_lists
	echo 'a/../b 1 0 - Loading 0x1000' >"$proc/modules"
	klab integrity
	is 3 'a module with a path for a name is an error'
	make_lists
	echo 'x T _text' >"$proc/kallsyms"
	klab integrity
	is 3 'symbols that are none are an error'
	make_lists
	sed -i 's/^[0-9a-f]* /0000000000000000 /' "$proc/kallsyms"
	klab integrity
	is 3 'hidden addresses are an error'
	complains 'kptr_restrict' 'hidden addresses are said'
	make_lists
	rm -r "$KLAB_SYSROOT/sys"
	klab integrity
	is 3 'no sysfs is an error'
	klab integrity too many
	is 2 'an argument too many is wrong usage'
}

test_damaged()
{
	make_tables
	make_lists
	"$python" "$here/mutate_lists.py" "$bin/klab" "$dumped" "$proc/modules" \
		"$proc/kallsyms" "$proc/vmallocinfo" >"$dir/out" 2>"$dir/err"
	status=$?
	is 0 'integrity lives through damaged files'
}

echo 'TAP version 13'
test_clean
test_alarms
test_lists
test_allocators
test_other_machines
test_hostile
test_damaged
done_testing
