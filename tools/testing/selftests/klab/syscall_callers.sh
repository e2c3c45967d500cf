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

# A device that answers nothing while it is suspended, and fails afterwards.
late=klab-test-late
modprobe -q dm-mod
if dmsetup create --noudevsync "$late" --table "0 8 error" 2>/dev/null &&
	dmsetup mknodes "$late"; then
	export KLAB_LATE_FILE=/dev/mapper/$late
fi

begin_log "$script"
"$KLAB_HELPERS/syscall_callers" "$@"
result=$?

if [ -n "${KLAB_LATE_FILE:-}" ]; then
	dmsetup resume --noudevsync "$late"
	dmsetup remove --noudevsync "$late" || { note "$late stays"; result=1; }
fi
for module in klab_test_call klab_syscall_log klab_syscall_strtrans; do
	! loaded "$module" || { note "$module is still there"; result=1; }
done
if complaint; then
	note "the kernel complained"
	result=1
fi
exit $result
