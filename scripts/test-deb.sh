# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2016,SC2154
#
# The part of test-series.sh that tests deb.sh, on a small tree and with a
# command in the place of make.

small_deb()
{
	with_copy
	printf '#!/bin/sh\n' >copy/scripts/setup.sh
	plain_tree
	sed -i 's/^SUBLEVEL = .*/SUBLEVEL = 130/' tree/Makefile
	mkdir -p tree/scripts/kconfig
	printf '#!/bin/sh\n' | tee tree/scripts/config >tree/scripts/kconfig/merge_config.sh
	chmod +x tree/scripts/config tree/scripts/kconfig/merge_config.sh
	cp -a tree before
	echo CONFIG_MINE=y >config
	fake df 'echo h; echo "d 9 9 99999 9 m"'
	fake make "cd $PWD
		case \$* in
		*olddefconfig) cat copy/Kconfig.fragment copy/Kconfig.fragment.x86_64 >>copy/build/deb/linux/.config ;;
		*bindeb-pkg) echo \"\$*\" >made; $1 ;;
		esac"
	deb() { PATH=$PWD/bin:$PATH "$@"; }
}

deb_package()
{
	small_deb ': >copy/build/deb/linux-image.deb'
	says "^$PWD/copy/build/deb/linux-image.deb\$" deb copy/scripts/deb.sh tree config
	grep -q "KDEB_PKGVERSION=6.12.130-klab$version " made
	[[ -e copy/build/deb/linux/drivers/staging/klab/Kconfig ]]
	grep -qx CONFIG_MINE=y copy/build/deb/linux/.config
	diff -r before tree
	: >copy/build/deb/old.deb
	: >copy/build/deb/linux/stale
	says linux-image.deb deb copy/scripts/deb.sh tree config
	[[ ! -e copy/build/deb/old.deb && ! -e copy/build/deb/linux/stale ]]
}

deb_refused()
{
	small_deb 'exit 2'
	refuses 1 'cannot read nothing' deb copy/scripts/deb.sh tree nothing
	fake uname 'echo none'
	refuses 1 'no /boot/config-none: name a configuration' deb copy/scripts/deb.sh tree
	rm bin/uname
	refuses 1 'no such directory' deb copy/scripts/deb.sh nowhere config
	! deb copy/scripts/deb.sh tree config >out 2>err || return 1
	tail -n 1 err | grep -q 'no package: the whole log is .*/build/deb/log$'
	printf '# mine\n' >>tree/drivers/staging/Kconfig
	sed -i '/source.*vme_user/s/$/ /' tree/drivers/staging/Kconfig
	! deb copy/scripts/deb.sh tree config >out 2>err || return 1
	grep -q '^apply.sh: klab .* does not fit' err
}

it "deb: a package of one's own tree" deb_package
it 'deb: what cannot be' deb_refused
