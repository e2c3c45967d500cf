/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * One function of each kind of export.
 */
#ifndef _KLAB_TEST_EXPORT_H
#define _KLAB_TEST_EXPORT_H

int klab_test_export_plain(void);
int klab_test_export_gpl(void);
int klab_test_export_namespaced(void);

#endif /* _KLAB_TEST_EXPORT_H */
