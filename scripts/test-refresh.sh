# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2154
#
# The part of test-series.sh that tests refresh.sh.

up_to_date() { "$root/scripts/refresh.sh" --check; }

# Compares all bytes but the text after the second @@, which is git's to choose.
equal_patches()
{
	local dir file

	for dir; do
		for file in "$dir"/*.patch; do
			sed -E -i 's/^(@@ [-0-9, +]+ @@).*/\1/' "$file"
		done
	done
	diff -r "$1" "$2"
}

reference()
{
	mkdir reference
	cp "$clone"/patches/[0-9]*.patch reference/
}

same_hostile()
{
	reference
	"$clone/scripts/refresh.sh" --output here
	(umask 077; hostile "$clone/scripts/refresh.sh" --output there)
	diff -r here there
	equal_patches reference here
}

same_clone()
{
	reference
	plain_git . clone -q "$clone" 'second clone'
	'second clone/scripts/refresh.sh' --output here
	plain_git 'second clone' gc -q --prune=now
	'second clone/scripts/refresh.sh' --output after-gc
	diff -r here after-gc
	rm -rf 'second clone/.git'
	'second clone/scripts/refresh.sh' --output no-git
	diff -r here no-git
	equal_patches reference here
}

with_copy() { cp -a "$clone" copy; }

notices_change()
{
	with_copy
	local file=copy/drivers-staging/klab/Kconfig
	printf '# one more\n' >>"$file"
	cp -a copy/patches before
	refuses 1 'out of date.*0000-cover-letter.patch .*-klab-' copy/scripts/refresh.sh --check
	diff -r before copy/patches
}

refreshes()
{
	with_copy
	local last=${patches[-1]##*/}
	printf 'stale\n' >copy/patches/0999-stale.patch
	rm "copy/patches/$last"
	# Another git may say something else there: no reason to write the file.
	sed -i 's/^\(@@ .* @@\).*/\1 another/' copy/patches/0*klab*.patch
	cp -a copy/patches before
	says '2 written or removed' copy/scripts/refresh.sh
	[[ ! -e copy/patches/0999-stale.patch && -s copy/patches/$last ]]
	rm before/0999-stale.patch "copy/patches/$last"
	diff -r before copy/patches
}

unclaimed_file()
{
	with_copy
	mkdir -p copy/tools/other
	: >copy/tools/other/file
	refuses 1 'no patch in patches/series has tools/other/file' copy/scripts/refresh.sh --check
}

ignores_products()
{
	with_copy
	touch copy/tools/klab/{a.o,x~,.y.swp,.z.o.cmd} copy/drivers-staging/klab/core/core.{ko,mod.c}
	says 'up to date' copy/scripts/refresh.sh --check
}

bad_series()
{
	with_copy
	printf 'files drivers-staging/klab/nothing\n' >>copy/patches/series
	refuses 1 'no such file: drivers-staging/klab/nothing' copy/scripts/refresh.sh
	printf 'flies x\n' >copy/patches/series
	refuses 1 'unknown word: flies' copy/scripts/refresh.sh
	rm copy/patches/series
	refuses 1 'no patches/series' copy/scripts/refresh.sh
}

it 'refresh: patches/ is up to date' up_to_date
it 'refresh: same bytes under a hostile configuration' same_hostile
it 'refresh: same bytes in a second clone, after gc, without git' same_clone
it 'refresh: --check finds a change and writes nothing' notices_change
it 'refresh: writes what differs, removes what is stale' refreshes
it 'refresh: refuses a file that is in no patch' unclaimed_file
it 'refresh: leaves out what editors and compilers leave' ignores_products
it 'refresh: names what is wrong in patches/series' bad_series
