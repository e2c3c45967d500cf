# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2016,SC2154
#
# The part of test-series.sh that tests what is interrupted: apply.sh, refresh.sh
# and a guest that runs.

# Files are renamed one by one: be stopped in the middle.
plain_signal()
{
	plain_tree
	wrap mv '"$real" "$@"; s=$?; [ $n != "$(cat stop)" ] || kill -'"$1"' $PPID; exit $s'
	echo 7 >stop
	! run_wrapped "$apply" tree || return 1
	if [[ $1 == KILL ]]; then
		! is before || return 1
		refuses 1 'half patched by an interrupted run' "$apply" --check tree
	else
		unchanged
	fi
	says 'is applied' "$apply" tree
	is after
	rm count
	echo 3 >stop
	! run_wrapped "$apply" --revert tree || return 1
	[[ $1 == KILL ]] || is after
	says 'taken out' "$apply" --revert tree
	unchanged
}

# git am does all but the last patch, or sticks in the middle of them.
git_signal()
{
	local args='"${@:1:$#-1}"'

	git_tree
	if [[ $2 == stuck ]]; then
		cp -r "$clone/patches" series
		sed -i '/^@@/,$d' series/0002-*.patch
		args="\"\${@/#*\/patches/$PWD/series}\""
	fi
	wrap git "case \" \$* \" in *' am -q '*) \"\$real\" $args; kill -$1 \$PPID; exit 1 ;; esac
		exec \"\$real\" \"\$@\""
	! run_wrapped "$apply" tree || return 1
	if [[ $1 == KILL ]]; then
		! diff <(git_state) <(printf 'refs/heads/main\nbase\nmain\n') || return 1
		refuses 1 'half patched by an interrupted run' "$apply" --check tree
	else
		unchanged
	fi
	says 'is applied' "$apply" tree
	is after
	says 'taken out' "$apply" --revert tree
	unchanged
}

git_am_fails()
{
	git_tree
	wrap git 'case " $* " in *" am -q "*) "$real" "${@:1:$#-1}"; exit 1 ;; esac; exec "$real" "$@"'
	PATH=$PWD/bin:$PATH refuses 1 'git am failed, .* is put back' "$apply" tree
	unchanged
}

# What was written is as it should be, and the rest is as it was.
refresh_signal()
{
	with_copy
	cp -a copy/patches whole
	for file in copy/patches/000[1-3]*.patch; do
		sed -i '$d' "$file"
	done
	cp -a copy/patches before
	wrap mv '"$real" "$@"; s=$?; [ $n != 3 ] || kill -'"$1"' $PPID; exit $s'
	! run_wrapped copy/scripts/refresh.sh || return 1
	[[ $(diff -rq copy/patches before | wc -l) == 2 ]]
	[[ $(diff -rq copy/patches whole | wc -l) == 1 ]]
	refuses 1 'out of date, run .*: 0003-' copy/scripts/refresh.sh --check
	says '1 written or removed' copy/scripts/refresh.sh
	diff -r copy/patches whole
}

# As by Ctrl-C: the guest, and all that waits for it.
guest_signal()
{
	fake_kernel 'echo $$ >"$UML_DIR/../pid"; exec sleep 600'
	mkdir -p copy/build/results
	setsid env --default-signal=INT,TERM,HUP "$boot" uml tests >out 2>err &
	local session=$! pid status=0
	filled copy/build/results/pid
	pid=$(<copy/build/results/pid)
	kill -"$1" -- -"$session"
	wait "$session" || status=$?
	cat err
	[[ $status == "$2" && ! -e /proc/$pid ]]
	[[ $(tail -n 1 err) == "boot.sh: $3" ]]
}

it 'apply: git: git am fails' git_am_fails
for signal in INT TERM KILL; do
	it "apply: plain tree: signal $signal while files are renamed" plain_signal $signal
	it "apply: git tree: signal $signal after git am" git_signal $signal 'done'
	it "apply: git tree: signal $signal in the middle of git am" git_signal $signal stuck
	it "refresh: signal $signal while patches are written" refresh_signal $signal
done
it 'boot: Ctrl-C ends the guest' guest_signal INT 130 interrupted
it 'boot: terminated with the guest' guest_signal TERM 143 terminated
