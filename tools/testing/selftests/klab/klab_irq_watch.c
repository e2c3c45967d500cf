// SPDX-License-Identifier: GPL-2.0-only
/*
 * Receives interrupts through /dev/klab-irq by every way that it has, and says
 * how many came by each.
 *
 * Usage: klab_irq_watch WAY COUNT [BURST [PERIOD]]
 *	WAY: read, poll, signal, eventfd, netlink or all
 *	COUNT interrupts are fired, BURST at once, every PERIOD nanoseconds
 *	or, without a period, as fast as it goes
 * or: klab_irq_watch fork|killed|closed|overrun|errors|hold|join|line|two N
 *
 * Exits with 0 where none was lost.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/genetlink.h>
#include <linux/netlink.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <linux/klab_irq.h>

#define NODE		"/dev/klab-irq"
#define PATIENCE	40	/* seconds, for all that has to happen */

enum way { WAY_READ, WAY_POLL, WAY_SIGNAL, WAY_EVENTFD, WAY_NETLINK, NR_WAYS };

static const char * const way_names[NR_WAYS] = {
	"read", "poll", "signal", "eventfd", "netlink",
};

struct watch {
	int node;
	int event;		/* eventfd */
	int signals;		/* signalfd */
	int netlink;
	unsigned int id;
	uint64_t received[NR_WAYS];
	uint64_t times[NR_WAYS];	/* how often something came */
	uint64_t seq;		/* of the latest message */
	uint64_t lost;		/* by gaps between messages */
	bool overrun;
};

static void die(const char *what)
{
	perror(what);
	exit(2);
}

static uint64_t to_number(const char *text)
{
	char *end;
	uint64_t n;

	errno = 0;
	n = strtoull(text, &end, 0);
	if (errno || *end || end == text) {
		fprintf(stderr, "no number: %s\n", text);
		exit(2);
	}
	return n;
}

static int open_node(void)
{
	int fd = open(NODE, O_RDWR | O_NONBLOCK | O_CLOEXEC);

	if (fd < 0)
		die(NODE);
	return fd;
}

static unsigned int attach(int node, int irq, unsigned int flags)
{
	struct klab_irq_attach to = {
		.size = sizeof(to), .irq = irq, .flags = flags,
	};

	if (ioctl(node, KLAB_IRQ_ATTACH, &to))
		die("attach");
	return to.id;
}

static void fire(int node, uint64_t count, unsigned int burst, uint64_t period)
{
	struct klab_irq_fire fire = {
		.count = count, .burst = burst, .period_ns = period,
	};

	if (ioctl(node, KLAB_IRQ_FIRE, &fire))
		die("fire");
}

static uint64_t fired(int node)
{
	struct klab_irq_status status;

	if (ioctl(node, KLAB_IRQ_STATUS, &status))
		die("status");
	return status.fired;
}

/* Generic netlink, by hand. */

struct message {
	struct nlmsghdr header;
	struct genlmsghdr genl;
	char attributes[4096];
};

static struct nlattr *first_attribute(struct message *m)
{
	return (struct nlattr *)m->attributes;
}

static bool next_attribute(struct nlattr **attribute, const char *end)
{
	struct nlattr *at = *attribute;

	if ((const char *)(at + 1) > end || at->nla_len < sizeof(*at) ||
	    (const char *)at + at->nla_len > end)
		return false;
	*attribute = (struct nlattr *)((char *)at + NLA_ALIGN(at->nla_len));
	return true;
}

static void *value_of(struct nlattr *attribute)
{
	return attribute + 1;
}

static uint64_t value_u64(struct nlattr *attribute)
{
	uint64_t value;

	memcpy(&value, value_of(attribute), sizeof(value));
	return value;
}

static uint32_t value_u32(struct nlattr *attribute)
{
	uint32_t value;

	memcpy(&value, value_of(attribute), sizeof(value));
	return value;
}

/* The only group of the family: its id is two levels down. */
static int group_of(struct message *m)
{
	char *end = (char *)m + m->header.nlmsg_len;
	struct nlattr *at = first_attribute(m), *in = at;

	while (next_attribute(&at, end)) {
		if ((in->nla_type & NLA_TYPE_MASK) == CTRL_ATTR_MCAST_GROUPS) {
			struct nlattr *group = value_of(in);
			struct nlattr *field = value_of(group), *this = field;
			char *group_end = (char *)group + group->nla_len;

			while (next_attribute(&field, group_end)) {
				if (this->nla_type == CTRL_ATTR_MCAST_GRP_ID)
					return value_u32(this);
				this = field;
			}
		}
		in = at;
	}
	return -1;
}

static int find_group(int fd)
{
	struct message m = {
		.header.nlmsg_type = GENL_ID_CTRL,
		.header.nlmsg_flags = NLM_F_REQUEST,
		.genl.cmd = CTRL_CMD_GETFAMILY,
		.genl.version = 1,
	};
	struct nlattr *name = first_attribute(&m);

	name->nla_type = CTRL_ATTR_FAMILY_NAME;
	name->nla_len = NLA_HDRLEN + sizeof(KLAB_IRQ_FAMILY);
	memcpy(value_of(name), KLAB_IRQ_FAMILY, sizeof(KLAB_IRQ_FAMILY));
	m.header.nlmsg_len = NLMSG_LENGTH(GENL_HDRLEN) +
			     NLA_ALIGN(name->nla_len);
	if (send(fd, &m, m.header.nlmsg_len, 0) < 0)
		die("send");
	if (recv(fd, &m, sizeof(m), 0) < 0)
		die("recv");
	if (m.header.nlmsg_type != GENL_ID_CTRL)
		return -1;
	return group_of(&m);
}

static int netlink_socket(void)
{
	struct sockaddr_nl any = { .nl_family = AF_NETLINK };
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_GENERIC);

	if (fd < 0 || bind(fd, (struct sockaddr *)&any, sizeof(any)))
		die("netlink");
	return fd;
}

static int join(int fd)
{
	int group = find_group(fd);

	if (group < 0) {
		fprintf(stderr, "no family " KLAB_IRQ_FAMILY "\n");
		exit(2);
	}
	return setsockopt(fd, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, &group,
			  sizeof(group));
}

static int listen_netlink(int room)
{
	int fd = netlink_socket();

	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof(room)))
		die("SO_RCVBUFFORCE");
	if (join(fd))
		die("join");
	return fd;
}

static void take_message(struct watch *w)
{
	uint64_t seq = 0, count = 0;
	struct nlattr *at, *in;
	unsigned int id = 0;
	struct message m;
	char *end;

	if (recv(w->netlink, &m, sizeof(m), MSG_DONTWAIT) < 0) {
		if (errno == ENOBUFS)
			w->overrun = true;
		else if (errno != EAGAIN)
			die("recv");
		return;
	}
	end = (char *)&m + m.header.nlmsg_len;
	at = first_attribute(&m);
	in = at;
	while (next_attribute(&at, end)) {
		switch (in->nla_type) {
		case KLAB_IRQ_A_ID:
			id = value_u32(in);
			break;
		case KLAB_IRQ_A_SEQ:
			seq = value_u64(in);
			break;
		case KLAB_IRQ_A_COUNT:
			count = value_u64(in);
			break;
		}
		in = at;
	}
	if (id != w->id)
		return;
	w->lost += seq - count - w->seq;
	w->seq = seq;
	w->received[WAY_NETLINK] += count;
	w->times[WAY_NETLINK]++;
}

/* The other ways. */

static bool take_node(struct watch *w, enum way way)
{
	struct klab_irq_event event;
	ssize_t n = read(w->node, &event, sizeof(event));

	if (n < 0 && errno == EAGAIN)
		return false;
	if (n != sizeof(event))
		die("read");
	w->received[way] += event.count;
	w->times[way]++;
	return true;
}

static void take_eventfd(struct watch *w)
{
	uint64_t count;

	if (read(w->event, &count, sizeof(count)) != sizeof(count))
		die("eventfd");
	w->received[WAY_EVENTFD] += count;
	w->times[WAY_EVENTFD]++;
}

/* A signal says that, not how often: the node says how often. */
static void take_signal(struct watch *w, bool read_node)
{
	struct signalfd_siginfo info;

	if (read(w->signals, &info, sizeof(info)) != sizeof(info))
		die("signalfd");
	w->times[WAY_SIGNAL]++;
	/* SIGIO stands for those that there was no room for. */
	if (info.ssi_signo != (unsigned int)SIGIO && info.ssi_fd != w->node) {
		fprintf(stderr, "signal of another file\n");
		exit(1);
	}
	while (read_node && take_node(w, WAY_SIGNAL))
		;
}

static int listen_signals(int node)
{
	sigset_t set;
	int fd;

	sigemptyset(&set);
	sigaddset(&set, SIGIO);
	sigaddset(&set, SIGRTMIN);
	if (sigprocmask(SIG_BLOCK, &set, NULL))
		die("sigprocmask");
	fd = signalfd(-1, &set, SFD_CLOEXEC);
	if (fd < 0)
		die("signalfd");
	if (fcntl(node, F_SETOWN, getpid()) || fcntl(node, F_SETSIG, SIGRTMIN) ||
	    fcntl(node, F_SETFL, fcntl(node, F_GETFL) | O_ASYNC))
		die("fcntl");
	return fd;
}

static int listen_eventfd(int node)
{
	int fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);

	if (fd < 0 || ioctl(node, KLAB_IRQ_EVENTFD, &fd))
		die("eventfd");
	return fd;
}

static bool wants(const bool *ways, enum way way)
{
	return ways[way];
}

static bool complete(const struct watch *w, const bool *ways, uint64_t count)
{
	unsigned int i;

	for (i = 0; i < NR_WAYS; i++)
		if (ways[i] && w->received[i] < count)
			return false;
	return true;
}

static void receive(struct watch *w, const bool *ways, uint64_t count)
{
	bool node = wants(ways, WAY_READ) || wants(ways, WAY_POLL);
	enum way as = wants(ways, WAY_READ) ? WAY_READ : WAY_POLL;
	struct pollfd fds[] = {
		{ .fd = node ? w->node : -1, .events = POLLIN },
		{ .fd = w->event, .events = POLLIN },
		{ .fd = w->signals, .events = POLLIN },
		{ .fd = w->netlink, .events = POLLIN },
	};

	while (!complete(w, ways, count)) {
		if (poll(fds, 4, PATIENCE * 1000) <= 0)
			return;
		if (fds[0].revents)
			take_node(w, as);
		if (fds[1].revents)
			take_eventfd(w);
		if (fds[2].revents)
			take_signal(w, !node);
		if (fds[3].revents)
			take_message(w);
	}
}

/* Without poll(): the other thread fires, this one sleeps in read(). */
struct shooter {
	int node;
	uint64_t count;
	unsigned int burst;
	uint64_t period;
	uint64_t late;		/* interrupts that came after all */
};

static void *shoot(void *data)
{
	struct shooter *s = data;

	fire(s->node, s->count, s->burst, s->period);
	return NULL;
}

static void block(int node)
{
	if (fcntl(node, F_SETFL, fcntl(node, F_GETFL) & ~O_NONBLOCK))
		die("fcntl");
}

static int report(const struct watch *w, const bool *ways, uint64_t count)
{
	struct klab_irq_status status;
	unsigned int i;
	int ret = 0;

	if (ioctl(w->node, KLAB_IRQ_STATUS, &status))
		die("status");
	printf("fired %llu served %llu runs %llu\n",
	       (unsigned long long)status.fired,
	       (unsigned long long)status.served,
	       (unsigned long long)status.runs);
	if (status.fired < count || status.served > status.fired)
		ret = 1;
	for (i = 0; i < NR_WAYS; i++) {
		if (!ways[i])
			continue;
		printf("%s: %llu in %llu\n", way_names[i],
		       (unsigned long long)w->received[i],
		       (unsigned long long)w->times[i]);
		if (w->received[i] != count || !w->times[i])
			ret = 1;
	}
	if (w->lost) {
		printf("lost: %llu\n", (unsigned long long)w->lost);
		ret = 1;
	}
	return ret;
}

static struct watch open_watch(const bool *ways)
{
	struct watch w = {
		.node = open_node(), .event = -1, .signals = -1, .netlink = -1,
	};

	if (wants(ways, WAY_EVENTFD))
		w.event = listen_eventfd(w.node);
	if (wants(ways, WAY_SIGNAL))
		w.signals = listen_signals(w.node);
	if (wants(ways, WAY_NETLINK))
		w.netlink = listen_netlink(8 << 20);
	w.id = attach(w.node, KLAB_IRQ_SYNTHETIC,
		      w.netlink >= 0 ? KLAB_IRQ_NETLINK : 0);
	return w;
}

static int watch(const bool *ways, struct shooter *s)
{
	struct watch w = open_watch(ways);
	pthread_t thread;

	s->node = w.node;
	if (wants(ways, WAY_READ))
		block(w.node);
	if (pthread_create(&thread, NULL, shoot, s))
		die("thread");
	if (wants(ways, WAY_READ)) {
		while (w.received[WAY_READ] < s->count)
			take_node(&w, WAY_READ);
	} else {
		receive(&w, ways, s->count);
	}
	pthread_join(thread, NULL);
	return report(&w, ways, s->count);
}

/* All at once, on one open file. */
static int watch_all(struct shooter *s)
{
	bool ways[NR_WAYS] = {
		[WAY_POLL] = true, [WAY_EVENTFD] = true,
		[WAY_SIGNAL] = true, [WAY_NETLINK] = true,
	};
	struct watch w = open_watch(ways);
	pthread_t thread;
	struct pollfd one;

	s->node = w.node;
	if (pthread_create(&thread, NULL, shoot, s))
		die("thread");
	ways[WAY_SIGNAL] = false;
	receive(&w, ways, s->count);
	pthread_join(thread, NULL);
	/* The signals came with the rest, and some may be left. */
	one = (struct pollfd){ .fd = w.signals, .events = POLLIN };
	while (poll(&one, 1, 0) > 0)
		take_signal(&w, false);
	printf("signals: %llu\n", (unsigned long long)w.times[WAY_SIGNAL]);
	return report(&w, ways, s->count) || !w.times[WAY_SIGNAL];
}

/* Children that share the open file get each event once between them. */
static int test_fork(uint64_t count)
{
	int node = open_node(), pipes[2], i;
	uint64_t sum = 0, part;

	attach(node, KLAB_IRQ_SYNTHETIC, 0);
	if (pipe(pipes))
		die("pipe");
	for (i = 0; i < 4; i++) {
		struct watch w = { .node = node };
		struct pollfd fds[] = { { .fd = node, .events = POLLIN } };

		if (fork())
			continue;
		while (poll(fds, 1, 2000) > 0)
			take_node(&w, WAY_READ);
		part = w.received[WAY_READ];
		if (write(pipes[1], &part, sizeof(part)) != sizeof(part))
			_exit(1);
		_exit(0);
	}
	fire(node, count, 4, 20000);
	while (i-- > 0) {
		if (read(pipes[0], &part, sizeof(part)) != sizeof(part))
			die("pipe");
		sum += part;
	}
	while (wait(NULL) > 0)
		;
	printf("fork: %llu of %llu\n", (unsigned long long)sum,
	       (unsigned long long)count);
	return sum != count;
}

/* A receiver that is killed in the middle of it leaves nothing behind. */
static int test_killed(uint64_t count)
{
	bool ways[NR_WAYS] = {
		[WAY_EVENTFD] = true, [WAY_SIGNAL] = true, [WAY_NETLINK] = true,
	};
	bool mine[NR_WAYS] = { [WAY_POLL] = true };
	struct watch w = open_watch(mine);
	int pipes[2], status;
	pid_t child;
	char byte;

	if (pipe(pipes))
		die("pipe");
	child = fork();
	if (!child) {
		struct watch other = open_watch(ways);

		if (write(pipes[1], "", 1) != 1)
			_exit(1);
		receive(&other, ways, UINT64_MAX);
		_exit(1);
	}
	if (read(pipes[0], &byte, 1) != 1)
		die("pipe");
	fire(w.node, count, 4, 20000);
	kill(child, SIGKILL);
	if (waitpid(child, &status, 0) != child || !WIFSIGNALED(status))
		return 1;
	receive(&w, mine, count);
	return report(&w, mine, count);
}

/* Files closed while their line fires, eventfds closed before the file. */
static int test_closed(uint64_t rounds)
{
	bool mine[NR_WAYS] = { [WAY_POLL] = true };
	struct watch w = open_watch(mine);
	uint64_t i;

	fire(w.node, 400000, 4, 100000);
	for (i = 0; i < rounds; i++) {
		int node = open_node(), event = listen_eventfd(node);

		attach(node, KLAB_IRQ_SYNTHETIC, KLAB_IRQ_NETLINK);
		if (i % 2)
			close(event);
		close(node);
		if (!(i % 2))
			close(event);
	}
	printf("closed: %llu\n", (unsigned long long)rounds);
	return 0;
}

static void *shoot_and_look(void *data)
{
	struct shooter *s = data;
	uint64_t before, i;

	for (i = 0; i < s->count; i++) {
		before = fired(s->node);
		fire(s->node, 1, 1, 0);
		s->late += fired(s->node) == before;
	}
	return NULL;
}

/* Of two who fire the same line, neither goes on before its interrupts. */
static int test_two(uint64_t count)
{
	struct shooter two[2];
	pthread_t thread[2];
	uint64_t late;
	int i;

	for (i = 0; i < 2; i++) {
		two[i] = (struct shooter){
			.node = open_node(), .count = count,
		};
		attach(two[i].node, KLAB_IRQ_SYNTHETIC, 0);
	}
	for (i = 0; i < 2; i++)
		if (pthread_create(&thread[i], NULL, shoot_and_look, &two[i]))
			die("thread");
	for (i = 0; i < 2; i++)
		pthread_join(thread[i], NULL);

	late = two[0].late + two[1].late;
	printf("two: %llu late of %llu\n", (unsigned long long)late,
	       (unsigned long long)(2 * count));
	return late || fired(two[0].node) != 2 * count;
}

/* What a listener without room loses is known to it. */
static int test_overrun(uint64_t count)
{
	bool ways[NR_WAYS] = { [WAY_NETLINK] = true };
	struct watch w = {
		.node = open_node(), .event = -1, .signals = -1,
		.netlink = listen_netlink(2048),
	};
	struct pollfd fds[] = { { .fd = w.netlink, .events = POLLIN } };

	w.id = attach(w.node, KLAB_IRQ_SYNTHETIC, KLAB_IRQ_NETLINK);
	fire(w.node, count, 1, 0);
	while (poll(fds, 1, 0) > 0)
		take_message(&w);
	fire(w.node, 1, 1, 0);
	receive(&w, ways, w.received[WAY_NETLINK] + 1);
	printf("overrun: %s, received %llu lost %llu\n",
	       w.overrun ? "yes" : "no",
	       (unsigned long long)w.received[WAY_NETLINK],
	       (unsigned long long)w.lost);
	return !w.overrun || !w.lost ||
	       w.received[WAY_NETLINK] + w.lost != count + 1;
}

static int wrong;

static void expect(const char *what, long ret, int error)
{
	int got = ret < 0 ? errno : 0;

	if (got == error)
		return;
	printf("%s: %s, expected %s\n", what, strerrorname_np(got) ?: "0",
	       strerrorname_np(error) ?: "0");
	wrong = 1;
}

static int test_errors(void)
{
	struct {
		struct klab_irq_attach to;
		unsigned int more;
	} to = { .to = { .size = sizeof(to.to), .irq = KLAB_IRQ_SYNTHETIC } };
	struct klab_irq_fire fires = { .count = 1 };
	struct klab_irq_event event;
	int node = open_node(), fd, ends[2];
	void *bad = (void *)8;

	expect("read unattached", read(node, &event, sizeof(event)), ENOTCONN);
	expect("fire unattached", ioctl(node, KLAB_IRQ_FIRE, &fires), ENOTCONN);
	expect("unknown ioctl", ioctl(node, _IO(KLAB_IRQ_IOC, 0x7f)), ENOTTY);
	expect("write", write(node, &event, sizeof(event)), EINVAL);
	expect("lseek", lseek(node, 0, SEEK_SET), ESPIPE);
	expect("pread", pread(node, &event, sizeof(event), 0), ESPIPE);
	expect("attach bad", ioctl(node, KLAB_IRQ_ATTACH, bad), EFAULT);
	to.to.size = 8;
	expect("attach short", ioctl(node, KLAB_IRQ_ATTACH, &to), EINVAL);
	to.to.size = 0;
	expect("attach of nothing", ioctl(node, KLAB_IRQ_ATTACH, &to), EINVAL);
	to.to.size = 1 << 20;
	expect("attach large", ioctl(node, KLAB_IRQ_ATTACH, &to), E2BIG);
	to.to.size = sizeof(to);
	to.more = 1;
	expect("attach newer", ioctl(node, KLAB_IRQ_ATTACH, &to), E2BIG);
	to.more = 0;
	to.to.flags = 1U << 31;
	expect("attach flags", ioctl(node, KLAB_IRQ_ATTACH, &to), EINVAL);
	to.to.flags = 0;
	to.to.id = 1;
	expect("attach id", ioctl(node, KLAB_IRQ_ATTACH, &to), EINVAL);
	to.to.id = 0;
	to.to.irq = 0x7fffffff;
	expect("attach no line", ioctl(node, KLAB_IRQ_ATTACH, &to), EINVAL);
	to.to.irq = KLAB_IRQ_SYNTHETIC;
	expect("attach grown", ioctl(node, KLAB_IRQ_ATTACH, &to), 0);
	to.to.id = 0;
	to.to.irq = KLAB_IRQ_SYNTHETIC;
	expect("attach again", ioctl(node, KLAB_IRQ_ATTACH, &to), EBUSY);

	expect("read nothing", read(node, &event, sizeof(event)), EAGAIN);
	expect("read short", read(node, &event, sizeof(event) - 1), EINVAL);
	expect("fire bad", ioctl(node, KLAB_IRQ_FIRE, bad), EFAULT);
	expect("fire", ioctl(node, KLAB_IRQ_FIRE, &fires), 0);
	expect("read bad", syscall(SYS_read, node, bad, sizeof(event)), EFAULT);
	expect("status bad", ioctl(node, KLAB_IRQ_STATUS, bad), EFAULT);
	expect("read", read(node, &event, sizeof(event)), 0);
	fires.count = 0;
	expect("fire none", ioctl(node, KLAB_IRQ_FIRE, &fires), EINVAL);
	fires.count = KLAB_IRQ_FIRE_MAX + 1ULL;
	expect("fire many", ioctl(node, KLAB_IRQ_FIRE, &fires), EINVAL);

	expect("eventfd bad", ioctl(node, KLAB_IRQ_EVENTFD, bad), EFAULT);
	fd = -2;
	expect("eventfd -2", ioctl(node, KLAB_IRQ_EVENTFD, &fd), EBADF);
	fd = 1000000;
	expect("eventfd closed", ioctl(node, KLAB_IRQ_EVENTFD, &fd), EBADF);
	if (pipe(ends))
		die("pipe");
	expect("eventfd pipe", ioctl(node, KLAB_IRQ_EVENTFD, &ends[0]), EINVAL);
	fd = -1;
	expect("eventfd none", ioctl(node, KLAB_IRQ_EVENTFD, &fd), 0);
	printf("errors: %s\n", wrong ? "wrong" : "as documented");
	return wrong;
}

/* Says what came, and stays until it is killed. */
static void test_hold(void)
{
	bool ways[NR_WAYS] = {
		[WAY_EVENTFD] = true, [WAY_SIGNAL] = true, [WAY_NETLINK] = true,
	};
	struct watch w = open_watch(ways);

	fire(w.node, 10, 1, 0);
	printf("ready\n");
	fflush(stdout);
	for (;;)
		pause();
}

/* Listening alone, as whoever is not allowed to might try. */
static int test_join(void)
{
	int fd = netlink_socket();

	if (join(fd)) {
		printf("join: %s\n", strerrorname_np(errno));
		return 1;
	}
	printf("join: 0\n");
	return 0;
}

/* A line of the machine: says what is refused. */
static int test_line(int irq)
{
	struct klab_irq_attach to = { .size = sizeof(to), .irq = irq };
	int node = open_node();

	if (ioctl(node, KLAB_IRQ_ATTACH, &to)) {
		printf("line %d: %s\n", irq, strerrorname_np(errno));
		return 1;
	}
	sleep(1);
	printf("line %d: %llu interrupts\n", irq,
	       (unsigned long long)fired(node));
	return 0;
}

static void too_late(int signo)
{
	static const char text[] = "not all came in time\n";

	if (write(2, text, sizeof(text) - 1) < 0)
		_exit(3);
	_exit(3);
}

int main(int argc, char **argv)
{
	struct shooter s = { .count = 1000, .burst = 1 };
	bool ways[NR_WAYS] = { false };
	unsigned int i;

	if (argc < 2) {
		fprintf(stderr, "usage: %s WAY COUNT [BURST [PERIOD]]\n",
			argv[0]);
		return 2;
	}
	if (!strcmp(argv[1], "hold"))
		test_hold();
	signal(SIGALRM, too_late);
	alarm(PATIENCE + 10);

	if (argc > 2)
		s.count = to_number(argv[2]);
	if (argc > 3)
		s.burst = to_number(argv[3]);
	if (argc > 4)
		s.period = to_number(argv[4]);

	for (i = 0; i < NR_WAYS; i++) {
		if (!strcmp(argv[1], way_names[i])) {
			ways[i] = true;
			return watch(ways, &s);
		}
	}
	if (!strcmp(argv[1], "all"))
		return watch_all(&s);
	if (!strcmp(argv[1], "fork"))
		return test_fork(s.count);
	if (!strcmp(argv[1], "killed"))
		return test_killed(s.count);
	if (!strcmp(argv[1], "closed"))
		return test_closed(s.count);
	if (!strcmp(argv[1], "two"))
		return test_two(s.count);
	if (!strcmp(argv[1], "overrun"))
		return test_overrun(s.count);
	if (!strcmp(argv[1], "errors"))
		return test_errors();
	if (!strcmp(argv[1], "join"))
		return test_join();
	if (!strcmp(argv[1], "line"))
		return test_line(s.count);
	fprintf(stderr, "unknown: %s\n", argv[1]);
	return 2;
}
