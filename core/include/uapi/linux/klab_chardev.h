/* SPDX-License-Identifier: GPL-2.0-only WITH Linux-syscall-note */
/*
 * Control operations of a device: /dev/klab-control, which keeps a text.
 *
 * Every structure looks the same to programs of 32 and of 64 bits: members of
 * fixed width, each at a multiple of its width, padding spelled out, addresses
 * as numbers of 64 bits. What is reserved must be 0 on the way in, and is 0 on
 * the way out, so that it can get a meaning later.
 */
#ifndef _UAPI_LINUX_KLAB_CHARDEV_H
#define _UAPI_LINUX_KLAB_CHARDEV_H

#include <linux/ioctl.h>
#include <linux/types.h>

/* Grows with each change of what follows; KLAB_CONTROL_INFO tells it. */
#define KLAB_CONTROL_VERSION	2

#define KLAB_CONTROL_TEXT_SIZE	160	/* with the NUL at its end */

/**
 * struct klab_control_info - what the device is, and what has happened
 * @version: set to KLAB_CONTROL_VERSION as the kernel has it
 * @flags: 0
 * @length: set to the length of the text
 * @reserved: 0
 * @calls: set to the number of operations done
 * @refused: set to the number of those that ended with an error; since
 *	version 2
 *
 * The size is part of the command's number. A structure that has grown is taken
 * as long as what the kernel does not know is zero, and one that is short as if
 * the rest were zero; as much is returned as both sides know.
 */
struct klab_control_info {
	__u32 version;
	__u32 flags;
	__u32 length;
	__u32 reserved;
	__u64 calls;
	__u64 refused;
};

#define KLAB_CONTROL_INFO_SIZE_1	24	/* of version 1 */

/**
 * struct klab_control_text - the text
 * @text: ends with a NUL; what follows it is 0 in both directions
 */
struct klab_control_text {
	char text[KLAB_CONTROL_TEXT_SIZE];
};

/**
 * struct klab_control_byte - a byte of the text
 * @index: which one, less than the length of the text
 * @value: set to the byte
 * @reserved: 0
 */
struct klab_control_byte {
	__u32 index;
	__u8 value;
	__u8 reserved[3];
};

/**
 * struct klab_control_copy - a piece of the text, to a buffer of any size
 * @address: of the buffer
 * @size: of the buffer
 * @offset: where the piece begins, at most the length of the text
 * @length: set to the number of bytes copied; no NUL is added
 * @reserved: 0
 */
struct klab_control_copy {
	__u64 address;
	__u32 size;
	__u32 offset;
	__u32 length;
	__u32 reserved;
};

#define KLAB_CONTROL_IOC	0xf7

#define KLAB_CONTROL_INFO	_IOWR(KLAB_CONTROL_IOC, 0x50, struct klab_control_info)
#define KLAB_CONTROL_GET	_IOR(KLAB_CONTROL_IOC, 0x51, struct klab_control_text)
/* Needs a file that is open for writing: EBADF. */
#define KLAB_CONTROL_SET	_IOW(KLAB_CONTROL_IOC, 0x52, struct klab_control_text)
#define KLAB_CONTROL_BYTE	_IOWR(KLAB_CONTROL_IOC, 0x53, struct klab_control_byte)
#define KLAB_CONTROL_COPY	_IOWR(KLAB_CONTROL_IOC, 0x54, struct klab_control_copy)
/* Text and counts as they were at first; needs CAP_SYS_ADMIN: EPERM. */
#define KLAB_CONTROL_RESET	_IO(KLAB_CONTROL_IOC, 0x55)

#endif /* _UAPI_LINUX_KLAB_CHARDEV_H */
