#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Late-bound system calls as a program sees them; the tests are in the program
# syscall_callers, whose results are passed on as they are. Here are the modules.

# shellcheck source=functions.sh disable=SC2154,SC2317
. "$(dirname "$0")/functions.sh"

require_root
require_command insmod modprobe rmmod
require_helper syscall_callers
require_fixture klab_test_call
require_module klab_syscall_log klab_syscall_strtrans klab_syscall_example

for module in klab_syscall_log klab_syscall_strtrans klab_syscall_example; do
	rmmod "$module" 2>/dev/null
done
KLAB_TEST_CALL=$(fixture klab_test_call)
KLAB_LOG=$(module_file klab_syscall_log)
KLAB_STRTRANS=$(module_file klab_syscall_strtrans)
KLAB_EXAMPLE=$(module_file klab_syscall_example)
export KLAB_TEST_CALL KLAB_LOG KLAB_STRTRANS KLAB_EXAMPLE

begin_log "$script"
"$KLAB_HELPERS/syscall_callers" "$@"
result=$?

for module in klab_test_call klab_syscall_log klab_syscall_strtrans; do
	! loaded "$module" || { note "$module is still there"; result=1; }
done
if complaint; then
	note "the kernel complained"
	result=1
fi
exit $result
