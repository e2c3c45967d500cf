// SPDX-License-Identifier: GPL-2.0-only
/*
 * Runs a command and prints the events that the kernel has sent meanwhile, a
 * line for each.
 */
#include <errno.h>
#include <linux/netlink.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

static int listen_to_kernel(void)
{
	const struct sockaddr_nl address = {
		.nl_family = AF_NETLINK,
		.nl_groups = 1,
	};
	int fd = socket(AF_NETLINK, SOCK_DGRAM | SOCK_CLOEXEC,
			NETLINK_KOBJECT_UEVENT);

	if (fd < 0 || bind(fd, (const struct sockaddr *)&address,
			   sizeof(address))) {
		perror("socket");
		exit(2);
	}
	return fd;
}

static int run(char **command)
{
	int status;
	pid_t pid = fork();

	if (!pid) {
		execvp(*command, command);
		_exit(127);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		return 126;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128;
}

/* What is sent is in the socket when who sent it goes on. */
static void print_events(int fd)
{
	char text[8192];
	ssize_t len, i;

	while ((len = recv(fd, text, sizeof(text) - 1, MSG_DONTWAIT)) > 0) {
		for (i = 0; i < len; i++) {
			if (!text[i])
				text[i] = ' ';
		}
		text[len] = '\0';
		puts(text);
	}
}

int main(int argc, char **argv)
{
	int fd, status;

	if (argc < 2) {
		fprintf(stderr, "%s COMMAND ...\n", *argv);
		return 2;
	}
	fd = listen_to_kernel();
	status = run(argv + 1);
	print_events(fd);
	return status;
}
