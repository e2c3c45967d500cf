// SPDX-License-Identifier: GPL-2.0-only
/* Bridge from interrupts to programs: counting, handing on, reading. */

#include <linux/err.h>
#include <linux/errno.h>
#include <linux/fs.h>
#include <linux/interrupt.h>
#include <linux/irq.h>
#include <linux/irqdesc.h>
#include <linux/limits.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/poll.h>
#include <linux/uaccess.h>

#include <kunit/test.h>

#include "../../core/klab_fixture.h"
#include "../bridge.h"
#include "irq_kunit.h"

static void end_bridge(void *bridge)
{
	klab_irq_bridge_destroy(bridge);
}

static struct klab_irq_bridge *make(struct kunit *test)
{
	struct klab_irq_bridge *bridge = klab_irq_bridge_create();

	KUNIT_ASSERT_NOT_NULL(test, bridge);
	KUNIT_ASSERT_EQ(test, 0,
			kunit_add_action_or_reset(test, end_bridge, bridge));
	return bridge;
}

static struct klab_irq_bridge *attach(struct kunit *test)
{
	struct klab_irq_attach attach = { .irq = KLAB_IRQ_SYNTHETIC };
	struct klab_irq_bridge *bridge = make(test);

	/* Skips where there are no numbers. */
	klab_irq_kunit_source(test);
	KUNIT_ASSERT_EQ(test, 0, klab_irq_bridge_attach(bridge, &attach));
	KUNIT_EXPECT_GE(test, attach.irq, 0);
	KUNIT_EXPECT_NE(test, attach.id, 0);
	return bridge;
}

static void fire(struct kunit *test, struct klab_irq_bridge *bridge, u64 count,
		 u32 burst)
{
	const struct klab_irq_fire fire = { .count = count, .burst = burst };

	KUNIT_ASSERT_EQ(test, 0, klab_irq_bridge_fire(bridge, &fire));
	/* Its softwork may have been left to ksoftirqd. */
	softwork_flush(&bridge->work);
}

static struct klab_irq_status status_of(struct klab_irq_bridge *bridge)
{
	struct klab_irq_status status;

	klab_irq_bridge_status(bridge, &status);
	return status;
}

static struct file *open_as(struct kunit *test, struct klab_irq_bridge *bridge,
			    unsigned int flags)
{
	struct file *file = kunit_kzalloc(test, sizeof(*file), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, file);
	file->private_data = bridge;
	file->f_flags = flags;
	return file;
}

static ssize_t read_once(struct file *file, char __user *buf, size_t count)
{
	return klab_irq_bridge_fops.read(file, buf, count, NULL);
}

static void klab_irq_bridge_hands_all_on(struct kunit *test)
{
	struct klab_irq_bridge *bridge = attach(test);
	struct klab_irq_status status;

	fire(test, bridge, 100, 1);
	status = status_of(bridge);
	KUNIT_EXPECT_EQ(test, 100, status.fired);
	KUNIT_EXPECT_EQ(test, 100, status.served);
	KUNIT_EXPECT_EQ(test, 0, status.taken);
	KUNIT_EXPECT_EQ(test, 0, status.messages);
	KUNIT_EXPECT_EQ(test, 0, status.failed);
}

static void klab_irq_bridge_burst_is_handed_on_together(struct kunit *test)
{
	struct klab_irq_bridge *bridge = attach(test);
	struct klab_irq_status status;

	fire(test, bridge, 1000, 100);
	status = status_of(bridge);
	KUNIT_EXPECT_EQ(test, 1000, status.served);
	/* With softirqs off none of them can be handed on alone. */
	KUNIT_EXPECT_LE(test, status.runs, 10);
	KUNIT_EXPECT_GE(test, status.runs, 1);
}

static void klab_irq_bridge_train_is_handed_on(struct kunit *test)
{
	const struct klab_irq_fire train = {
		.count = 200, .period_ns = 50000, .burst = 8,
	};
	struct klab_irq_bridge *bridge = attach(test);

	KUNIT_ASSERT_EQ(test, 0, klab_irq_bridge_fire(bridge, &train));
	KUNIT_ASSERT_EQ(test, 0, klab_synthirq_wait(bridge->source, 0));
	klab_synthirq_stop(bridge->source, 0);
	softwork_flush(&bridge->work);
	KUNIT_EXPECT_EQ(test, 200, status_of(bridge).served);
}

static void klab_irq_bridge_line_is_shared(struct kunit *test)
{
	struct klab_irq_bridge *one = attach(test);
	struct klab_irq_bridge *two = attach(test);

	KUNIT_EXPECT_EQ(test, one->irq, two->irq);
	KUNIT_EXPECT_NE(test, one->id, two->id);
	fire(test, one, 7, 1);
	softwork_flush(&two->work);
	KUNIT_EXPECT_EQ(test, 7, status_of(one).served);
	KUNIT_EXPECT_EQ(test, 7, status_of(two).served);
}

static void klab_irq_bridge_attach_twice(struct kunit *test)
{
	struct klab_irq_attach again = { .irq = KLAB_IRQ_SYNTHETIC };
	struct klab_irq_bridge *bridge = attach(test);

	KUNIT_EXPECT_EQ(test, -EBUSY, klab_irq_bridge_attach(bridge, &again));
}

static const struct attach_case {
	const char *name;
	struct klab_irq_attach attach;
	int err;
} attach_cases[] = {
	{ "unknown flag", { .irq = -1, .flags = 2 }, -EINVAL },
	{ "all flags", { .irq = -1, .flags = ~0U }, -EINVAL },
	{ "negative", { .irq = -2 }, -EINVAL },
	{ "most negative", { .irq = INT_MIN }, -EINVAL },
	{ "no line", { .irq = INT_MAX }, -EINVAL },
};

KUNIT_ARRAY_PARAM_DESC(attach, attach_cases, name);

static void klab_irq_bridge_attach_refused(struct kunit *test)
{
	const struct attach_case *c = test->param_value;
	struct klab_irq_bridge *bridge = make(test);
	struct klab_irq_attach attach = c->attach;

	KUNIT_EXPECT_EQ(test, c->err, klab_irq_bridge_attach(bridge, &attach));
	KUNIT_EXPECT_FALSE(test, klab_irq_bridge_attached(bridge));
}

static void klab_irq_bridge_synthetic_line_by_number(struct kunit *test)
{
	struct klab_irq_attach attach_to = {};
	struct klab_irq_bridge *owner = attach(test);
	struct klab_irq_bridge *bridge = make(test);

	attach_to.irq = owner->irq;
	KUNIT_EXPECT_EQ(test, -EBUSY,
			klab_irq_bridge_attach(bridge, &attach_to));
}

/* An owner whose device is quiet. */
static char quiet_device;

static irqreturn_t quiet_owner(int irq, void *data)
{
	return IRQ_NONE;
}

static void end_owner(void *irq)
{
	free_irq((unsigned long)irq, &quiet_device);
}

/* It looks at interrupts, and hides from nobody that they are unclaimed. */
static void klab_irq_bridge_guest_claims_nothing(struct kunit *test)
{
	const struct klab_irq_fire one = { .count = 1 };
	int irq = klab_irq_kunit_plain_line(test);
	struct irq_data *data = irq_get_irq_data(irq);
	struct klab_irq_attach to = { .irq = irq };
	struct klab_irq_bridge *bridge;
	unsigned int i;

	KUNIT_ASSERT_EQ(test, 0, request_irq(irq, quiet_owner, IRQF_SHARED,
					     "klab-test", &quiet_device));
	KUNIT_ASSERT_EQ(test, 0,
			kunit_add_action_or_reset(test, end_owner,
						  (void *)(unsigned long)irq));
	bridge = make(test);
	KUNIT_ASSERT_EQ(test, 0, klab_irq_bridge_attach(bridge, &to));
	for (i = 0; i < 10; i++)
		generic_handle_irq_safe(irq);
	softwork_flush(&bridge->work);
	KUNIT_EXPECT_EQ(test, 10, status_of(bridge).served);
	KUNIT_EXPECT_GT(test, irq_data_to_desc(data)->irqs_unhandled, 0);
	KUNIT_EXPECT_EQ(test, -EOPNOTSUPP, klab_irq_bridge_fire(bridge, &one));
}

static const struct fire_case {
	const char *name;
	struct klab_irq_fire fire;
	int err;
} fire_cases[] = {
	{ "none", { .count = 0 }, -EINVAL },
	{ "too many", { .count = KLAB_IRQ_FIRE_MAX + 1 }, -EINVAL },
	{ "most", { .count = U64_MAX }, -EINVAL },
	{ "large burst", { .count = 1, .burst = KLAB_IRQ_BURST_MAX + 1 }, -EINVAL },
	{ "large burst of a train",
	  { .count = 1, .burst = KLAB_TRAIN_BURST_MAX + 1, .period_ns = 50000 },
	  -EINVAL },
	{ "reserved", { .count = 1, .reserved = 1 }, -EINVAL },
	{ "short period", { .count = 1, .burst = 1, .period_ns = 1 }, -EINVAL },
	{ "period without burst", { .count = 1, .period_ns = 50000 }, -EINVAL },
};

KUNIT_ARRAY_PARAM_DESC(fire, fire_cases, name);

static void klab_irq_bridge_fire_refused(struct kunit *test)
{
	const struct fire_case *c = test->param_value;
	struct klab_irq_bridge *bridge = attach(test);

	KUNIT_EXPECT_EQ(test, c->err, klab_irq_bridge_fire(bridge, &c->fire));
	KUNIT_EXPECT_EQ(test, 0, status_of(bridge).fired);
}

static void klab_irq_bridge_fire_unattached(struct kunit *test)
{
	const struct klab_irq_fire fire = { .count = 1 };

	KUNIT_EXPECT_EQ(test, -ENOTCONN,
			klab_irq_bridge_fire(make(test), &fire));
}

static void klab_irq_bridge_read_takes_once(struct kunit *test)
{
	struct klab_irq_bridge *bridge = attach(test);
	struct file *file = open_as(test, bridge, O_NONBLOCK);
	char __user *page = klab_kunit_user_page(test);
	struct klab_irq_event event;

	KUNIT_EXPECT_EQ(test, -EAGAIN, read_once(file, page, PAGE_SIZE));
	fire(test, bridge, 5, 1);
	KUNIT_ASSERT_EQ(test, sizeof(event), read_once(file, page, PAGE_SIZE));
	KUNIT_ASSERT_EQ(test, 0, copy_from_user(&event, page, sizeof(event)));
	KUNIT_EXPECT_EQ(test, 5, event.seq);
	KUNIT_EXPECT_EQ(test, 5, event.count);
	KUNIT_EXPECT_NE(test, 0, event.time_ns);
	KUNIT_EXPECT_EQ(test, -EAGAIN, read_once(file, page, PAGE_SIZE));

	fire(test, bridge, 2, 1);
	KUNIT_ASSERT_EQ(test, sizeof(event),
			read_once(file, page, sizeof(event)));
	KUNIT_ASSERT_EQ(test, 0, copy_from_user(&event, page, sizeof(event)));
	KUNIT_EXPECT_EQ(test, 7, event.seq);
	KUNIT_EXPECT_EQ(test, 2, event.count);
}

static void klab_irq_bridge_read_bad_buffer_takes_nothing(struct kunit *test)
{
	struct klab_irq_bridge *bridge = attach(test);
	struct file *file = open_as(test, bridge, O_NONBLOCK);
	char __user *page = klab_kunit_user_page(test);
	size_t size = sizeof(struct klab_irq_event);

	fire(test, bridge, 3, 1);
	KUNIT_EXPECT_EQ(test, -EINVAL, read_once(file, page, size - 1));
	KUNIT_EXPECT_EQ(test, -EFAULT,
			read_once(file, (char __user *)TASK_SIZE, size));
	KUNIT_EXPECT_EQ(test, 0, status_of(bridge).taken);
	KUNIT_EXPECT_EQ(test, size, read_once(file, page, size));
	KUNIT_EXPECT_EQ(test, 3, status_of(bridge).taken);
}

static void klab_irq_bridge_read_unattached(struct kunit *test)
{
	struct file *file = open_as(test, make(test), 0);
	char __user *page = klab_kunit_user_page(test);

	KUNIT_EXPECT_EQ(test, -ENOTCONN, read_once(file, page, PAGE_SIZE));
}

static void klab_irq_bridge_poll_says_what_read_does(struct kunit *test)
{
	struct klab_irq_bridge *bridge = attach(test);
	struct file *file = open_as(test, bridge, O_NONBLOCK);
	struct file *unattached = open_as(test, make(test), 0);

	KUNIT_EXPECT_EQ(test, (__force u32)EPOLLERR,
			(__force u32)klab_irq_bridge_fops.poll(unattached, NULL));
	KUNIT_EXPECT_EQ(test, 0,
			(__force u32)klab_irq_bridge_fops.poll(file, NULL));
	fire(test, bridge, 1, 1);
	KUNIT_EXPECT_EQ(test, (__force u32)(EPOLLIN | EPOLLRDNORM),
			(__force u32)klab_irq_bridge_fops.poll(file, NULL));
}

static void klab_irq_bridge_unknown_ioctl(struct kunit *test)
{
	struct file *file = open_as(test, make(test), 0);

	KUNIT_EXPECT_EQ(test, -ENOTTY,
			klab_irq_bridge_fops.unlocked_ioctl(file, 0, 0));
	KUNIT_EXPECT_EQ(test, -EFAULT,
			klab_irq_bridge_fops.unlocked_ioctl(file,
							    KLAB_IRQ_ATTACH,
							    TASK_SIZE));
}

static void klab_irq_bridge_destroy_under_storm(struct kunit *test)
{
	const struct klab_irq_fire train = {
		.count = 400000, .period_ns = 100000, .burst = 4,
	};
	struct klab_irq_attach to = { .irq = KLAB_IRQ_SYNTHETIC };
	struct klab_irq_bridge *owner = attach(test), *bridge;
	unsigned int i;

	KUNIT_ASSERT_EQ(test, 0, klab_irq_bridge_fire(owner, &train));
	KUNIT_EXPECT_EQ(test, -EBUSY, klab_irq_bridge_fire(owner, &train));
	for (i = 0; i < 20; i++) {
		bridge = klab_irq_bridge_create();
		KUNIT_ASSERT_NOT_NULL(test, bridge);
		to.irq = KLAB_IRQ_SYNTHETIC;
		KUNIT_EXPECT_EQ(test, 0, klab_irq_bridge_attach(bridge, &to));
		klab_irq_bridge_destroy(bridge);
	}
	klab_synthirq_stop(owner->source, 0);
}

static int attach_step(struct kunit *test)
{
	struct klab_irq_attach to = { .irq = KLAB_IRQ_SYNTHETIC };
	struct klab_irq_bridge *bridge = klab_irq_bridge_create();
	int ret;

	if (!bridge)
		return -ENOMEM;
	ret = klab_irq_bridge_attach(bridge, &to);
	klab_irq_bridge_destroy(bridge);
	return ret;
}

static void klab_irq_bridge_attach_without_memory(struct kunit *test)
{
	/* The line is there, with its files in /proc. */
	attach(test);
	klab_kunit_each_failure(test, attach_step);
}

static struct kunit_case bridge_cases[] = {
	KUNIT_CASE(klab_irq_bridge_hands_all_on),
	KUNIT_CASE(klab_irq_bridge_burst_is_handed_on_together),
	KUNIT_CASE(klab_irq_bridge_train_is_handed_on),
	KUNIT_CASE(klab_irq_bridge_line_is_shared),
	KUNIT_CASE(klab_irq_bridge_attach_twice),
	KUNIT_CASE_PARAM(klab_irq_bridge_attach_refused, attach_gen_params),
	KUNIT_CASE(klab_irq_bridge_synthetic_line_by_number),
	KUNIT_CASE(klab_irq_bridge_guest_claims_nothing),
	KUNIT_CASE_PARAM(klab_irq_bridge_fire_refused, fire_gen_params),
	KUNIT_CASE(klab_irq_bridge_fire_unattached),
	KUNIT_CASE(klab_irq_bridge_read_takes_once),
	KUNIT_CASE(klab_irq_bridge_read_bad_buffer_takes_nothing),
	KUNIT_CASE(klab_irq_bridge_read_unattached),
	KUNIT_CASE(klab_irq_bridge_poll_says_what_read_does),
	KUNIT_CASE(klab_irq_bridge_unknown_ioctl),
	KUNIT_CASE(klab_irq_bridge_destroy_under_storm),
	KUNIT_CASE(klab_irq_bridge_attach_without_memory),
	{}
};

static struct kunit_suite bridge_suite = {
	.name = "klab_irq_bridge",
	.test_cases = bridge_cases,
};

kunit_test_suite(bridge_suite);

MODULE_DESCRIPTION("KUnit tests for klab's bridge from interrupts to programs");
MODULE_AUTHOR("klab maintainers");
MODULE_LICENSE("GPL");
MODULE_IMPORT_NS(EXPORTED_FOR_KUNIT_TESTING);
