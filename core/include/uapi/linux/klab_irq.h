/* SPDX-License-Identifier: GPL-2.0-only WITH Linux-syscall-note */
/*
 * Interrupts of a line, handed to programs: /dev/klab-irq.
 *
 * An open file is attached to one line. Its interrupts are counted, and the
 * count comes out by every way that the file has been set up for: read() and
 * poll(), a signal (O_ASYNC, F_SETOWN, F_SETSIG), an eventfd, and messages of
 * the generic netlink family KLAB_IRQ_FAMILY.
 */
#ifndef _UAPI_LINUX_KLAB_IRQ_H
#define _UAPI_LINUX_KLAB_IRQ_H

#include <linux/ioctl.h>
#include <linux/types.h>

/* Instead of the number of a line: the one that programs can fire. */
#define KLAB_IRQ_SYNTHETIC	(-1)

/* Flags of struct klab_irq_attach. */
#define KLAB_IRQ_NETLINK	0x1	/* send messages too */

/**
 * struct klab_irq_attach - to which line, and how
 * @size: of this structure, as the program knows it
 * @flags: KLAB_IRQ_NETLINK
 * @irq: number of the line, or KLAB_IRQ_SYNTHETIC; then set to its number
 * @id: set to what the messages call this file
 *
 * A structure that has grown is taken as long as what the kernel does not know
 * is zero, and one that is short as if the rest were zero.
 */
struct klab_irq_attach {
	__u32 size;
	__u32 flags;
	__s32 irq;
	__u32 id;
};

#define KLAB_IRQ_ATTACH_SIZE_1	16	/* of the first version */

/**
 * struct klab_irq_fire - interrupts to be fired on the synthetic line
 * @count: how many
 * @period_ns: time between bursts, or 0: all at once, before this returns
 * @burst: how many at a time, at most KLAB_IRQ_BURST_MAX; with a period, where
 *	they come with interrupts off, 1 to 64
 * @reserved: 0
 */
struct klab_irq_fire {
	__u64 count;
	__u64 period_ns;
	__u32 burst;
	__u32 reserved;
};

#define KLAB_IRQ_FIRE_MAX	1000000	/* at once */
#define KLAB_IRQ_BURST_MAX	1024

/**
 * struct klab_irq_event - what read() returns
 * @seq: interrupts since the file was attached
 * @count: how many of these no read() of this file has returned before; where
 *	several read one file, the sum of theirs is @seq
 * @time_ns: CLOCK_MONOTONIC, when the latest one came
 */
struct klab_irq_event {
	__u64 seq;
	__u64 count;
	__u64 time_ns;
};

/**
 * struct klab_irq_status - what has become of the interrupts
 * @fired: calls of the interrupt handler
 * @served: how many of these have been handed on
 * @taken: how many of these read() has returned
 * @runs: of the softwork that hands them on; several share one
 * @signaled: what has been added to the eventfds
 * @owed: what is still to be added to the eventfd
 * @messages: sent by netlink
 * @failed: messages for which there was no memory: the next one counts for them
 */
struct klab_irq_status {
	__u64 fired;
	__u64 served;
	__u64 taken;
	__u64 runs;
	__u64 signaled;
	__u64 owed;
	__u64 messages;
	__u64 failed;
};

#define KLAB_IRQ_IOC		0xf7
#define KLAB_IRQ_ATTACH		_IOWR(KLAB_IRQ_IOC, 0x40, struct klab_irq_attach)
/* The eventfd, or -1 for none. */
#define KLAB_IRQ_EVENTFD	_IOW(KLAB_IRQ_IOC, 0x41, __s32)
#define KLAB_IRQ_FIRE		_IOW(KLAB_IRQ_IOC, 0x42, struct klab_irq_fire)
#define KLAB_IRQ_STATUS		_IOR(KLAB_IRQ_IOC, 0x43, struct klab_irq_status)

/* Generic netlink: who listens to the group needs CAP_SYS_ADMIN. */
#define KLAB_IRQ_FAMILY		"klab_irq"
#define KLAB_IRQ_FAMILY_VERSION	1
#define KLAB_IRQ_GROUP		"events"

enum {
	KLAB_IRQ_CMD_UNSPEC,
	KLAB_IRQ_CMD_EVENT,	/* sent by the kernel only */
};

/**
 * enum klab_irq_attr - attributes of KLAB_IRQ_CMD_EVENT
 * @KLAB_IRQ_A_UNSPEC: not used
 * @KLAB_IRQ_A_PAD: for alignment
 * @KLAB_IRQ_A_ID: __u32, the file's id
 * @KLAB_IRQ_A_IRQ: __u32, number of the line
 * @KLAB_IRQ_A_SEQ: __u64, interrupts since the file was attached
 * @KLAB_IRQ_A_COUNT: __u64, how many of these are new in this message; @SEQ
 *	less @COUNT is the @SEQ of the message before, or one was lost
 * @KLAB_IRQ_A_TIME: __u64, CLOCK_MONOTONIC in nanoseconds, when the latest came
 */
enum klab_irq_attr {
	KLAB_IRQ_A_UNSPEC,
	KLAB_IRQ_A_PAD,
	KLAB_IRQ_A_ID,
	KLAB_IRQ_A_IRQ,
	KLAB_IRQ_A_SEQ,
	KLAB_IRQ_A_COUNT,
	KLAB_IRQ_A_TIME,

	/* private: */
	__KLAB_IRQ_A_MAX,
};

#define KLAB_IRQ_A_MAX		(__KLAB_IRQ_A_MAX - 1)

#endif /* _UAPI_LINUX_KLAB_IRQ_H */
