/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Names, texts and limits of /proc/klab-proc, for the module and for programs
 * that test it: no other header is needed.
 */
#ifndef _KLAB_ATTR_PROC_NAMES_H
#define _KLAB_ATTR_PROC_NAMES_H

#define KLAB_PROC_DIR		"klab-proc"

/* The text that all files show at first: 61 bytes. */
#define KLAB_PROC_TEXT							\
	"alpha-0001 bravo-0002 charlie-003 delta-0004 echo-00005 end.\n"

/* What only the .proc_read of the file "both" shows: 51 bytes. */
#define KLAB_PROC_OTHER_TEXT						\
	"this is the text of .proc_read, a shorter one ....\n"

/* The longest text, in bytes. */
#define KLAB_PROC_TEXT_MAX	160

/* Bytes of the text that are one record of the file "seq". */
#define KLAB_PROC_GROUP		10

#endif /* _KLAB_ATTR_PROC_NAMES_H */
