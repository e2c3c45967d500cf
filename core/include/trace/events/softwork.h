/* SPDX-License-Identifier: GPL-2.0-only */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM softwork

#if !defined(_TRACE_SOFTWORK_H) || defined(TRACE_HEADER_MULTI_READ)
#define _TRACE_SOFTWORK_H

#include <linux/softwork.h>
#include <linux/tracepoint.h>

DECLARE_EVENT_CLASS(softwork_func,
		    TP_PROTO(struct softwork *work),
		    TP_ARGS(work),
		    TP_STRUCT__entry(__field(void *, work)
				     __field(void *, func)),
		    TP_fast_assign(__entry->work = work;
				   __entry->func = work->func;),
		    TP_printk("work=%p func=%ps", __entry->work, __entry->func)
);

/**
 * softwork_queue - called when an item is put into a CPU's queue, or left to
 *	the CPU where it is running
 * @work: the item
 */
DEFINE_EVENT(softwork_func, softwork_queue,
	     TP_PROTO(struct softwork *work),
	     TP_ARGS(work)
);

/**
 * softwork_entry - called immediately before an item's function
 * @work: the item
 *
 * Together with softwork_exit it gives the time that the function takes.
 */
DEFINE_EVENT(softwork_func, softwork_entry,
	     TP_PROTO(struct softwork *work),
	     TP_ARGS(work)
);

/**
 * softwork_exit - called immediately after an item's function has returned
 * @work: the item, which may no longer exist
 *
 * The softwork_entry before it on the same CPU is of the same item.
 */
TRACE_EVENT(softwork_exit,
	    TP_PROTO(struct softwork *work),
	    TP_ARGS(work),
	    TP_STRUCT__entry(__field(void *, work)),
	    TP_fast_assign(__entry->work = work;),
	    TP_printk("work=%p", __entry->work)
);

#endif /* _TRACE_SOFTWORK_H */

#include <trace/define_trace.h>
