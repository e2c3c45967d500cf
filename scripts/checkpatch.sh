#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Usage: scripts/checkpatch.sh [PATCH... | --help]
#
# Runs checkpatch --strict over the patches of the series and prints TAP: a
# patch is ok if all that is said about it stands in scripts/checkpatch-allowed.
# An entry there that allows nothing any more fails too, and so does a licence
# that the kernel does not know: checkpatch looks at that only in a repository.
# Exit status: 0 all ok, 1 not, 2 wrong use.

set -euo pipefail
# shellcheck source=scripts/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
# shellcheck source=scripts/tap.sh
. "$root/scripts/tap.sh"

case ${1-} in
--help) usage; exit 0 ;;
-*) misuse "unknown option: $1" ;;
esac
export LC_ALL=C
need perl awk
patches=("$@")
(($#)) || patches=("$root"/patches/[0-9]*.patch)
for i in "${!patches[@]}"; do
	[[ -r ${patches[i]} ]] || misuse "no such file: ${patches[i]}"
	patches[i]=$(realpath "${patches[i]}")
done
tree=$("$root/scripts/base.sh")
scratch
mkdir "$scratch/empty"

# checkpatch wants python3 to have ply; /usr/bin has Debian's.
check()
{
	(cd "$scratch/empty" && env GIT_DIR=/nonexistent PATH="/usr/bin:/bin:$PATH" \
		perl "$tree/scripts/checkpatch.pl" --root "$tree" --strict --terse \
		--show-types --no-summary --color=never "$@" 2>&1) || true
}

# Of "PATCH:LINE: LEVEL:TYPE: TEXT" what is not allowed; the file is the one
# that the line of the patch belongs to.
refused()
{
	awk -v used="$scratch/used" '
	function glob(g) {
		gsub(/[.]/, "\\.", g); gsub(/\*/, ".*", g)
		return "^" g "$"
	}
	FILENAME == ARGV[1] {
		if ($0 !~ /^#/ && NF) { type[++n] = $1; file[n] = glob($2) }
		next
	}
	FILENAME == ARGV[2] {
		if ($1 == "diff" && $2 == "--git") path = substr($3, 3)
		of[FNR] = path
		next
	}
	{
		split($0, part, ":")
		for (i = 1; i <= n; i++)
			if (part[4] == type[i] && of[part[2] + 0] ~ file[i]) {
				print i >>used
				next
			}
		print of[part[2] + 0] ": " $0
	}' "$root/scripts/checkpatch-allowed" "$1" "$2"
}

licences()
{
	local name

	sed -n 's|^+.*SPDX-License-Identifier: *\([^*>]*\).*|\1|p' "$1" |
		tr -s ' ()' '\n' | sed -E '/^(OR|AND|WITH)?$/d' | sort -u |
		while read -r name; do
			grep -rqE "^(SPDX-Exception|Valid-License)-Identifier: $name\$" \
				"$tree/LICENSES" || say "unknown licence: $name"
		done
}

: >"$scratch/used"
for i in "${!patches[@]}"; do
	[[ ${patches[i]} == */0000-* ]] || check "${patches[i]}" >"$scratch/said.$i" &
	((i < $(nproc))) || wait -n
done
wait
for i in "${!patches[@]}"; do
	patch=${patches[i]}
	[[ $patch != */0000-* ]] || : >"$scratch/said.$i"
	{ refused "$patch" "$scratch/said.$i"; licences "$patch"; } >"$scratch/bad"
	tap "$(stat -c %s "$scratch/bad")" "checkpatch: ${patch##*/}" cat "$scratch/bad"
done
if (($# == 0)); then
	stale=$(grep -v '^#' "$root/scripts/checkpatch-allowed" | awk 'NF' |
		awk 'NR == FNR { used[$1] = 1; next } !(FNR in used)' "$scratch/used" - )
	tap "${#stale}" "checkpatch: every allowance is used" echo "unused: $stale"
fi
tap_end
