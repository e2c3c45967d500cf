// SPDX-License-Identifier: GPL-2.0-only
/*
 * Listens for what the kernel announces while a command runs, and reads the
 * attributes of each thing at once. Who comes that early finds only those that
 * were there before the event.
 *
 * usage: attr_sys_event SUBSYSTEM EVENTS ATTRIBUTE COMMAND ...
 *
 * Prints a line for each event: path, text of the attribute or name of the error,
 * level or "-". Exits when there were so many.
 */
#include <linux/netlink.h>
#include <sys/socket.h>

#include "attr_nodes.h"

#define MESSAGE_MAX	8192

static char message[MESSAGE_MAX];
static int message_len;

/* The value of a variable of the message, or NULL. */
static const char *variable(const char *name)
{
	const char *at, *end = message + message_len;
	size_t len = strlen(name);

	for (at = message; at < end; at += strlen(at) + 1) {
		if (!strncmp(at, name, len) && at[len] == '=')
			return at + len + 1;
	}
	return NULL;
}

static bool is(const char *name, const char *value)
{
	const char *there = variable(name);

	return there && !strcmp(there, value);
}

static void report(const char *attribute)
{
	const char *level = variable("KLAB_LEVEL");
	char path[1024], text[256];
	int err;

	snprintf(path, sizeof(path), "/sys%s/%s", variable("DEVPATH"),
		 attribute);
	err = get_text(path, text, sizeof(text));
	text[strcspn(text, "\n")] = '\0';
	printf("%s\t%s\t%s\n", variable("DEVPATH"),
	       err ? strerrorname_np(err) : text, level ? level : "-");
}

/* Multicast of the kernel's; none is lost as long as the buffer holds them. */
static int listen_to_kernel(void)
{
	struct sockaddr_nl address = {
		.nl_family = AF_NETLINK, .nl_groups = 1,
	};
	int size = 4 << 20;
	int fd = socket(AF_NETLINK, SOCK_DGRAM | SOCK_CLOEXEC,
			NETLINK_KOBJECT_UEVENT);

	if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof(address)))
		return -1;
	setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size));
	return fd;
}

int main(int argc, char **argv)
{
	int fd = listen_to_kernel(), left;
	pid_t pid;

	if (argc < 5 || fd < 0)
		return 2;
	pid = child();
	if (!pid) {
		execvp(argv[4], argv + 4);
		_exit(127);
	}
	for (left = atoi(argv[2]); left;) {
		if (!ready(fd, POLLIN, BOUND_MS))
			return 3;
		message_len = recv(fd, message, sizeof(message) - 1, 0);
		if (message_len < 0)
			return 4;
		message[message_len] = '\0';
		if (!is("ACTION", "add") || !is("SUBSYSTEM", argv[1]))
			continue;
		report(argv[3]);
		left--;
	}
	return end_of(pid) ? 5 : 0;
}
