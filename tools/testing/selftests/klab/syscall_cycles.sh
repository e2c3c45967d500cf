#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# A provider that comes and goes under its callers.
#
# KLAB_CYCLES=N    how often (default 200)
# KLAB_CALLERS=N   processes that call meanwhile (default 4)

# shellcheck source=functions.sh disable=SC2154,SC2317
. "$(dirname "$0")/functions.sh"

require_root
require_command rmmod
require_helper syscall_cycles
require_fixture klab_test_call
require_module klab_syscall_log

cycles=${KLAB_CYCLES:-200}
callers=${KLAB_CALLERS:-4}
# shellcheck disable=SC2034 # read by functions.sh
bound=$((60 + cycles))

test_provider_comes_and_goes_under_callers() {
	defer rmmod klab_test_call
	expedite_rcu
	succeeds "$KLAB_HELPERS/syscall_cycles" "$(fixture klab_test_call)" \
		klab_test_call "$cycles" "$callers"
	note "$cycles cycles, $callers callers: $out"
	expect_match "calls" "$out" 'absent [1-9]'
	expect_gone klab_test_call
}

# More callers than CPUs: some are inside whenever it goes.
test_callers_are_served_meanwhile() {
	defer rmmod klab_test_call
	expedite_rcu
	succeeds "$KLAB_HELPERS/syscall_cycles" "$(fixture klab_test_call)" \
		klab_test_call 10 16
	expect_match "calls" "$out" 'served [1-9]'
}

add_test provider_comes_and_goes_under_callers
add_test callers_are_served_meanwhile
run_tests
