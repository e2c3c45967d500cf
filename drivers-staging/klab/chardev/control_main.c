// SPDX-License-Identifier: GPL-2.0-only
/*
 * The control device: module and node.
 */
#include <linux/compat.h>
#include <linux/fs.h>
#include <linux/init.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/mutex.h>

#include "control.h"

static struct klab_control the_control;

static ssize_t control_read(struct file *file, char __user *buf, size_t count,
			    loff_t *pos)
{
	return klab_control_read(&the_control, buf, count, pos);
}

static ssize_t control_write(struct file *file, const char __user *buf,
			     size_t count, loff_t *pos)
{
	return klab_control_write(&the_control, buf, count);
}

static long control_ioctl(struct file *file, unsigned int command,
			  unsigned long argument)
{
	return klab_control_command(&the_control, file->f_mode, command,
				    (void __user *)argument);
}

static const struct file_operations control_fops = {
	.owner = THIS_MODULE,
	.open = klab_control_open,
	.read = control_read,
	.write = control_write,
	.llseek = default_llseek,
	.unlocked_ioctl = control_ioctl,
	/* The structures are the same for callers of 32 bits. */
	.compat_ioctl = compat_ptr_ioctl,
};

static struct miscdevice control_node = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "klab-control",
	.fops = &control_fops,
	.mode = 0644,
};

static int __init klab_control_module_init(void)
{
	klab_control_init(&the_control);
	return misc_register(&control_node);
}
module_init(klab_control_module_init);

static void __exit klab_control_module_exit(void)
{
	misc_deregister(&control_node);
	mutex_destroy(&the_control.lock);
}
module_exit(klab_control_module_exit);

MODULE_DESCRIPTION("klab: device with control operations");
MODULE_AUTHOR("klab maintainers");
MODULE_LICENSE("GPL");
