// SPDX-License-Identifier: GPL-2.0-only
/*
 * Devices that there are not, for the directories that devices have. Each is
 * the parent of the next. Their attributes are there before user space is told
 * of them, since the device core knows them when it adds the device; one that
 * is created afterwards comes too late for who reads it at the event.
 */
#include <linux/container_of.h>
#include <linux/device.h>
#include <linux/err.h>
#include <linux/export.h>
#include <linux/kdev_t.h>
#include <linux/kobject.h>
#include <linux/slab.h>
#include <linux/sysfs.h>

#include <kunit/visibility.h>

#include "sys.h"

#define to_attr_device(_dev)						\
	container_of_const(_dev, struct klab_attr_device, dev)

static ssize_t data_show(struct device *dev, struct device_attribute *attr,
			 char *buf)
{
	return klab_attr_text_show(&to_attr_device(dev)->data, buf);
}

static ssize_t data_store(struct device *dev, struct device_attribute *attr,
			  const char *buf, size_t count)
{
	return klab_attr_text_store(&to_attr_device(dev)->data, buf, count);
}
static DEVICE_ATTR_RW(data);

static struct attribute *klab_attr_device_attrs[] = {
	&dev_attr_data.attr,
	NULL
};

static const struct attribute_group klab_attr_device_group = {
	.attrs = klab_attr_device_attrs,
};

static ssize_t level_show(struct device *dev, struct device_attribute *attr,
			  char *buf)
{
	return sysfs_emit(buf, "%u\n", to_attr_device(dev)->level);
}
static DEVICE_ATTR_RO(level);

static ssize_t above_show(struct device *dev, struct device_attribute *attr,
			  char *buf)
{
	/* It stays as long as this one is there. */
	return sysfs_emit(buf, "%s\n", dev_name(dev->parent));
}
static DEVICE_ATTR_RO(above);

static struct attribute *klab_attr_place_attrs[] = {
	&dev_attr_level.attr,
	&dev_attr_above.attr,
	NULL
};

/* The first one has nothing above it. */
static umode_t klab_attr_place_visible(struct kobject *kobj,
				       struct attribute *attr, int index)
{
	if (attr == &dev_attr_above.attr &&
	    !to_attr_device(kobj_to_dev(kobj))->level)
		return 0;
	return attr->mode;
}

static const struct attribute_group klab_attr_place_group = {
	.name = "place",
	.attrs = klab_attr_place_attrs,
	.is_visible = klab_attr_place_visible,
};

const struct attribute_group *klab_attr_device_groups[] = {
	&klab_attr_device_group,
	&klab_attr_place_group,
	NULL
};

/**
 * klab_attr_device_uevent() - what an event of a device says besides
 * @dev: the device
 * @env: gets the level
 *
 * Return: 0 or -ENOMEM.
 */
int klab_attr_device_uevent(const struct device *dev,
			    struct kobj_uevent_env *env)
{
	return add_uevent_var(env, "KLAB_LEVEL=%u",
			      to_attr_device(dev)->level);
}

static void klab_attr_device_release(struct device *dev)
{
	kfree(to_attr_device(dev));
}

static struct klab_attr_device *
klab_attr_device_create(const char *name, unsigned int level, dev_t devt,
			struct device *parent)
{
	struct klab_attr_device *device = kzalloc_obj(*device);
	int err;

	if (!device)
		return ERR_PTR(-ENOMEM);

	device_initialize(&device->dev);
	device->dev.class = &klab_attr_class;
	device->dev.parent = parent;
	device->dev.devt = devt;
	device->dev.release = klab_attr_device_release;
	device->level = level;
	klab_attr_text_init(&device->data, "not initialised data");

	err = dev_set_name(&device->dev, "%s%u", name, level);
	if (!err)
		err = device_add(&device->dev);
	if (err) {
		put_device(&device->dev);
		return ERR_PTR(err);
	}
	return device;
}

/**
 * klab_attr_devices_create() - makes devices, each below the other
 * @name: of each, with its level behind
 * @levels: how many, 1 to KLAB_ATTR_LEVELS_MAX
 * @devt: number of the first one's node, or 0 for no nodes
 *
 * Nothing is behind the nodes: who opens one gets ENXIO.
 *
 * Context: process, may sleep.
 * Return: the devices, or an ERR_PTR(): -ENOMEM, -EINVAL for @levels, or what
 * device_add() says.
 */
struct klab_attr_devices *klab_attr_devices_create(const char *name,
						   unsigned int levels,
						   dev_t devt)
{
	struct klab_attr_devices *devices;
	struct klab_attr_device *device;
	struct device *parent = NULL;
	unsigned int i;

	if (!levels || levels > KLAB_ATTR_LEVELS_MAX)
		return ERR_PTR(-EINVAL);
	devices = kzalloc_obj(*devices);
	if (!devices)
		return ERR_PTR(-ENOMEM);

	for (i = 0; i < levels; i++) {
		device = klab_attr_device_create(name, i, devt ? devt + i : 0,
						 parent);
		if (IS_ERR(device)) {
			klab_attr_devices_destroy(devices);
			return ERR_CAST(device);
		}
		devices->device[devices->levels++] = device;
		parent = &device->dev;
	}
	return devices;
}
EXPORT_SYMBOL_IF_KUNIT(klab_attr_devices_create);

/**
 * klab_attr_devices_destroy() - takes them away, the lowest first
 * @devices: from klab_attr_devices_create()
 *
 * Context: process, waits for callers of the attributes.
 */
void klab_attr_devices_destroy(struct klab_attr_devices *devices)
{
	while (devices->levels)
		device_unregister(&devices->device[--devices->levels]->dev);
	kfree(devices);
}
EXPORT_SYMBOL_IF_KUNIT(klab_attr_devices_destroy);
