# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2154
#
# The part of setup.sh that installs with apt-get, as root or by sudo.

sudo=()

apt()
{
	"${sudo[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -qq \
		-o DPkg::Lock::Timeout=300 -o Acquire::Retries=1 "$@" >>"$log" 2>&1
}

# Half a list fetched is no reason to stop: installing tells.
update_lists()
{
	[[ -z $updated ]] || return 0
	updated=1
	apt update || true
}

install()
{
	apt install -y --no-install-recommends "$@" && return
	update_lists
	apt install -y --no-install-recommends "$@"
}

failed()
{
	local reason

	reason=$(grep -m 1 -E '^E: |^(Err|W): ?.*([Cc]ould not|Unable|Failed)' "$log") || reason='see build/setup.log'
	die "cannot install $*: is the Debian archive in reach? (${reason:0:120})"
}
