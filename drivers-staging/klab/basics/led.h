/* SPDX-License-Identifier: GPL-2.0-only */
/* The LED trigger klab-blink. */
#ifndef _KLAB_BASICS_LED_H
#define _KLAB_BASICS_LED_H

#define KLAB_LED_DELAY_MIN_MS	10
#define KLAB_LED_DELAY_MAX_MS	60000
#define KLAB_LED_DELAY_MS	500	/* until it is set */

struct led_trigger;

#if IS_ENABLED(CONFIG_KUNIT)
extern struct led_trigger klab_led_trigger;
#endif

#endif /* _KLAB_BASICS_LED_H */
