// SPDX-License-Identifier: GPL-2.0-only
/*
 * The smallest right module: a line when it comes, a line when it goes.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/init.h>
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/printk.h>

/*
 * Gone, with the code of init, as soon as init has returned. A parameter may
 * live here only with mode 0: a file in sysfs would read freed memory. A
 * charp may not even then, as unloading frees the string that it points to.
 */
static unsigned int number __initdata = 42;
module_param(number, uint, 0);
MODULE_PARM_DESC(number, "A number to say while loading (default 42)");

static int __init klab_basics_hello_init(void)
{
	pr_info("hello, %u\n", number);
	return 0;
}
module_init(klab_basics_hello_init);

static void __exit klab_basics_hello_exit(void)
{
	pr_info("bye\n");
}
module_exit(klab_basics_hello_exit);

MODULE_DESCRIPTION("klab: the smallest module");
MODULE_AUTHOR("klab maintainers");
MODULE_LICENSE("GPL");
