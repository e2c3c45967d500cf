// SPDX-License-Identifier: GPL-2.0-only
/*
 * Late-bound system calls: the memory for what goes in and what comes out.
 */

#include <linux/cleanup.h>
#include <linux/err.h>
#include <linux/errno.h>
#include <linux/gfp_types.h>
#include <linux/klab_calls.h>
#include <linux/minmax.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/uaccess.h>

#include "calls.h"

/*
 * Copies, and puts a NUL behind. Any user may have this done any number of times,
 * and leave it here for long: it takes no pages in a row, and counts as theirs.
 */
static char *klab_call_dup(unsigned long addr, size_t bytes)
{
	char *copy __free(kvfree) = kvmalloc(bytes + 1, GFP_KERNEL_ACCOUNT | __GFP_NOWARN);

	if (!copy)
		return ERR_PTR(-ENOMEM);
	if (copy_from_user(copy, (const void __user *)addr, bytes))
		return ERR_PTR(-EFAULT);
	copy[bytes] = '\0';
	return no_free_ptr(copy);
}

static int klab_call_copy_string(const struct klab_call_input *input, unsigned long addr,
				 const char **data, size_t *size)
{
	/* With the NUL, and with one more than is there if there is none. */
	long length = strnlen_user((const char __user *)addr, input->max + 1);
	char *copy;

	/* 0 means that, but where no string can begin, UML says -EFAULT. */
	if (length <= 0)
		return -EFAULT;
	if (length > input->max + 1)
		return -E2BIG;
	copy = klab_call_dup(addr, length - 1);
	if (IS_ERR(copy))
		return PTR_ERR(copy);
	*data = copy;
	/* Others may have written to it in between. */
	*size = strlen(copy);
	return 0;
}

static int klab_call_copy_buffer(const struct klab_call_input *input, unsigned long addr,
				 unsigned long bytes, const char **data, size_t *size)
{
	char *copy;

	if (bytes > input->max)
		return -E2BIG;
	copy = klab_call_dup(addr, bytes);
	if (IS_ERR(copy))
		return PTR_ERR(copy);
	*data = copy;
	*size = bytes;
	return 0;
}

static int klab_call_make_room(const struct klab_call_output *output, unsigned long bytes,
			       struct klab_call *call)
{
	size_t size = min_t(unsigned long, bytes, output->max);

	/* What a provider does not write must not be somebody else's. */
	call->out.data = kvzalloc(size, GFP_KERNEL_ACCOUNT | __GFP_NOWARN);
	if (!call->out.data)
		return -ENOMEM;
	call->out.size = size;
	return 0;
}

/* What has been made for a call, of which nothing is left then. */
void klab_call_free(struct klab_call *call)
{
	int i;

	for (i = 0; i < KLAB_CALL_INPUTS; i++)
		kvfree(call->in[i].data);
	kvfree(call->out.data);
	memset(call, 0, sizeof(*call));
}

/*
 * Copies what a provider wants, and makes room for what it returns. It may take as
 * long as who owns the pages likes, so that no provider is to wait for it. Returns
 * 0, -ENOMEM, -EFAULT, or -E2BIG for what is larger than declared.
 */
int klab_call_copy_inputs(const struct klab_call_wishes *wishes,
			  const unsigned long args[KLAB_CALL_ARGS], struct klab_call *call)
{
	int i, err = 0;

	for (i = 0; i < KLAB_CALL_INPUTS && !err; i++) {
		const struct klab_call_input *input = &wishes->in[i];

		if (input->kind == KLAB_CALL_INPUT_STRING)
			err = klab_call_copy_string(input, args[input->addr], &call->in[i].data,
						    &call->in[i].size);
		else if (input->kind == KLAB_CALL_INPUT_BUFFER)
			err = klab_call_copy_buffer(input, args[input->addr], args[input->size],
						    &call->in[i].data, &call->in[i].size);
	}
	if (!err && wishes->out.max)
		err = klab_call_make_room(&wishes->out, args[wishes->out.size], call);
	if (err)
		klab_call_free(call);
	return err;
}
