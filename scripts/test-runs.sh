# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2016,SC2154
#
# The part of test-series.sh that tests where a guest leaves its results, and
# that two of them do not meet there; with a script in the place of the kernel.

# What is there is removed only where it can be nothing but results.
guest_results()
{
	fake_kernel 'echo klab.status=0'
	mkdir mine
	: >mine/precious
	OUT=$PWD/mine refuses 1 'mine holds something else than results' "$boot" uml tests
	[[ $(ls -A mine) == precious ]]
	OUT=$PWD/mine KEEP=1 "$boot" uml tests
	[[ -e mine/precious && -s mine/console ]]
	OUT=$PWD/new/results "$boot" uml tests
	: >new/results/old
	OUT=$PWD/new/results "$boot" uml tests
	[[ ! -e new/results/old && -s new/results/console ]]
	mkdir -p copy/build/results/uml
	: >copy/build/results/uml/old
	"$boot" uml tests
	[[ ! -e copy/build/results/uml/old && -s $console ]]
}

# The second of two waits, or it would remove what the first one uses.
guest_twice()
{
	fake_kernel 'echo "$$" >>"$UML_DIR/../started"
		for i in $(seq 600); do [ -s "$UML_DIR/../waits" ] || sleep 0.1; done
		[ -d "$UML_DIR" ] && echo klab.status=0'
	mkdir -p copy/build/results
	"$boot" uml tests &
	filled copy/build/results/started
	"$boot" uml tests 2>copy/build/results/waits
	wait $!
	cat copy/build/results/waits
	grep -q 'waiting for another run to let go of .*/results/uml.lock' copy/build/results/waits
	[[ $(wc -l <copy/build/results/started) == 2 ]]
}

it 'boot: only results are removed' guest_results
it 'boot: two at once' guest_twice
