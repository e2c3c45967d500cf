# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2016,SC2154
#
# The part of test-series.sh that tests what building makes of what a compiler
# says. The source is what that is, and in the place of make there is a script.

# Source files that are built one after the other, the last one with $status.
fake_source()
{
	local file

	with_copy
	kernel=$PWD/copy/scripts/kernel.sh
	changed=$(sed -n 's|^diff --git a/\(kernel/[^ ]*\)\.c b/.*|\1|p' "$clone"/patches/changes/*.diff | sed -n 1p)
	sources="init/main $changed drivers/staging/klab/core/sample kernel/softwork"
	for file in $sources; do
		mkdir -p "src/${file%/*}"
		: >"src/$file.c"
	done
	sed -n 's|^diff --git a/\(.*Kconfig[^ ]*\) b/.*|src/\1|p' "$clone"/patches/changes/*.diff |
		while read -r file; do mkdir -p "${file%/*}"; : >"$file"; done
	mkdir -p bin src/scripts/kconfig
	: >src/Makefile
	printf '#!/bin/sh\n' | tee src/scripts/kconfig/merge_config.sh >bin/make
	cat >>bin/make <<-END
	for word; do
		case \$word in
		O=*) out=\${word#O=} ;;
		allnoconfig) : >"\$out/.config" ;;
		modules) modules=1 ;;
		esac
	done
	[ "\$modules" ] || exit 0
	for file in $sources; do
		[ ! -e "\$out/\$file.o" ] || continue
		cat "$PWD/src/\$file.c"
		mkdir -p "\$out/\${file%/*}"
		! grep -q error: "$PWD/src/\$file.c" || exit 2
		: >"\$out/\$file.o"
	done
	END
	chmod +x bin/make src/scripts/kconfig/merge_config.sh
}

build()
{
	PATH=$PWD/bin:$PATH KLAB=part SRC=$PWD/src "$kernel" uml build 2>err
}

built() { [[ -e src/build-uml/$1.o ]]; }

# says_so FILE LINE: a build fails for what FILE says, and so does the next.
says_so()
{
	echo "$2" >"src/$1.c"
	rm -f "src/build-uml/$1.o"
	! build || return 1
	grep -qxF "$2" err
	! build || return 1
	grep -qxF "$2" err
	built init/main
	: >"src/$1.c"
	build
}

warns_again()
{
	fake_source
		says_so drivers/staging/klab/core/sample 'drivers/staging/klab/core/sample.c:3:4: warning: odd'
		says_so drivers/staging/klab/core/sample '../drivers/staging/klab/core/sample.h:3:4: warning: odd'
	says_so kernel/softwork 'kernel/softwork.c:3:4: warning: odd'
	says_so kernel/softwork '../include/linux/softwork.h:3:4: warning: odd'
	says_so kernel/softwork 'WARNING: modpost: vmlinux: section mismatch in softwork_init'
	says_so "$changed" "../$changed.c:3:4: warning: odd"
}

# What others have to say is theirs.
warns_elsewhere()
{
	fake_source
	echo 'init/main.c:3:4: warning: odd' >src/init/main.c
	build
}

# All that was built before it is as it was.
error_keeps_objects()
{
	fake_source
	echo 'kernel/softwork.c:3:4: error: odd' >src/kernel/softwork.c
	! build || return 1
	grep -q 'error: odd' err
	built init/main && built drivers/staging/klab/core/sample && built "$changed"
}

it 'kernel: a warning fails each build' warns_again
it 'kernel: a warning of others does not' warns_elsewhere
it 'kernel: an error leaves what is built' error_keeps_objects
