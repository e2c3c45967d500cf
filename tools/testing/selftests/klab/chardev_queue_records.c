// SPDX-License-Identifier: GPL-2.0-only
/*
 * The queue device with records, and many readers and writers at once.
 */
#include <stddef.h>
#include <stdint.h>
#include <sys/uio.h>

#include "chardev_queue.h"
#include "../kselftest_harness.h"

#define WRITERS		4
#define READERS		3
#define RECORDS		300
#define LENGTH_MAX	600

FIXTURE(chardev_queue_records)
{
	int in;
	int out;
	int nowait;
	long size;
	long max;
	char *buf;
};

FIXTURE_SETUP(chardev_queue_records)
{
	ASSERT_EQ(0, empty_queue("records"));
	self->size = attribute("size");
	self->max = self->size / 2 - 4;
	self->buf = calloc(1, self->size);
	ASSERT_NE(NULL, self->buf);
	self->in = open(NODE, O_WRONLY | O_CLOEXEC);
	self->out = open(NODE, O_RDONLY | O_CLOEXEC);
	self->nowait = open(NODE, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	ASSERT_LE(0, self->in);
	ASSERT_LE(0, self->out);
	ASSERT_LE(0, self->nowait);
}

FIXTURE_TEARDOWN(chardev_queue_records)
{
	close(self->in);
	close(self->out);
	close(self->nowait);
	free(self->buf);
	empty_queue("bytes");
}

TEST_F(chardev_queue_records, each_read_has_one)
{
	int len = 0;

	ASSERT_EQ(3, write(self->in, "abc", 3));
	ASSERT_EQ(5, write(self->in, "defgh", 5));
	ASSERT_EQ(0, ioctl(self->out, FIONREAD, &len));
	EXPECT_EQ(3, len);
	EXPECT_EQ(3, read(self->out, self->buf, 100));
	EXPECT_EQ(5, read(self->out, self->buf, 5));
	EXPECT_EQ(0, memcmp(self->buf, "defgh", 5));
}

TEST_F(chardev_queue_records, every_length_around_the_ring)
{
	char *back = malloc(self->size);
	long len, i;

	ASSERT_NE(NULL, back);
	for (len = 1; len <= self->max; len += len < 70 ? 1 : 997) {
		for (i = 0; i < len; i++)
			self->buf[i] = i * 13 + len;
		ASSERT_EQ(len, write(self->in, self->buf, len));
		ASSERT_EQ(len, read(self->out, back, self->size));
		ASSERT_EQ(0, memcmp(self->buf, back, len));
	}
	EXPECT_EQ(0, attribute("used"));
	free(back);
}

TEST_F(chardev_queue_records, too_large_is_refused)
{
	EXPECT_EQ(self->max, write(self->in, self->buf, self->max));
	EXPECT_EQ(self->max, write(self->in, self->buf, self->max));
	EXPECT_EQ(self->size, attribute("used"));
	EXPECT_EQ(-1, write(self->in, self->buf, self->max + 1));
	EXPECT_EQ(EMSGSIZE, errno);
}

TEST_F(chardev_queue_records, a_small_buffer_loses_nothing)
{
	ASSERT_EQ(5, write(self->in, "abcde", 5));
	EXPECT_EQ(-1, read(self->out, self->buf, 4));
	EXPECT_EQ(EMSGSIZE, errno);
	EXPECT_EQ(5, read(self->out, self->buf, 5));
}

TEST_F(chardev_queue_records, a_bad_address_loses_nothing)
{
	char *half = half_a_buffer();

	ASSERT_EQ(5, write(self->in, "abcde", 5));
	EXPECT_EQ(-1, read(self->out, half + PAGE - 2, 100));
	EXPECT_EQ(EFAULT, errno);
	EXPECT_EQ(5, read(self->out, self->buf, 100));
	EXPECT_EQ(0, memcmp(self->buf, "abcde", 5));

	/* A piece of a record is no record. */
	EXPECT_EQ(-1, write(self->in, half + PAGE - 2, 5));
	EXPECT_EQ(EFAULT, errno);
	EXPECT_EQ(0, attribute("used"));
}

TEST_F(chardev_queue_records, an_empty_one_is_none)
{
	EXPECT_EQ(0, write(self->in, self->buf, 0));
	EXPECT_EQ(-1, read(self->nowait, self->buf, 1));
	EXPECT_EQ(EAGAIN, errno);
}

TEST_F(chardev_queue_records, a_vector_is_one)
{
	struct iovec parts[] = {
		{ .iov_base = "ab", .iov_len = 2 },
		{ .iov_base = "cde", .iov_len = 3 },
	};

	EXPECT_EQ(5, writev(self->in, parts, 2));
	EXPECT_EQ(5, read(self->out, self->buf, 100));
	EXPECT_EQ(0, memcmp(self->buf, "abcde", 5));
}

TEST_F(chardev_queue_records, writable_means_the_largest_fits)
{
	ASSERT_EQ(0, fcntl(self->in, F_SETFL, O_NONBLOCK));
	ASSERT_EQ(self->max, write(self->in, self->buf, self->max));
	EXPECT_EQ(POLLOUT, ready(self->in, POLLOUT, 0));
	ASSERT_EQ(1, write(self->in, self->buf, 1));
	EXPECT_EQ(0, ready(self->in, POLLOUT, 0));
	EXPECT_EQ(-1, write(self->in, self->buf, self->max));
	EXPECT_EQ(EAGAIN, errno);
	ASSERT_EQ(self->max, read(self->out, self->buf, self->max));
	EXPECT_EQ(POLLOUT, ready(self->in, POLLOUT, 0));
	EXPECT_EQ(self->max, write(self->in, self->buf, self->max));
}

/* What each record says of itself. */
struct record {
	uint32_t writer;
	uint32_t number;
	uint32_t len;
	unsigned char fill[LENGTH_MAX];
};

#define HEAD	offsetof(struct record, fill)

static void write_records(int fd, uint32_t writer)
{
	struct record record = { .writer = writer };
	ssize_t len;

	for (; record.number < RECORDS; record.number++) {
		record.len = (record.number * 37 + writer * 11) % LENGTH_MAX;
		memset(record.fill, writer + record.number, record.len);
		len = HEAD + record.len;
		if (write(fd, &record, len) != len)
			_exit(1);
	}
	_exit(0);
}

static bool record_is_sound(const struct record *record, ssize_t len)
{
	uint32_t i;

	if (len < (ssize_t)HEAD || record->len + HEAD != (size_t)len ||
	    record->writer >= WRITERS || record->number >= RECORDS)
		return false;
	for (i = 0; i < record->len; i++) {
		if (record->fill[i] !=
		    (unsigned char)(record->writer + record->number))
			return false;
	}
	return true;
}

/* Ticks off what arrives; each writer's records arrive in their order. */
static void read_records(int fd, unsigned char *seen)
{
	long last[WRITERS] = { -1, -1, -1, -1 };
	struct record record;
	ssize_t len;

	while ((len = read(fd, &record, sizeof(record))) > 0) {
		if (!record_is_sound(&record, len))
			_exit(1);
		if (last[record.writer] >= record.number)
			_exit(2);
		last[record.writer] = record.number;
		__atomic_add_fetch(&seen[record.writer * RECORDS +
					 record.number], 1, __ATOMIC_RELAXED);
	}
	_exit(len < 0 ? 3 : 0);
}

TEST_F(chardev_queue_records, several_readers_and_writers_lose_nothing)
{
	pid_t writers[WRITERS], readers[READERS];
	unsigned char *seen;
	int i;

	seen = mmap(NULL, WRITERS * RECORDS, PROT_READ | PROT_WRITE,
		    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, seen);
	for (i = 0; i < READERS; i++) {
		readers[i] = child();
		if (!readers[i]) {
			/* An end of its own, and no writer's file. */
			close(self->in);
			read_records(open(NODE, O_RDONLY), seen);
		}
		ASSERT_TRUE(sleeps(readers[i]));
	}
	for (i = 0; i < WRITERS; i++) {
		writers[i] = child();
		if (!writers[i])
			write_records(self->in, i);
	}
	for (i = 0; i < WRITERS; i++)
		EXPECT_EQ(0, end_of(writers[i]));
	close(self->in);
	for (i = 0; i < READERS; i++)
		EXPECT_EQ(0, end_of(readers[i]));
	for (i = 0; i < WRITERS * RECORDS; i++)
		ASSERT_EQ(1, seen[i]);
}

/*
 * A lap of short records that begins where @odd bytes have gone through; it
 * takes KASAN to see one that leaves the ring.
 */
static void lap_after_bytes(struct __test_metadata *_metadata, size_t odd)
{
	char data[8] = "abcdefg", back[8];
	long left;
	int fd;

	ASSERT_EQ(0, empty_queue("bytes"));
	fd = open(NODE, O_RDWR | O_CLOEXEC);
	ASSERT_LE(0, fd);
	ASSERT_EQ((ssize_t)odd, write(fd, data, odd));
	ASSERT_EQ((ssize_t)odd, read(fd, back, sizeof(back)));
	close(fd);

	ASSERT_EQ(0, empty_queue("records"));
	fd = open(NODE, O_RDWR | O_CLOEXEC);
	ASSERT_LE(0, fd);
	for (left = attribute("size") / 8; left >= 0; left--) {
		ASSERT_EQ(1, write(fd, &data[left % 7], 1));
		ASSERT_EQ(1, read(fd, back, sizeof(back)));
		ASSERT_EQ(data[left % 7], back[0]);
	}
	close(fd);
}

TEST(records_after_bytes_stay_in_the_ring)
{
	size_t odd;

	for (odd = 1; odd < 8; odd++)
		lap_after_bytes(_metadata, odd);
	EXPECT_EQ(0, empty_queue("bytes"));
}

TEST_HARNESS_MAIN
