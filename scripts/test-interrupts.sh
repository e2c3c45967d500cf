# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2016,SC2154
#
# The part of test-series.sh that tests apply.sh being interrupted.

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

it 'apply: git: git am fails' git_am_fails
for signal in INT TERM KILL; do
	it "apply: plain tree: signal $signal while files are renamed" plain_signal $signal
	it "apply: git tree: signal $signal after git am" git_signal $signal 'done'
	it "apply: git tree: signal $signal in the middle of git am" git_signal $signal stuck
done
