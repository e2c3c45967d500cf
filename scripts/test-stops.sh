# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2016,SC2154
#
# The part of test-series.sh that tests Ctrl-C in the middle of each script that
# takes long and is not tested for it elsewhere: it ends at once, says so in a
# line, and leaves nothing behind in the directory for temporary files.

# Instead of the step: what a terminal does at Ctrl-C.
ctrl_c='#!/bin/bash\nkill -INT 0\nsleep 5\necho "went on" >>"%s/late"\n'

# stops STEP COMMAND...: the script is stopped in this script or command.
stops()
{
	local step=$1 script=$2 name status=0

	shift 2
	with_copy
	for name in setup tree prepare base; do
		[[ $script == "$name" || $script$name == setupbase ]] || printf '#!/bin/sh\n' >"copy/scripts/$name.sh"
	done
	mkdir -p bin tmp copy/build/linux/{build-uml,arch/um,drivers/staging,init}
	touch config copy/build/linux/{Makefile,build-uml/Module.symvers}
	touch copy/build/linux/{arch/um,drivers/staging,init}/Kconfig
	[[ $script != setup ]] || export BASE_TARBALL=/nonexistent XDG_CACHE_HOME=$PWD/cache
	if [[ $step == *.sh ]]; then
		step=copy/scripts/$step
	else
		step=bin/$step
	fi
	# shellcheck disable=SC2059
	printf "$ctrl_c" "$PWD" >"$step"
	chmod +x "$step"
	PATH=$PWD/bin:$PATH TMPDIR=$PWD/tmp setsid -w env --default-signal=INT,TERM,HUP \
		"copy/scripts/$script.sh" "$@" </dev/null >out 2>err || status=$?
	cat out err
	[[ $status == 130 ]] || { say "status $status"; return 1; }
	[[ $(grep -c "^$script.sh: interrupted$" err) == 1 && -z $(ls -A tmp) && ! -e late ]]
}

while read -r step script args; do
	# shellcheck disable=SC2086 # a word for each argument
	it "stop: $script.sh $args, in $step" stops "$step" "$script" $args
done <<'END'
apt-get setup base
prepare.sh run uml tour
boot.sh run uml tour
boot.sh bench core
guest-tests.sh soak
guest-tests.sh coverage
prepare.sh guest-tests try uml
boot.sh guest-tests try uml
kernel.sh build-arch arm64
kernel.sh menuconfig uml
make kernel uml build
kernel.sh image uml
base.sh bisect
compose.sh text-changes copy/build
kernel.sh static gcc
base.sh checkpatch
kernel.sh static coccinelle
rsync deb . config
awk results try uml config
make test-perf
make test-fragment
prepare.sh test-powercut uml
base.sh test-series
END
