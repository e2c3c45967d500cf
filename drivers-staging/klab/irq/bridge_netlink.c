// SPDX-License-Identifier: GPL-2.0-only
/* Bridge from interrupts to programs: messages to listeners on netlink. */

#include <linux/atomic.h>
#include <linux/gfp_types.h>
#include <linux/module.h>
#include <linux/skbuff.h>

#include <net/genetlink.h>
#include <net/net_namespace.h>
#include <net/netlink.h>

#include "bridge.h"

/* Numbers and times of interrupts are not for everybody: keystrokes are some. */
static const struct genl_multicast_group groups[] = {
	{ .name = KLAB_IRQ_GROUP, .flags = GENL_MCAST_CAP_SYS_ADMIN },
};

/* No commands, and only for the initial network namespace. */
static struct genl_family family __ro_after_init = {
	.name = KLAB_IRQ_FAMILY,
	.version = KLAB_IRQ_FAMILY_VERSION,
	.maxattr = KLAB_IRQ_A_MAX,
	.module = THIS_MODULE,
	.mcgrps = groups,
	.n_mcgrps = ARRAY_SIZE(groups),
};

#define MESSAGE_SIZE	(2 * nla_total_size(sizeof(u32)) +		\
			 3 * nla_total_size_64bit(sizeof(u64)))

static struct sk_buff *event_message(struct klab_irq_bridge *bridge, u64 seq)
{
	u64 time = atomic64_read(&bridge->time_ns);
	u64 count = seq - bridge->told;
	struct sk_buff *skb;
	void *header;

	skb = genlmsg_new(MESSAGE_SIZE, GFP_ATOMIC | __GFP_NOWARN);
	if (!skb)
		return NULL;

	header = genlmsg_put(skb, 0, 0, &family, 0, KLAB_IRQ_CMD_EVENT);
	if (!header ||
	    nla_put_u32(skb, KLAB_IRQ_A_ID, bridge->id) ||
	    nla_put_u32(skb, KLAB_IRQ_A_IRQ, bridge->irq) ||
	    nla_put_u64_64bit(skb, KLAB_IRQ_A_SEQ, seq, KLAB_IRQ_A_PAD) ||
	    nla_put_u64_64bit(skb, KLAB_IRQ_A_COUNT, count, KLAB_IRQ_A_PAD) ||
	    nla_put_u64_64bit(skb, KLAB_IRQ_A_TIME, time, KLAB_IRQ_A_PAD)) {
		nlmsg_free(skb);
		return NULL;
	}
	genlmsg_end(skb, header);
	return skb;
}

/**
 * klab_irq_bridge_tell() - sends a message about new interrupts
 * @bridge: the bridge
 * @seq: how many there have been
 *
 * A message that cannot be made is made up for by the next one. One that a
 * listener has no room for is lost to that listener, who gets ENOBUFS and sees
 * a gap in the sequence.
 *
 * Context: softirq; from the bridge's own softwork only.
 */
void klab_irq_bridge_tell(struct klab_irq_bridge *bridge, u64 seq)
{
	struct sk_buff *skb;

	if (genl_has_listeners(&family, &init_net, 0)) {
		skb = event_message(bridge, seq);
		if (!skb) {
			atomic64_inc(&bridge->failed);
			return;
		}
		if (genlmsg_multicast(&family, skb, 0, 0, GFP_ATOMIC) != -ESRCH)
			atomic64_inc(&bridge->messages);
	}
	bridge->told = seq;
}

/**
 * klab_irq_netlink_register() - makes the family known
 *
 * Context: process, may sleep.
 * Return: 0 or a negative error.
 */
int __init klab_irq_netlink_register(void)
{
	return genl_register_family(&family);
}

/**
 * klab_irq_netlink_unregister() - takes the family back
 *
 * Context: process, may sleep; no bridge is left.
 */
void klab_irq_netlink_unregister(void)
{
	genl_unregister_family(&family);
}
