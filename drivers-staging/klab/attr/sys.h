/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Attributes in /sys: of a class, of devices in a hierarchy, of kobjects.
 */
#ifndef _KLAB_ATTR_SYS_H
#define _KLAB_ATTR_SYS_H

#include <linux/device.h>
#include <linux/device/class.h>
#include <linux/kobject.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/sysfs.h>
#include <linux/types.h>

/* Longest text. */
#define KLAB_ATTR_TEXT_MAX	160

#define KLAB_ATTR_LEVELS_MAX	8
#define KLAB_ATTR_OBJECTS_MAX	1024

/**
 * struct klab_attr_text - a text that is shown and taken
 * @lock: makes a text one that somebody has written as a whole
 * @text: the text
 */
struct klab_attr_text {
	struct mutex lock;	/* the text */
	char text[KLAB_ATTR_TEXT_MAX + 1];
};

#define KLAB_ATTR_TEXT_INIT(_name, _text) {				\
	.lock = __MUTEX_INITIALIZER((_name).lock),			\
	.text = _text,							\
}

/**
 * struct klab_attr_device - a device that there is not
 * @dev: in the device model; owns this structure
 * @level: how many are above it
 * @data: its text
 */
struct klab_attr_device {
	struct device dev;
	unsigned int level;
	struct klab_attr_text data;
};

/**
 * struct klab_attr_devices - devices, each the parent of the next
 * @levels: how many there are
 * @device: the devices
 */
struct klab_attr_devices {
	unsigned int levels;
	struct klab_attr_device *device[KLAB_ATTR_LEVELS_MAX];
};

/**
 * struct klab_attr_set - a set of objects that all look the same
 * @kset: its directory; owns this structure
 * @lock: keeps changes of the number apart: @objects and @count
 * @objects: the objects, newest first
 * @count: how many there are
 * @gone: completed when the set and all its objects are released
 */
struct klab_attr_set {
	struct kset kset;
	struct mutex lock;	/* objects and count */
	struct list_head objects;
	unsigned int count;
	struct completion *gone;
};

/**
 * struct klab_attr_object - one of the set
 * @kobj: its directory; owns this structure
 * @node: in the list of the set
 * @number: its place in the set
 * @value: the value that users give it
 */
struct klab_attr_object {
	struct kobject kobj;
	struct list_head node;
	unsigned int number;
	int value;
};

/**
 * struct klab_attr_object_attr - an attribute of such objects
 * @attr: name and mode
 * @show: as in struct kobj_attribute
 * @store: as in struct kobj_attribute
 */
struct klab_attr_object_attr {
	struct attribute attr;
	ssize_t (*show)(struct klab_attr_object *object, char *buf);
	ssize_t (*store)(struct klab_attr_object *object, const char *buf,
			 size_t count);
};

/* sys_text.c */
void klab_attr_text_init(struct klab_attr_text *text, const char *first);
ssize_t klab_attr_text_show(struct klab_attr_text *text, char *buf);
ssize_t klab_attr_text_store(struct klab_attr_text *text, const char *buf,
			     size_t count);

/* sys_class.c */
extern const struct class klab_attr_class;

/* sys_family.c */
extern const struct attribute_group klab_attr_family_group;

/* sys_fault.c */
extern const struct attribute_group klab_attr_fault_group;

/* sys_device.c */
extern const struct attribute_group *klab_attr_device_groups[];
struct klab_attr_devices *klab_attr_devices_create(const char *name,
						   unsigned int levels,
						   dev_t devt);
void klab_attr_devices_destroy(struct klab_attr_devices *devices);
int klab_attr_device_uevent(const struct device *dev,
			    struct kobj_uevent_env *env);

/* kobj_set.c */
struct klab_attr_set *klab_attr_set_create(const char *name,
					   unsigned int count);
void klab_attr_set_destroy(struct klab_attr_set *set);
int klab_attr_set_resize(struct klab_attr_set *set, unsigned int count);

/* kobj_object.c */
int klab_attr_object_add(struct klab_attr_set *set);
void klab_attr_object_remove(struct klab_attr_set *set);

#endif /* _KLAB_ATTR_SYS_H */
