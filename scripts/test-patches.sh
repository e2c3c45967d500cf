# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2154
#
# The part of test-series.sh that tests the patches: each fits what the last one
# left, is whole, and has the form of a mail.

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

for i in "${!patches[@]}"; do
	it "series: zero fuzz, and a prefix: $(basename "${patches[i]}" .patch)" \
		zero_fuzz $((i + 1)) "${patches[i]}"
done
it 'series: form of mails, identity, base' mail_form
