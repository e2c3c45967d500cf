# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# How scripts that test print TAP. To be sourced after lib.sh:
#
#   tap STATUS NAME [COMMAND...]   the line of a test that has passed if STATUS
#                  is 0; else what COMMAND prints says why
#   tap_end        the plan; exits with 1 if a test has failed, else with 0

tap_number=0
tap_failed=0

tap()
{
	local status=$1 name=$2

	shift 2
	tap_number=$((tap_number + 1))
	if [[ $status == 0 ]]; then
		say "ok $tap_number $name"
		return
	fi
	tap_failed=1
	say "not ok $tap_number $name"
	(($# == 0)) || { "$@" 2>&1 || true; } | head -n 60 | sed 's/^/# /' || true
}

tap_end()
{
	say "1..$tap_number"
	exit "$tap_failed"
}
