/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * An object with all that klab modcheck looks at in a module, made without a
 * kernel. It is never loaded.
 */

	.section ".modinfo", "a", %progbits
	.asciz "license=GPL"
	.asciz "description=A \"fake\" module"
	.asciz "depends=fake_dep,other_dep"
	.asciz "name=fake_module"
	.asciz "vermagic=6.12.117 SMP preempt mod_unload "
	.asciz "srcversion=0123456789ABCDEF"
	.asciz "parm=count:how many"
	.asciz "parmtype=count:int"

	.section "__versions", "a", %progbits
	.balign 64
	.dc.a 0x1234
	.asciz "module_layout"
	.balign 64
	.dc.a 0x12345678
	.asciz "_printk"
	.balign 64

	.section "__ksymtab_strings", "a", %progbits
__kstrtabns_fake_export:
	.asciz "FAKE_NS"
__kstrtabns_fake_plain:
	.asciz ""

	.section "__ksymtab_gpl", "a", %progbits
__ksymtab_fake_export:
	.fill 12

	.section "__ksymtab", "a", %progbits
__ksymtab_fake_plain:
	.fill 12

	.section ".gnu.linkonce.this_module", "aw", %progbits
	.fill 64

	.section ".init.text", "ax", %progbits
	.globl init_module
init_module:
	.fill 32

	.section ".exit.text", "ax", %progbits
	.globl cleanup_module
cleanup_module:
	.fill 16

	.data
	.weak maybe_there
	.dc.a _printk
	.dc.a gpl_only_function
	.dc.a maybe_there

	.section ".note.GNU-stack", "", %progbits
