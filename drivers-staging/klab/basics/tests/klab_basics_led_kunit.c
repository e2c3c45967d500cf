// SPDX-License-Identifier: GPL-2.0-only
/* The LED trigger klab-blink, on an LED that remembers what it was told. */

#include <linux/device.h>
#include <linux/errno.h>
#include <linux/jiffies.h>
#include <linux/kernel.h>
#include <linux/leds.h>
#include <linux/module.h>
#include <linux/rwsem.h>
#include <linux/spinlock.h>
#include <linux/string.h>
#include <linux/sysfs.h>
#include <linux/wait.h>

#include <kunit/device.h>
#include <kunit/test.h>

#include "../../core/klab_fixture.h"
#include "../led.h"

#define LED_MAX		7
#define LED_HISTORY	4
#define LED_TIMEOUT	(10 * HZ)

/**
 * struct fake_led - an LED
 * @cdev: the LED
 * @lock: protects @history and @changes
 * @history: the first values it was set to since led_forget()
 * @changes: how often it was set since then
 * @wait: woken at each change
 */
struct fake_led {
	struct led_classdev cdev;
	spinlock_t lock;	/* history, changes */
	enum led_brightness history[LED_HISTORY];
	unsigned int changes;
	wait_queue_head_t wait;
};

static void fake_led_set(struct led_classdev *cdev,
			 enum led_brightness brightness)
{
	struct fake_led *led = container_of(cdev, struct fake_led, cdev);
	unsigned long flags;

	spin_lock_irqsave(&led->lock, flags);
	if (led->changes < LED_HISTORY)
		led->history[led->changes] = brightness;
	led->changes++;
	spin_unlock_irqrestore(&led->lock, flags);
	wake_up(&led->wait);
}

static void led_forget(struct fake_led *led)
{
	unsigned long flags;

	spin_lock_irqsave(&led->lock, flags);
	led->changes = 0;
	spin_unlock_irqrestore(&led->lock, flags);
}

static unsigned int led_changes(struct fake_led *led)
{
	unsigned int changes;
	unsigned long flags;

	spin_lock_irqsave(&led->lock, flags);
	changes = led->changes;
	spin_unlock_irqrestore(&led->lock, flags);
	return changes;
}

static void led_expect_changes(struct kunit *test, struct fake_led *led,
			       unsigned int changes)
{
	KUNIT_ASSERT_NE(test, 0L,
			wait_event_timeout(led->wait,
					   led_changes(led) >= changes,
					   LED_TIMEOUT));
}

static int led_set_trigger(struct fake_led *led, struct led_trigger *trigger)
{
	int err;

	down_write(&led->cdev.trigger_lock);
	err = led_trigger_set(&led->cdev, trigger);
	up_write(&led->cdev.trigger_lock);
	return err;
}

static ssize_t led_store(struct kunit *test, struct fake_led *led,
			 const char *name, const char *value)
{
	struct attribute **attrs = klab_led_trigger.groups[0]->attrs;
	struct device_attribute *attr;

	for (; *attrs; attrs++) {
		if (strcmp((*attrs)->name, name))
			continue;
		attr = container_of(*attrs, struct device_attribute, attr);
		return attr->store(led->cdev.dev, attr, value, strlen(value));
	}
	KUNIT_FAIL_AND_ABORT(test, "no attribute %s", name);
	return 0;
}

static void led_expect_shown(struct kunit *test, struct fake_led *led,
			     const char *name, const char *value)
{
	struct attribute **attrs = klab_led_trigger.groups[0]->attrs;
	char *page = kunit_kzalloc(test, PAGE_SIZE, GFP_KERNEL);
	struct device_attribute *attr;

	KUNIT_ASSERT_NOT_NULL(test, page);
	while (*attrs && strcmp((*attrs)->name, name))
		attrs++;
	KUNIT_ASSERT_NOT_NULL(test, *attrs);
	attr = container_of(*attrs, struct device_attribute, attr);
	attr->show(led->cdev.dev, attr, page);
	KUNIT_EXPECT_STREQ(test, page, value);
}

KUNIT_DEFINE_ACTION_WRAPPER(led_unregister, led_classdev_unregister,
			    struct led_classdev *);

static int led_test_init(struct kunit *test)
{
	struct fake_led *led = kunit_kzalloc(test, sizeof(*led), GFP_KERNEL);
	struct device *parent = kunit_device_register(test, "klab-led");

	KUNIT_ASSERT_NOT_NULL(test, led);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, parent);

	spin_lock_init(&led->lock);
	init_waitqueue_head(&led->wait);
	led->cdev.name = "klab::kunit";
	led->cdev.max_brightness = LED_MAX;
	led->cdev.brightness_set = fake_led_set;
	KUNIT_ASSERT_EQ(test, 0, led_classdev_register(parent, &led->cdev));
	KUNIT_ASSERT_EQ(test, 0,
			kunit_add_action_or_reset(test, led_unregister,
						  &led->cdev));
	led_forget(led);
	test->priv = led;
	return 0;
}

static struct fake_led *led_active(struct kunit *test)
{
	struct fake_led *led = test->priv;

	KUNIT_ASSERT_EQ(test, 0, led_set_trigger(led, &klab_led_trigger));
	return led;
}

static void klab_basics_led_blinks_on_first(struct kunit *test)
{
	struct fake_led *led = led_active(test);

	KUNIT_ASSERT_GT(test, led_store(test, led, "delay_on", "10"), 0);
	KUNIT_ASSERT_GT(test, led_store(test, led, "delay_off", "10"), 0);
	led_expect_changes(test, led, 4);

	KUNIT_EXPECT_EQ(test, led->history[0], LED_MAX);
	KUNIT_EXPECT_EQ(test, led->history[1], LED_OFF);
	KUNIT_EXPECT_EQ(test, led->history[2], LED_MAX);
	KUNIT_EXPECT_EQ(test, led->history[3], LED_OFF);
}

static void klab_basics_led_delays_have_defaults(struct kunit *test)
{
	struct fake_led *led = led_active(test);

	led_expect_shown(test, led, "delay_on", "500\n");
	led_expect_shown(test, led, "delay_off", "500\n");
}

static void klab_basics_led_delays_are_kept_apart(struct kunit *test)
{
	struct fake_led *led = led_active(test);

	KUNIT_EXPECT_EQ(test, 2, led_store(test, led, "delay_on", "10"));
	KUNIT_EXPECT_EQ(test, 6, led_store(test, led, "delay_off", "60000\n"));
	led_expect_shown(test, led, "delay_on", "10\n");
	led_expect_shown(test, led, "delay_off", "60000\n");
}

struct led_refusal {
	const char *value;
	int err;
};

static const struct led_refusal led_refusals[] = {
	{ "", -EINVAL },
	{ "soon", -EINVAL },
	{ "10 ms", -EINVAL },
	{ "-1", -EINVAL },
	{ "0", -ERANGE },
	{ "9", -ERANGE },
	{ "60001", -ERANGE },
	{ "4294967296", -ERANGE },
};

static void klab_basics_led_delay_out_of_range_refused(struct kunit *test)
{
	struct fake_led *led = led_active(test);
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(led_refusals); i++) {
		KUNIT_EXPECT_EQ_MSG(test, led_refusals[i].err,
				    led_store(test, led, "delay_on",
					      led_refusals[i].value),
				    "\"%s\"", led_refusals[i].value);
		KUNIT_EXPECT_EQ_MSG(test, led_refusals[i].err,
				    led_store(test, led, "delay_off",
					      led_refusals[i].value),
				    "\"%s\"", led_refusals[i].value);
	}
	led_expect_shown(test, led, "delay_on", "500\n");
	led_expect_shown(test, led, "delay_off", "500\n");
}

/* The phase under way would last a minute. */
static void klab_basics_led_new_delay_ends_phase(struct kunit *test)
{
	struct fake_led *led = led_active(test);
	unsigned int changes;

	led_store(test, led, "delay_on", "60000");
	led_store(test, led, "delay_off", "60000");
	led_expect_changes(test, led, 1);

	changes = led_changes(led);
	led_store(test, led, "delay_on", "60000");
	led_expect_changes(test, led, changes + 1);
}

static void klab_basics_led_off_without_trigger(struct kunit *test)
{
	struct fake_led *led = led_active(test);

	led_expect_changes(test, led, 1);
	KUNIT_EXPECT_NOT_NULL(test, led_get_trigger_data(&led->cdev));

	KUNIT_EXPECT_EQ(test, 0, led_set_trigger(led, NULL));
	KUNIT_EXPECT_NULL(test, led_get_trigger_data(&led->cdev));
	KUNIT_EXPECT_EQ(test, LED_OFF, led->cdev.brightness);
}

static void klab_basics_led_default_trigger_is_found(struct kunit *test)
{
	struct fake_led *led = test->priv;

	led->cdev.default_trigger = "klab-blink";
	led_trigger_set_default(&led->cdev);

	KUNIT_EXPECT_PTR_EQ(test, led->cdev.trigger, &klab_led_trigger);
	led_expect_changes(test, led, 1);
}

/* What happens when the module is unloaded: the LED is freed of it. */
static void klab_basics_led_unregister_while_active(struct kunit *test)
{
	struct fake_led *led = led_active(test);

	led_expect_changes(test, led, 1);
	led_trigger_unregister(&klab_led_trigger);

	KUNIT_EXPECT_NULL(test, led->cdev.trigger);
	KUNIT_EXPECT_EQ(test, LED_OFF, led->cdev.brightness);
	KUNIT_EXPECT_EQ(test, 0, led_trigger_register(&klab_led_trigger));
}

/* What happens when a keyboard is unplugged. */
static void klab_basics_led_gone_while_active(struct kunit *test)
{
	struct fake_led *led = led_active(test);

	led_expect_changes(test, led, 1);
	kunit_release_action(test, led_unregister, &led->cdev);

	KUNIT_EXPECT_NULL(test, led->cdev.trigger);
}

static int led_step(struct kunit *test)
{
	struct fake_led *led = test->priv;
	int err = led_set_trigger(led, &klab_led_trigger);

	if (!err)
		err = led_set_trigger(led, NULL);
	return err;
}

static void klab_basics_led_activate_survives_no_memory(struct kunit *test)
{
	struct fake_led *led = test->priv;

	klab_kunit_each_failure(test, led_step);
	KUNIT_EXPECT_NULL(test, led->cdev.trigger);
}

static struct kunit_case led_cases[] = {
	KUNIT_CASE(klab_basics_led_blinks_on_first),
	KUNIT_CASE(klab_basics_led_delays_have_defaults),
	KUNIT_CASE(klab_basics_led_delays_are_kept_apart),
	KUNIT_CASE(klab_basics_led_delay_out_of_range_refused),
	KUNIT_CASE(klab_basics_led_new_delay_ends_phase),
	KUNIT_CASE(klab_basics_led_off_without_trigger),
	KUNIT_CASE(klab_basics_led_default_trigger_is_found),
	KUNIT_CASE(klab_basics_led_unregister_while_active),
	KUNIT_CASE(klab_basics_led_gone_while_active),
	KUNIT_CASE(klab_basics_led_activate_survives_no_memory),
	{}
};

static struct kunit_suite led_suite = {
	.name = "klab_basics_led",
	.init = led_test_init,
	.test_cases = led_cases,
};

kunit_test_suite(led_suite);

MODULE_DESCRIPTION("KUnit tests for klab's LED trigger");
MODULE_AUTHOR("klab maintainers");
MODULE_LICENSE("GPL");
MODULE_IMPORT_NS(EXPORTED_FOR_KUNIT_TESTING);
