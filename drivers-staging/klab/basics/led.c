// SPDX-License-Identifier: GPL-2.0-only
/*
 * The LED trigger klab-blink: an LED that it is given to goes on and off, for
 * as long each as its attributes delay_on and delay_off say.
 *
 * Keyboards offer their LEDs as LEDs (CONFIG_INPUT_LEDS), so that a module
 * that wants them to blink needs neither the console nor the keyboard
 * controller.
 */

#include <linux/compiler.h>
#include <linux/device.h>
#include <linux/errno.h>
#include <linux/jiffies.h>
#include <linux/kstrtox.h>
#include <linux/leds.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/sysfs.h>
#include <linux/timer.h>

#include <kunit/visibility.h>

#include "../core/klab_text.h"
#include "led.h"

/**
 * struct klab_led - an LED that blinks
 * @led: the LED
 * @timer: the end of a phase
 * @lock: protects @on and the delays; @timer is armed under it, so that an old
 *	delay never overrules a new one
 * @on: the phase
 * @delay_on: length of the phase on, ms
 * @delay_off: length of the phase off, ms
 */
struct klab_led {
	struct led_classdev *led;
	struct timer_list timer;
	spinlock_t lock;	/* the phase and its delays */
	bool on;
	unsigned int delay_on;
	unsigned int delay_off;
};

static bool klab_led_next_phase(struct klab_led *blink)
{
	unsigned int delay;
	bool on;

	spin_lock(&blink->lock);
	on = !blink->on;
	blink->on = on;
	delay = on ? blink->delay_on : blink->delay_off;
	mod_timer(&blink->timer, jiffies + msecs_to_jiffies(delay));
	spin_unlock(&blink->lock);
	return on;
}

static void klab_led_phase_end(struct timer_list *timer)
{
	struct klab_led *blink = from_timer(blink, timer, timer);
	bool on = klab_led_next_phase(blink);

	led_set_brightness(blink->led,
			   on ? blink->led->max_brightness : LED_OFF);
}

static ssize_t klab_led_store(struct klab_led *blink, const char *buf,
			      size_t size, unsigned int *delay)
{
	unsigned int ms;
	int err;

	if (!klab_text_is_whole(buf, size))
		return -EINVAL;
	err = kstrtouint(buf, 0, &ms);
	if (err)
		return err;
	if (ms < KLAB_LED_DELAY_MIN_MS || ms > KLAB_LED_DELAY_MAX_MS)
		return -ERANGE;

	spin_lock_bh(&blink->lock);
	WRITE_ONCE(*delay, ms);
	/* Nobody wants to sit out the rest of a long phase. */
	mod_timer(&blink->timer, jiffies);
	spin_unlock_bh(&blink->lock);
	return size;
}

static ssize_t delay_on_show(struct device *dev, struct device_attribute *attr,
			     char *buf)
{
	struct klab_led *blink = led_trigger_get_drvdata(dev);

	return sysfs_emit(buf, "%u\n", READ_ONCE(blink->delay_on));
}

static ssize_t delay_on_store(struct device *dev, struct device_attribute *attr,
			      const char *buf, size_t size)
{
	struct klab_led *blink = led_trigger_get_drvdata(dev);

	return klab_led_store(blink, buf, size, &blink->delay_on);
}
static DEVICE_ATTR_RW(delay_on);

static ssize_t delay_off_show(struct device *dev, struct device_attribute *attr,
			      char *buf)
{
	struct klab_led *blink = led_trigger_get_drvdata(dev);

	return sysfs_emit(buf, "%u\n", READ_ONCE(blink->delay_off));
}

static ssize_t delay_off_store(struct device *dev,
			       struct device_attribute *attr, const char *buf,
			       size_t size)
{
	struct klab_led *blink = led_trigger_get_drvdata(dev);

	return klab_led_store(blink, buf, size, &blink->delay_off);
}
static DEVICE_ATTR_RW(delay_off);

static struct attribute *klab_led_attrs[] = {
	&dev_attr_delay_on.attr,
	&dev_attr_delay_off.attr,
	NULL
};
ATTRIBUTE_GROUPS(klab_led);

static int klab_led_activate(struct led_classdev *led)
{
	struct klab_led *blink = kzalloc_obj(*blink);

	if (!blink)
		return -ENOMEM;

	blink->led = led;
	spin_lock_init(&blink->lock);
	blink->delay_on = KLAB_LED_DELAY_MS;
	blink->delay_off = KLAB_LED_DELAY_MS;
	timer_setup(&blink->timer, klab_led_phase_end, 0);
	led_set_trigger_data(led, blink);

	mod_timer(&blink->timer, jiffies);
	return 0;
}

/* The attributes are gone by now; the LED core turns the LED off afterwards. */
static void klab_led_deactivate(struct led_classdev *led)
{
	struct klab_led *blink = led_get_trigger_data(led);

	timer_shutdown_sync(&blink->timer);
	kfree(blink);
}

VISIBLE_IF_KUNIT struct led_trigger klab_led_trigger = {
	.name = "klab-blink",
	.activate = klab_led_activate,
	.deactivate = klab_led_deactivate,
	.groups = klab_led_groups,
};
EXPORT_SYMBOL_IF_KUNIT(klab_led_trigger);

module_led_trigger(klab_led_trigger);

MODULE_DESCRIPTION("klab: LED trigger klab-blink");
MODULE_AUTHOR("klab maintainers");
MODULE_LICENSE("GPL");
MODULE_ALIAS("ledtrig:klab-blink");
