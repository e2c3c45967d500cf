// SPDX-License-Identifier: GPL-2.0-only
/*
 * The control device and the queue as a program of 32 bits sees them.
 *
 * It has no C library, as there is often none for 32 bits. Where the compiler
 * cannot make such a program, this becomes one of 64 bits at low addresses that
 * calls by the entry of 32 bits: the structures are then those of 64 bits, which
 * have to look the same.
 *
 * Everything that the kernel gets the address of is static, as the stack of a
 * program of 64 bits is out of reach.
 */
#include <linux/fcntl.h>
#include <linux/klab_chardev.h>

#define CONTROL		"/dev/klab-control"
#define QUEUE		"/dev/klab-queue0"
#define FIONREAD	0x541b

#define NR_EXIT		1
#define NR_READ		3
#define NR_WRITE	4
#define NR_OPEN		5
#define NR_IOCTL	54

#define EFAULT		14
#define EINVAL		22
#define ENOTTY		25
#define E2BIG		7

/* Where nothing is, in 32 bits. */
#define NOWHERE		0xfffff000u

static long call3(long nr, unsigned long a, unsigned long b, unsigned long c)
{
	long ret;

	asm volatile("int $0x80" : "=a" (ret)
		     : "a" (nr), "b" (a), "c" (b), "d" (c)
		     : "memory"
#ifdef __x86_64__
		       , "r8", "r9", "r10", "r11"
#endif
		     );
	return (int)ret;
}

static long call_ioctl(long fd, unsigned long command, void *argument)
{
	return call3(NR_IOCTL, fd, command, (unsigned long)argument);
}

static unsigned long length(const char *text)
{
	unsigned long len = 0;

	while (text[len])
		len++;
	return len;
}

static void say(const char *text)
{
	static char copy[128];
	unsigned long i, len = length(text);

	for (i = 0; i < len; i++)
		copy[i] = text[i];
	call3(NR_WRITE, 1, (unsigned long)copy, len);
}

static int equal(const char *a, const char *b, unsigned long len)
{
	while (len--) {
		if (a[len] != b[len])
			return 0;
	}
	return 1;
}

static const char control_path[] = CONTROL;
static const char queue_path[] = QUEUE;
static long control, queue;
static int failed, number;

static void report(int good, const char *name)
{
	static char digits[2];

	digits[0] = '0' + ++number;
	say(good ? "ok " : "not ok ");
	say(digits);
	say(" chardev_callers_32.");
	say(name);
	say("\n");
	failed |= !good;
}

static int structures_look_the_same(void)
{
	return sizeof(struct klab_control_info) == 32 &&
	       sizeof(struct klab_control_text) == 160 &&
	       sizeof(struct klab_control_byte) == 8 &&
	       sizeof(struct klab_control_copy) == 24;
}

static int info_and_its_sizes(void)
{
	static struct { struct klab_control_info info; __u64 more; } longer;
	unsigned long command = KLAB_CONTROL_INFO;
	unsigned long later = command + (8ul << _IOC_SIZESHIFT);

	if (call_ioctl(control, command, &longer.info) ||
	    longer.info.version != KLAB_CONTROL_VERSION ||
	    longer.info.length != 13)
		return 0;
	if (call_ioctl(control, later, &longer) || longer.more)
		return 0;
	longer.more = 1;
	return call_ioctl(control, later, &longer) == -E2BIG;
}

static int text_there_and_back(void)
{
	static struct klab_control_text text = { .text = "thirty-two" };
	static struct klab_control_text back;

	return !call_ioctl(control, KLAB_CONTROL_SET, &text) &&
	       !call_ioctl(control, KLAB_CONTROL_GET, &back) &&
	       equal(text.text, back.text, sizeof(text.text));
}

/* An address of 32 bits in a member of 64. */
static int copy_by_address(void)
{
	static struct klab_control_copy copy = { .size = 3, .offset = 7 };
	static char buffer[4];

	copy.address = (unsigned long)buffer;
	if (call_ioctl(control, KLAB_CONTROL_COPY, &copy) || copy.length != 3 ||
	    !equal(buffer, "two", 4))
		return 0;
	copy.address = NOWHERE;
	return call_ioctl(control, KLAB_CONTROL_COPY, &copy) == -EFAULT;
}

static int errors(void)
{
	static struct klab_control_byte byte = { .reserved = { 1 } };

	return call_ioctl(control, KLAB_CONTROL_BYTE, &byte) == -EINVAL &&
	       call_ioctl(control, KLAB_CONTROL_BYTE, (void *)16) == -EFAULT &&
	       call_ioctl(control, 0x1234, &byte) == -ENOTTY;
}

static int fionread_of_the_queue(void)
{
	static struct { int before, number, after; } words = { -7, -7, -7 };
	static const char text[] = "hello";
	static char back[8];

	if (call_ioctl(queue, FIONREAD, &words.number) || words.number)
		return 0;
	if (call3(NR_WRITE, queue, (unsigned long)text, 5) != 5)
		return 0;
	if (call_ioctl(queue, FIONREAD, &words.number) || words.number != 5 ||
	    words.before != -7 || words.after != -7)
		return 0;
	return call3(NR_READ, queue, (unsigned long)back, 8) == 5 &&
	       equal(text, back, 5);
}

static int fionread_with_errors(void)
{
	static int number;

	return call_ioctl(queue, FIONREAD, (void *)NOWHERE) == -EFAULT &&
	       call_ioctl(queue, FIONREAD, (void *)0) == -EFAULT &&
	       call_ioctl(queue, 0x5401, &number) == -ENOTTY;
}

void _start(void)
{
	control = call3(NR_OPEN, (unsigned long)control_path, O_RDWR, 0);
	queue = call3(NR_OPEN, (unsigned long)queue_path, O_RDWR | O_NONBLOCK,
		      0);
	say("TAP version 13\n1..8\n");
	report(control >= 0 && queue >= 0, "open");
	report(structures_look_the_same(), "structures_look_the_same");
	report(info_and_its_sizes(), "info_and_its_sizes");
	report(text_there_and_back(), "text_there_and_back");
	report(copy_by_address(), "copy_by_address");
	report(errors(), "errors");
	report(fionread_of_the_queue(), "fionread_of_the_queue");
	report(fionread_with_errors(), "fionread_with_errors");
	call3(NR_EXIT, failed, 0, 0);
	__builtin_unreachable();
}
