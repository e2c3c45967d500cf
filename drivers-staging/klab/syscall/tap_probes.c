// SPDX-License-Identifier: GPL-2.0-only
/*
 * Where the tap is fastened. The tracepoints at the entry to and the exit from
 * every system call are not exported by name, since most modules have no
 * business there, but can be found by walking the kernel's own tracepoints.
 */

#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/string.h>
#include <linux/tracepoint.h>

#include "tap.h"

struct tap_probe {
	const char *name;
	void *function;
	struct tracepoint *point;
};

/*
 * In the order in which they are attached: a call must not be entered as long
 * as its end would not be seen. Changed under the lock of tap_main.c alone.
 */
static struct tap_probe tap_probes[] = {
	{ .name = "sched_process_exit", .function = klab_tap_task_exit },
	{ .name = "sys_exit", .function = klab_tap_exit },
	{ .name = "sys_enter", .function = klab_tap_enter },
};

static void tap_match(struct tracepoint *point, void *unused)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(tap_probes); i++) {
		if (!strcmp(point->name, tap_probes[i].name))
			tap_probes[i].point = point;
	}
}

static void tap_detach(struct klab_tap *tap, unsigned int nr)
{
	while (nr--)
		tracepoint_probe_unregister(tap_probes[nr].point,
					    tap_probes[nr].function, tap);
	tracepoint_synchronize_unregister();
}

/**
 * klab_tap_attach() - has a tap see system calls from now on
 * @tap: the tap
 *
 * From then on every call of every task takes the kernel's slow path at entry
 * and exit, which is what most of a tap's cost is.
 *
 * Context: process; may sleep. The caller sees to it that one tap is attached
 * at a time.
 * Return: 0, -ENOENT if the kernel lacks a tracepoint, -ENOMEM.
 */
int klab_tap_attach(struct klab_tap *tap)
{
	unsigned int i;
	int err;

	for_each_kernel_tracepoint(tap_match, NULL);
	for (i = 0; i < ARRAY_SIZE(tap_probes); i++) {
		err = tap_probes[i].point ?
			tracepoint_probe_register(tap_probes[i].point,
						  tap_probes[i].function, tap) :
			-ENOENT;
		if (err) {
			tap_detach(tap, i);
			return err;
		}
	}
	return 0;
}

/**
 * klab_tap_detach() - has an attached tap see no more calls
 * @tap: the tap
 *
 * When it returns, nothing uses @tap any more.
 *
 * Context: process; sleeps.
 */
void klab_tap_detach(struct klab_tap *tap)
{
	tap_detach(tap, ARRAY_SIZE(tap_probes));
}
