// SPDX-License-Identifier: GPL-2.0-only
/*
 * klab uevents: what the kernel tells about devices and modules that come, go
 * and change, as udev hears it.
 */
#include <errno.h>
#include <fnmatch.h>
#include <linux/netlink.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "klab.h"

#define KERNEL_GROUP	1
/* The kernel puts at most 2 KiB of variables behind action and path. */
#define MESSAGE_SIZE	8192
#define BUFFER_BYTES	1048576

/**
 * struct event - a message
 * @text: as it came: "ACTION@DEVPATH", then variables "KEY=VALUE", each with
 *	its NUL
 * @len: its length
 */
struct event {
	char text[MESSAGE_SIZE + 1];
	size_t len;
};

/**
 * struct listener - a socket, and what has come by it
 * @fd: the socket
 * @lost: how often the kernel said that messages were lost
 * @strangers: messages that are not from the kernel
 * @broken: messages that are none, or too long
 */
struct listener {
	int fd;
	unsigned long lost;
	unsigned long strangers;
	unsigned long broken;
};

static bool complain(const char *what)
{
	klab_err("uevents: %s: %s", what, strerror(errno));
	return false;
}

static bool open_listener(struct listener *listener, size_t bytes)
{
	struct sockaddr_nl address = {
		.nl_family = AF_NETLINK,
		.nl_groups = KERNEL_GROUP,
	};
	int size = (int)bytes, on = 1;

	listener->fd = socket(AF_NETLINK, SOCK_DGRAM | SOCK_CLOEXEC |
			      SOCK_NONBLOCK, NETLINK_KOBJECT_UEVENT);
	if (listener->fd < 0)
		return complain("socket");
	/* More than others may have is for CAP_NET_ADMIN. */
	if (setsockopt(listener->fd, SOL_SOCKET, SO_RCVBUFFORCE, &size,
		       sizeof(size)) &&
	    setsockopt(listener->fd, SOL_SOCKET, SO_RCVBUF, &size,
		       sizeof(size)))
		return complain("size of the buffer");
	if (setsockopt(listener->fd, SOL_SOCKET, SO_PASSCRED, &on, sizeof(on)))
		return complain("credentials");
	if (bind(listener->fd, (struct sockaddr *)&address, sizeof(address)))
		return complain("bind");
	return true;
}

/*
 * The kernel sends from port 0, by multicast, and as process 0: a program that
 * has sent by way of the kernel has its own process number here.
 */
static bool from_kernel(const struct msghdr *header)
{
	const struct sockaddr_nl *sender = header->msg_name;
	const struct cmsghdr *control = CMSG_FIRSTHDR(header);
	struct ucred credentials;

	if (header->msg_namelen != sizeof(*sender) || sender->nl_pid ||
	    sender->nl_groups != KERNEL_GROUP)
		return false;
	if (!control || control->cmsg_level != SOL_SOCKET ||
	    control->cmsg_type != SCM_CREDENTIALS ||
	    control->cmsg_len != CMSG_LEN(sizeof(credentials)))
		return false;
	memcpy(&credentials, CMSG_DATA(control), sizeof(credentials));
	return !credentials.uid && !credentials.pid;
}

/* udev's own messages begin with another word, and have no "@". */
static bool well_formed(const struct event *event)
{
	const char *at = strchr(event->text, '@');

	return at && at > event->text && at[1] == '/';
}

/* Returns 1 with an event, 0 without, -1 where nothing more can come. */
static int receive(struct listener *listener, struct event *event)
{
	union {
		struct cmsghdr header;
		char bytes[CMSG_SPACE(sizeof(struct ucred))];
	} control;
	struct iovec iov = { event->text, MESSAGE_SIZE };
	struct sockaddr_nl sender = {};
	struct msghdr header = {
		.msg_name = &sender,
		.msg_namelen = sizeof(sender),
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof(control),
	};
	ssize_t len = recvmsg(listener->fd, &header, 0);

	if (len < 0) {
		if (errno == ENOBUFS) {
			listener->lost++;
			klab_err("uevents: some were lost: they came faster than they were read");
			return 0;
		}
		if (errno == EAGAIN || errno == EINTR)
			return 0;
		complain("receive");
		return -1;
	}
	event->len = (size_t)len;
	event->text[len] = '\0';
	if (!from_kernel(&header)) {
		listener->strangers++;
		return 0;
	}
	if ((header.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) ||
	    !well_formed(event)) {
		listener->broken++;
		return 0;
	}
	return 1;
}

/* Begins with NULL; returns the next variable, or NULL behind the last one. */
static const char *next_variable(const struct event *event, const char *at)
{
	at = (at ? at : event->text) + strlen(at ? at : event->text) + 1;
	return at < event->text + event->len ? at : NULL;
}

static const char *value_of(const struct event *event, const char *key)
{
	size_t len = strlen(key);
	const char *at = NULL;

	while ((at = next_variable(event, at))) {
		if (!strncmp(at, key, len) && at[len] == '=')
			return at + len + 1;
	}
	return "-";
}

static bool wanted(const struct event *event, const struct options *options)
{
	if (options->action &&
	    strcmp(options->action, value_of(event, "ACTION")))
		return false;
	if (options->subsystem &&
	    strcmp(options->subsystem, value_of(event, "SUBSYSTEM")))
		return false;
	return !options->match ||
	       !fnmatch(options->match, value_of(event, "DEVPATH"), 0);
}

static void print_event(const struct event *event, bool variables)
{
	const char *at = NULL;

	printf("%s ", value_of(event, "SEQNUM"));
	put_safe(stdout, value_of(event, "ACTION"));
	putchar(' ');
	put_safe(stdout, value_of(event, "SUBSYSTEM"));
	putchar(' ');
	put_safe(stdout, value_of(event, "DEVPATH"));
	putchar('\n');
	while (variables && (at = next_variable(event, at))) {
		fputs("  ", stdout);
		put_safe(stdout, at);
		putchar('\n');
	}
	fflush(stdout);
}

static long long now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000LL + now.tv_nsec / 1000000;
}

/* Until @end; false where the time is over, or it cannot be waited. */
static bool wait_for_more(int fd, long long end)
{
	struct pollfd pollfd = { .fd = fd, .events = POLLIN };
	long long left = end < 0 ? -1 : end - now_ms();
	int ret;

	if (end >= 0 && left <= 0)
		return false;
	ret = poll(&pollfd, 1, (int)left);
	if (ret < 0 && errno != EINTR)
		return complain("poll");
	return true;
}

static int listen_to(struct listener *listener, unsigned long count,
		     const struct options *options)
{
	long long end = options->timeout ?
			now_ms() + (long long)options->timeout * 1000 : -1;
	struct event event;
	int ret;

	while (wait_for_more(listener->fd, end)) {
		ret = receive(listener, &event);
		if (ret < 0)
			return STATUS_FAILED;
		if (!ret || !wanted(&event, options))
			continue;
		print_event(&event, options->variables);
		if (ferror(stdout))
			return STATUS_FAILED;
		if (count && !--count)
			return STATUS_OK;
	}
	if (!count)
		return STATUS_OK;
	klab_err("uevents: %lu more have not come in time", count);
	return STATUS_CHECK;
}

static bool read_count(const char *text, unsigned long *count)
{
	char *end;

	*count = 0;
	if (!text)
		return true;
	errno = 0;
	if (*text >= '0' && *text <= '9')
		*count = strtoul(text, &end, 0);
	if (*count && !errno && !*end)
		return true;
	klab_err("uevents: --count %s: not a number from 1 on", text);
	return false;
}

static int uevents_run(const struct options *options)
{
	struct listener listener = { .fd = -1 };
	int status = STATUS_FAILED;
	unsigned long count;

	if (!read_count(options->times, &count))
		return STATUS_USAGE;
	if (open_listener(&listener,
			  options->buffer ? options->buffer : BUFFER_BYTES)) {
		/* Who waits for it knows now that nothing will be missed. */
		if (options->verbose)
			klab_err("uevents: listening");
		status = listen_to(&listener, count, options);
	}
	if (listener.strangers)
		klab_err("uevents: %lu messages were not the kernel's",
			 listener.strangers);
	if (listener.broken)
		klab_err("uevents: %lu messages could not be read",
			 listener.broken);
	if (listener.fd >= 0)
		close(listener.fd);
	return status;
}

const struct command uevents_command = {
	.name = "uevents",
	.usage = "[--action WORD] [--subsystem NAME] [--match GLOB] [--variables]\n"
		 "       [--count N] [--timeout SECONDS] [--buffer BYTES] [--verbose]",
	.summary = "listen to what the kernel says about devices and modules",
	.help = "Prints number, action, subsystem and path of each event that the kernel\n"
		"sends, in the order in which it sends them. Without --count or --timeout it\n"
		"goes on until it is interrupted. Messages of other programs are counted, not\n"
		"shown. With both, it is an error if not as many come in time.\n",
	.options = OPTION_ACTION | OPTION_SUBSYSTEM | OPTION_MATCH |
		   OPTION_VARIABLES | OPTION_TIMES | OPTION_TIMEOUT |
		   OPTION_BUFFER | OPTION_VERBOSE,
	.min_args = 0,
	.max_args = 0,
	.run = uevents_run,
};
