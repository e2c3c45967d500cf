// SPDX-License-Identifier: GPL-2.0-only
/*
 * Writes to memory of this module and of the kernel, in the way that survives a
 * refusal: to read a parameter is to try, and the answer is 0 or an error. What
 * is written is what is there, so that nothing changes where nothing is
 * protected.
 */
#include <linux/cache.h>
#include <linux/compiler.h>
#include <linux/ctype.h>
#include <linux/errno.h>
#include <linux/init.h>
#include <linux/kconfig.h>
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/sysfs.h>
#include <linux/timekeeping.h>
#include <linux/types.h>
#include <linux/uaccess.h>

static u8 variable = 1;
static const u8 constant = 2;
static u8 settled __ro_after_init = 3;

static int klab_test_write(u8 *to)
{
	u8 value = READ_ONCE(*to);

	pagefault_disable();
	__put_kernel_nofault(to, &value, u8, refused);
	pagefault_enable();
	return 0;

refused:
	pagefault_enable();
	return -EFAULT;
}

static int klab_test_write_get(char *buf, const struct kernel_param *kp)
{
	return sysfs_emit(buf, "%d\n", klab_test_write(kp->arg));
}

static const struct kernel_param_ops klab_test_write_ops = {
	.get = klab_test_write_get,
};
module_param_cb(variable, &klab_test_write_ops, &variable, 0400);
MODULE_PARM_DESC(variable, "a variable of this module");
module_param_cb(constant, &klab_test_write_ops, (void *)&constant, 0400);
MODULE_PARM_DESC(constant, "a constant of this module");
module_param_cb(settled, &klab_test_write_ops, &settled, 0400);
MODULE_PARM_DESC(settled, "what only init may change");
module_param_cb(code, &klab_test_write_ops, klab_test_write, 0400);
MODULE_PARM_DESC(code, "a function of this module");

/* Without the protection, UML has its own text from a file, and dies of this. */
#ifdef CONFIG_STRICT_KERNEL_RWX
module_param_cb(kernel_constant, &klab_test_write_ops, (void *)_ctype, 0400);
MODULE_PARM_DESC(kernel_constant, "a table of the kernel");
module_param_cb(kernel_code, &klab_test_write_ops, ktime_get_mono_fast_ns, 0400);
MODULE_PARM_DESC(kernel_code, "a function of the kernel");
#endif

static bool strict = IS_ENABLED(CONFIG_STRICT_MODULE_RWX);
module_param(strict, bool, 0400);
MODULE_PARM_DESC(strict, "the kernel protects the memory of modules");

static int __init klab_test_write_init(void)
{
	settled++;
	return 0;
}
module_init(klab_test_write_init);

static void __exit klab_test_write_exit(void)
{
}
module_exit(klab_test_write_exit);

MODULE_DESCRIPTION("klab selftest: tries to write where nobody may");
MODULE_AUTHOR("klab maintainers");
MODULE_LICENSE("GPL");
