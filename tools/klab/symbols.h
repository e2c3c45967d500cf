/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the parts of klab symbols share.
 */
#ifndef _KLAB_SYMBOLS_H
#define _KLAB_SYMBOLS_H

struct kallsyms;
struct options;
struct symvers;

/* symbols.c */
int symbols_read_proc(struct kallsyms *kallsyms);
int symbols_add_ksymtab(struct symvers *symvers,
			const struct kallsyms *kallsyms);

/* symbols_find.c */
int symbols_find(const struct options *options);

#endif /* _KLAB_SYMBOLS_H */
