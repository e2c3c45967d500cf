// SPDX-License-Identifier: GPL-2.0-only
/*
 * Sends messages that look like the kernel's uevents.
 *
 * Usage: chardev_uevents forge TIMES	to the listeners, as a program
 *	  chardev_uevents inject TIMES	to the kernel, which hands them on
 */
#include <linux/netlink.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static const char message[] =
	"add@/devices/klab-forged\0"
	"ACTION=add\0"
	"DEVPATH=/devices/klab-forged\0"
	"SUBSYSTEM=klab-forged\0";

static int send_one(int fd, int inject)
{
	struct {
		struct nlmsghdr header;
		char text[sizeof(message)];
	} packet = {
		.header.nlmsg_len = NLMSG_LENGTH(sizeof(message) - 1),
		.header.nlmsg_type = NLMSG_MIN_TYPE,
		.header.nlmsg_flags = NLM_F_REQUEST,
	};
	struct sockaddr_nl to = {
		.nl_family = AF_NETLINK,
		.nl_groups = inject ? 0 : 1,
	};
	const void *data = inject ? (void *)&packet : (void *)message;
	size_t len = inject ? packet.header.nlmsg_len : sizeof(message) - 1;

	memcpy(packet.text, message, sizeof(message));
	if (sendto(fd, data, len, 0, (struct sockaddr *)&to, sizeof(to)) < 0) {
		perror("sendto");
		return 1;
	}
	return 0;
}

int main(int argc, char **argv)
{
	int times = argc == 3 ? atoi(argv[2]) : 0, failed = 0;
	int inject = argc == 3 && !strcmp(argv[1], "inject");
	int fd = socket(AF_NETLINK, SOCK_DGRAM | SOCK_CLOEXEC,
			NETLINK_KOBJECT_UEVENT);

	if (fd < 0 || times < 1) {
		fputs("usage: chardev_uevents forge|inject TIMES\n", stderr);
		return 2;
	}
	while (times--)
		failed |= send_one(fd, inject);
	close(fd);
	return failed;
}
