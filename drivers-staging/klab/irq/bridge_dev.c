// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bridge from interrupts to programs: the node /dev/klab-irq, where each open
 * file is a bridge.
 */
#include <linux/cleanup.h>
#include <linux/compat.h>
#include <linux/err.h>
#include <linux/errno.h>
#include <linux/eventfd.h>
#include <linux/fs.h>
#include <linux/init.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/poll.h>
#include <linux/stddef.h>
#include <linux/uaccess.h>
#include <linux/wait.h>

#include <kunit/visibility.h>

#include "bridge.h"

static int bridge_open(struct inode *inode, struct file *file)
{
	struct klab_irq_bridge *bridge = klab_irq_bridge_create();

	if (!bridge)
		return -ENOMEM;
	file->private_data = bridge;
	return stream_open(inode, file);
}

static int bridge_release(struct inode *inode, struct file *file)
{
	klab_irq_bridge_destroy(file->private_data);
	return 0;
}

static int bridge_fasync(int fd, struct file *file, int on)
{
	struct klab_irq_bridge *bridge = file->private_data;

	return fasync_helper(fd, file, on, &bridge->fasync);
}

static __poll_t bridge_poll(struct file *file, poll_table *table)
{
	struct klab_irq_bridge *bridge = file->private_data;

	poll_wait(file, &bridge->wait, table);
	if (!klab_irq_bridge_attached(bridge))
		return EPOLLERR;
	return klab_irq_bridge_unread(bridge) ? EPOLLIN | EPOLLRDNORM : 0;
}

/*
 * The copy comes before the taking, so that a bad buffer takes nothing; who is
 * overtaken by another reader meanwhile writes a newer event over the old one.
 */
static ssize_t bridge_take(struct klab_irq_bridge *bridge, char __user *buf)
{
	struct klab_irq_event event;
	s64 taken;

	/*
	 * Pairs with the try_cmpxchg() of another reader: @served is not older,
	 * and so not less.
	 */
	taken = atomic64_read_acquire(&bridge->taken);
	do {
		event.seq = atomic64_read(&bridge->served);
		event.count = event.seq - taken;
		if (!event.count)
			return 0;
		event.time_ns = atomic64_read(&bridge->time_ns);
		if (copy_to_user(buf, &event, sizeof(event)))
			return -EFAULT;
	} while (!atomic64_try_cmpxchg(&bridge->taken, &taken, event.seq));

	return sizeof(event);
}

/* -ENOTCONN before the file is attached; one event per call. */
static ssize_t bridge_read(struct file *file, char __user *buf, size_t count,
			   loff_t *pos)
{
	struct klab_irq_bridge *bridge = file->private_data;
	ssize_t ret;

	if (!klab_irq_bridge_attached(bridge))
		return -ENOTCONN;
	if (count < sizeof(struct klab_irq_event))
		return -EINVAL;

	for (;;) {
		ret = bridge_take(bridge, buf);
		if (ret)
			return ret;
		if (file->f_flags & O_NONBLOCK)
			return -EAGAIN;
		ret = wait_event_interruptible(bridge->wait,
					       klab_irq_bridge_unread(bridge));
		if (ret)
			return ret;
	}
}

static int bridge_ioctl_attach(struct klab_irq_bridge *bridge,
			       struct klab_irq_attach __user *user)
{
	struct klab_irq_attach attach = {};
	u32 size;
	int ret;

	if (get_user(size, &user->size))
		return -EFAULT;
	if (size < KLAB_IRQ_ATTACH_SIZE_1)
		return -EINVAL;
	if (size > PAGE_SIZE)
		return -E2BIG;
	ret = copy_struct_from_user(&attach, sizeof(attach), user, size);
	if (ret)
		return ret;
	if (attach.id)
		return -EINVAL;

	ret = klab_irq_bridge_attach(bridge, &attach);
	if (ret)
		return ret;

	/* Too late to undo: others may read already. The file is attached. */
	if (put_user(attach.irq, &user->irq) || put_user(attach.id, &user->id))
		return -EFAULT;
	return 0;
}

static int bridge_ioctl_eventfd(struct klab_irq_bridge *bridge,
				const s32 __user *user)
{
	struct eventfd_ctx *eventfd = NULL;
	s32 fd;

	if (get_user(fd, user))
		return -EFAULT;
	if (fd < -1)
		return -EBADF;
	if (fd >= 0) {
		eventfd = eventfd_ctx_fdget(fd);
		if (IS_ERR(eventfd))
			return PTR_ERR(eventfd);
	}
	klab_irq_bridge_set_eventfd(bridge, eventfd);
	return 0;
}

static int bridge_ioctl_fire(struct klab_irq_bridge *bridge,
			     const struct klab_irq_fire __user *user)
{
	struct klab_irq_fire fire;

	if (copy_from_user(&fire, user, sizeof(fire)))
		return -EFAULT;
	return klab_irq_bridge_fire(bridge, &fire);
}

static int bridge_ioctl_status(struct klab_irq_bridge *bridge,
			       struct klab_irq_status __user *user)
{
	struct klab_irq_status status;

	klab_irq_bridge_status(bridge, &status);
	return copy_to_user(user, &status, sizeof(status)) ? -EFAULT : 0;
}

static long bridge_ioctl(struct file *file, unsigned int command,
			 unsigned long argument)
{
	struct klab_irq_bridge *bridge = file->private_data;
	void __user *user = (void __user *)argument;

	switch (command) {
	case KLAB_IRQ_ATTACH:
		return bridge_ioctl_attach(bridge, user);
	case KLAB_IRQ_EVENTFD:
		return bridge_ioctl_eventfd(bridge, user);
	case KLAB_IRQ_FIRE:
		return bridge_ioctl_fire(bridge, user);
	case KLAB_IRQ_STATUS:
		return bridge_ioctl_status(bridge, user);
	default:
		return -ENOTTY;
	}
}

/* The owner holds the module while a file is open; so no bridge outlives it. */
const struct file_operations klab_irq_bridge_fops = {
	.owner = THIS_MODULE,
	.open = bridge_open,
	.release = bridge_release,
	.read = bridge_read,
	.poll = bridge_poll,
	.fasync = bridge_fasync,
	.unlocked_ioctl = bridge_ioctl,
	/* The structures are the same for callers of 32 bits. */
	.compat_ioctl = compat_ptr_ioctl,
};
EXPORT_SYMBOL_IF_KUNIT(klab_irq_bridge_fops);

static struct miscdevice bridge_node = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "klab-irq",
	.fops = &klab_irq_bridge_fops,
	.mode = 0600,
};

static int __init klab_irq_bridge_init(void)
{
	int err;

	err = klab_irq_netlink_register();
	if (err)
		return err;

	err = misc_register(&bridge_node);
	if (err)
		klab_irq_netlink_unregister();
	return err;
}
module_init(klab_irq_bridge_init);

static void __exit klab_irq_bridge_exit(void)
{
	misc_deregister(&bridge_node);
	klab_irq_netlink_unregister();
}
module_exit(klab_irq_bridge_exit);

MODULE_DESCRIPTION("klab: bridge from interrupts to programs");
MODULE_AUTHOR("klab maintainers");
MODULE_LICENSE("GPL");
MODULE_IMPORT_NS(KLAB_IRQ);
