# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2154
#
# The part of test-series.sh that tests the patches and what makes them.

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

# In a chain: each patch is applied to what the last one left.
zero_fuzz()
{
	local number=$1 patch=$2

	[[ -d $scratch/chain ]] || "$clone/scripts/compose.sh" prefix 0 "$scratch/chain"
	patch -d "$scratch/chain" -p1 -F0 -f --no-backup-if-mismatch <"$patch" >said || { cat said; return 1; }
	if grep -E 'with fuzz|\(offset ' said; then
		return 1
	fi
	"$clone/scripts/compose.sh" prefix "$number" prefix
	diff -r prefix "$scratch/chain"
	rooms_hold prefix/drivers/staging/klab
}

# Every line of a prefix names what the prefix has.
rooms_hold()
{
	local path

	[[ -d $1 ]] || return 0
	sed -n 's/^source "\(.*\)"$/\1/p' "$1/Kconfig" >named
	sed -n "s|^obj-.*= *\([a-z_0-9]*/\)$|${1#*/}/\1Makefile|p" "$1/Makefile" >>named
	while read -r path; do
		[[ -e prefix/$path ]] || { say "$1 names $path"; return 1; }
	done <named
}

mail_form()
{
	local patch author date

	author=$(base_key author)
	((${#patches[@]}))
	for patch in "${patches[@]}"; do
		plain_git . mailinfo body diff <"$patch" >info
		grep -qxF "Author: ${author% <*}" info
		date=$(sed -n 's/^Subject: //p' info)
		((${#date} <= 72)) || { say "subject over 72 columns: $date"; return 1; }
		grep -qxF "Signed-off-by: $author" body
		if grep -vE '^(Link|Signed-off-by|Fixes):' body | grep -n -e '^.\{76\}' -e '[^ -~]'; then
			return 1
		fi
	done
	grep -qF "$(base_key upstream)" "$clone/patches/0000-cover-letter.patch"
	grep -qF "$(base_key version)" "$clone/patches/0000-cover-letter.patch"
}

it 'refresh: patches/ is up to date' up_to_date
it 'refresh: same bytes under a hostile configuration' same_hostile
it 'refresh: same bytes in a second clone, after gc, without git' same_clone
it 'refresh: --check finds a change and writes nothing' notices_change
it 'refresh: writes what differs, removes what is stale' refreshes
it 'refresh: refuses a file that is in no patch' unclaimed_file
it 'refresh: leaves out what editors and compilers leave' ignores_products
it 'refresh: names what is wrong in patches/series' bad_series
for i in "${!patches[@]}"; do
	it "series: zero fuzz, and a prefix: $(basename "${patches[i]}" .patch)" \
		zero_fuzz $((i + 1)) "${patches[i]}"
done
it 'series: form of mails, identity, base' mail_form
