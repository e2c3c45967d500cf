# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2016,SC2154
#
# The part of test-series.sh that tests apply.sh where something goes wrong:
# another klab in the tree, no right to write, no space.

other_version()
{
	"$1_tree"
	"$apply" tree
	sed -i 's/^KLAB_VERSION = .*/KLAB_VERSION = 0.0.9/' tree/tools/klab/Makefile
	[[ $1 == plain ]] || plain_git tree commit -q -a -m other
	cp -a tree before
	refuses 1 'holds klab 0.0.9: take it out' "$apply" tree
	refuses 1 'holds klab 0.0.9: take it out' "$apply" --revert tree
	diff -r before tree
}

changed_klab()
{
	plain_tree
	"$apply" tree
	printf '/* mine */\n' >>tree/drivers/staging/klab/core/klab_core.h
	cp -a tree before
	refuses 1 "changed, incomplete or other klab $version" "$apply" tree
	refuses 1 "changed, incomplete or other klab $version" "$apply" --revert tree
	diff -r before tree
}

commit_on_top()
{
	git_tree
	"$apply" tree
	printf '# mine\n' >>tree/Makefile
	plain_git tree commit -q -a -m mine
	says 'in the files only' "$apply" --revert tree
	[[ $(plain_git tree log -1 --format=%s) == mine ]]
	grep -q '^# mine' tree/Makefile
	sed -i '$d' tree/Makefile
	is before
}

# Whoever may write anywhere has to become somebody else.
as_nobody()
{
	if ((EUID)); then
		"$@"
	else
		chmod 755 .
		setpriv --reuid=65534 --regid=65534 --clear-groups env HOME=/nonexistent "$@"
	fi
}

read_only()
{
	"$1_tree"
	((EUID)) || chown -R 65534:65534 .
	chmod -R a-w tree
	says 'applies' as_nobody "$apply" --check tree
	refuses 1 'cannot write to' as_nobody "$apply" tree
	chmod -R u+w tree
	chmod u-w tree/drivers/staging
	[[ $1 == git ]] || refuses 1 'cannot write to .*drivers/staging$' as_nobody "$apply" tree
	chmod u+w tree/drivers/staging
	((EUID)) || chown -R 0:0 tree
	unchanged
}

no_space()
{
	"$1_tree"
	mkdir bin
	printf '#!/bin/sh\necho h\necho d 9 9 1 9 m\n' >bin/df
	chmod +x bin/df
	PATH=$PWD/bin:$PATH refuses 1 'no space: .* has 1 MiB left' "$apply" tree
	unchanged
	# Writing fails in the middle, in the tree as on a full disk.
	(ulimit -f 16; ! "$apply" tree)
	unchanged
}

# A command of that name goes before the real one: SCRIPT, where $n counts.
wrap()
{
	local name=$1 script=$2 real

	real=$(command -v "$name")
	rm -rf bin count
	mkdir bin
	cat >bin/"$name" <<-END
	#!/bin/bash
	n=\$((\$(cat "$PWD/count" 2>/dev/null) + 1))
	echo "\$n" >"$PWD/count"
	real=$real
	$script
	END
	chmod +x bin/"$name"
}

run_wrapped() { PATH=$PWD/bin:$PATH env --default-signal=INT,TERM,HUP "$@"; }

for kind in plain git; do
	it "apply: $kind tree: another version of klab" other_version $kind
	it "apply: $kind tree: read-only" read_only $kind
	it "apply: $kind tree: no space" no_space $kind
done
it 'apply: klab in the tree was changed' changed_klab
it 'apply: git: commits on top of klab' commit_on_top
