// SPDX-License-Identifier: GPL-2.0-only
/*
 * Many processes that do anything to the devices or files of a room and are
 * killed wherever they are, while somebody tries to unload the modules.
 *
 * Usage: chardev_stress SECONDS MODULE:NODE... NODE...
 * A node with a module is held open all the time, so that the module must not
 * go. Ends with 0 if none has gone and all processes could be started, with 4 if
 * a node that is to be held is not there.
 */
#include <linux/klab_chardev.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/syscall.h>

#include "chardev.h"
#include "../kselftest.h"

#define PROCESSES	64
#define LARGEST		9000
#define HELD_MAX	16
#define AT_ONCE		8	/* killed between two looks at a module */

static char buf[LARGEST];
static unsigned int *controlled;	/* shared with all processes */

static char **nodes;
static unsigned int nodes_nr;

/**
 * struct held - a module that is held
 * @name: the module
 * @fd: what holds it
 */
static struct held {
	const char *name;
	int fd;
} held[HELD_MAX];

static unsigned int held_nr;

static void poll_twice(int fd)
{
	struct epoll_event event = { .events = EPOLLIN | EPOLLOUT };
	int epoll = epoll_create1(EPOLL_CLOEXEC);

	ready(fd, POLLIN | POLLOUT, 1);
	epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event);
	epoll_wait(epoll, &event, 1, 1);
	close(epoll);
}

static void splice_some(int fd, size_t len)
{
	int ends[2];

	if (pipe2(ends, O_CLOEXEC))
		return;
	splice(fd, NULL, ends[1], NULL, len, SPLICE_F_NONBLOCK);
	splice(ends[0], NULL, fd, NULL, len, SPLICE_F_NONBLOCK);
	close(ends[0]);
	close(ends[1]);
}

static void copy_descriptor(int fd, size_t len)
{
	int copy = dup(fd);

	(void)!read(copy, buf, len);
	close(copy);
}

/* What a file takes for a number, a request or the name of a record. */
static void write_word(int fd, unsigned int dice)
{
	static const char * const words[] = {
		"0", "1\n", "7\n", "0x10", "24\n", "+7\n", "-7\n", "-0.5\n",
	};
	const char *word = words[dice % ARRAY_SIZE(words)];

	(void)!write(fd, word, strlen(word));
}

/* What the device has, with what may be right. */
static void control(int fd, unsigned int dice, size_t len)
{
	static const unsigned int commands[] = {
		KLAB_CONTROL_INFO, KLAB_CONTROL_GET, KLAB_CONTROL_SET,
		KLAB_CONTROL_BYTE, KLAB_CONTROL_COPY, KLAB_CONTROL_RESET,
	};
	unsigned int command = commands[(dice >> 8) % ARRAY_SIZE(commands)];
	struct klab_control_copy copy = {
		.address = (uintptr_t)(buf + sizeof(copy)),
		.size = len % (sizeof(buf) - sizeof(copy)),
		.offset = dice >> 12 & 31,
	};

	/* Else what has been read before. */
	if (dice & 32)
		memset(buf, 0, KLAB_CONTROL_TEXT_SIZE);
	if (command == KLAB_CONTROL_INFO && dice & 64)
		command = _IOC(_IOC_READ | _IOC_WRITE, KLAB_CONTROL_IOC,
			       _IOC_NR(command), len % 128);
	if (command == KLAB_CONTROL_COPY)
		memcpy(buf, &copy, sizeof(copy));
	if (!ioctl(fd, command, buf))
		__atomic_add_fetch(controlled, 1, __ATOMIC_RELAXED);
}

static void do_any(int fd, unsigned int dice, size_t len)
{
	switch (dice % 12) {
	case 0:
	case 1:
		(void)!read(fd, buf, len);
		break;
	case 2:
		(void)!write(fd, buf, len);
		break;
	case 3:
		if (dice & 128)
			write_word(fd, dice >> 8);
		else
			(void)!write(fd, buf, len);
		break;
	case 4:
		poll_twice(fd);
		break;
	case 5:
		/* Any command, and such as might be meant. */
		ioctl(fd, dice & 16 ? FIONREAD : dice, buf);
		break;
	case 6:
		if (dice & 128)
			control(fd, dice, len);
		else
			ioctl(fd, _IOC(dice >> 8, dice >> 10, dice >> 18 & 15,
				       dice & 64 ? len & 255 : 16), buf);
		break;
	case 7:
		splice_some(fd, len);
		break;
	case 8:
		(void)!read(fd, (void *)8, len);
		(void)!write(fd, (void *)8, len);
		break;
	case 9:
		fcntl(fd, F_SETOWN, getpid());
		fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) ^ O_ASYNC);
		break;
	case 10:
		(void)!pread(fd, buf, len, dice >> 8 & 31);
		lseek(fd, dice >> 8 & 31, dice >> 16 & 3);
		break;
	case 11:
		copy_descriptor(fd, len);
		break;
	}
}

static void misbehave(unsigned int seed)
{
	static const int modes[] = { O_RDONLY, O_WRONLY, O_RDWR, O_RDWR };
	unsigned int dice, i;
	int fd;

	signal(SIGIO, SIG_IGN);
	signal(SIGPIPE, SIG_IGN);
	for (;;) {
		dice = rand_r(&seed);
		fd = open(nodes[dice % nodes_nr], modes[dice >> 8 & 3] |
			  (dice & 1024 ? O_NONBLOCK : 0));
		for (i = rand_r(&seed) % 16; fd >= 0 && i; i--)
			do_any(fd, rand_r(&seed), rand_r(&seed) % LARGEST);
		if (fd >= 0)
			close(fd);
	}
}

static pid_t start(unsigned int seed)
{
	pid_t pid = child();

	if (!pid) {
		for (unsigned int i = 0; i < held_nr; i++)
			close(held[i].fd);
		misbehave(seed);
	}
	return pid;
}

static bool hold(char *argument)
{
	char *node = strchr(argument, ':');

	if (!node || held_nr == HELD_MAX)
		return false;
	*node++ = '\0';
	held[held_nr].name = argument;
	held[held_nr].fd = open(node, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (held[held_nr].fd < 0) {
		fprintf(stderr, "%s: %m\n", node);
		exit(4);
	}
	held_nr++;
	return true;
}

static bool unload_is_refused(unsigned int dice)
{
	const char *name = held[dice % held_nr].name;

	if (syscall(SYS_delete_module, name, O_NONBLOCK) &&
	    errno == EWOULDBLOCK)
		return true;
	printf("%s could be unloaded\n", name);
	return false;
}

/* Some of @pids, next to each other, die and have successors. */
static bool kill_some(pid_t *pids, unsigned int *seed)
{
	unsigned int first = rand_r(seed) % (PROCESSES - AT_ONCE + 1), i;
	bool well = true;

	for (i = first; i < first + AT_ONCE; i++)
		kill(pids[i], SIGKILL);
	for (i = first; i < first + AT_ONCE; i++) {
		well &= end_of(pids[i]) == -SIGKILL;
		pids[i] = start(rand_r(seed));
		well &= pids[i] > 0;
	}
	return well;
}

static bool run(long end)
{
	unsigned int seed = getpid(), kills = 0, i;
	pid_t pids[PROCESSES];
	bool well = true;

	printf("seed %u, %u nodes, %u modules held\n", seed, nodes_nr, held_nr);
	for (i = 0; i < PROCESSES; i++) {
		pids[i] = start(seed + i);
		well &= pids[i] > 0;
	}
	while (well && now_ms() < end) {
		well = kill_some(pids, &seed);
		well &= unload_is_refused(rand_r(&seed));
		kills += AT_ONCE;
	}
	for (i = 0; i < PROCESSES; i++) {
		if (pids[i] <= 0)
			continue;
		kill(pids[i], SIGKILL);
		end_of(pids[i]);
	}
	printf("%u operations of a control device were done\n", *controlled);
	printf("%u processes were killed\n", kills + PROCESSES);
	return well;
}

int main(int argc, char **argv)
{
	int first = 2;

	controlled = mmap(NULL, sizeof(*controlled), PROT_READ | PROT_WRITE,
			  MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (controlled == MAP_FAILED) {
		perror("mmap");
		return 2;
	}
	if (argc < 4) {
		fprintf(stderr, "usage: %s SECONDS MODULE:NODE... NODE...\n",
			argv[0]);
		return 2;
	}
	while (first < argc && hold(argv[first]))
		first++;
	nodes = argv + first;
	nodes_nr = argc - first;
	if (!held_nr || !nodes_nr)
		return 2;
	return !run(now_ms() + atol(argv[1]) * 1000);
}
