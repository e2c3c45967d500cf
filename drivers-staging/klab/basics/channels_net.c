// SPDX-License-Identifier: GPL-2.0-only
/*
 * The channel network: an interface that receives nothing, drops what is sent,
 * and whose number of received packets is the value.
 */
#include <linux/etherdevice.h>
#include <linux/netdevice.h>
#include <linux/skbuff.h>

#include "channels.h"

struct klab_channels_net {
	struct klab_channels *channels;
};

/* Counted per CPU by the core, which adds it to what get_stats64 says. */
static netdev_tx_t klab_channels_net_xmit(struct sk_buff *skb,
					  struct net_device *dev)
{
	dev_core_stats_tx_dropped_inc(dev);
	dev_kfree_skb(skb);
	return NETDEV_TX_OK;
}

static void klab_channels_net_stats(struct net_device *dev,
				    struct rtnl_link_stats64 *stats)
{
	struct klab_channels_net *net = netdev_priv(dev);

	stats->rx_packets = klab_channels_get(net->channels);
}

static const struct net_device_ops klab_channels_net_ops = {
	.ndo_start_xmit		= klab_channels_net_xmit,
	.ndo_get_stats64	= klab_channels_net_stats,
	.ndo_set_mac_address	= eth_mac_addr,
	.ndo_validate_addr	= eth_validate_addr,
};

static void klab_channels_net_setup(struct net_device *dev)
{
	ether_setup(dev);
	dev->netdev_ops = &klab_channels_net_ops;
	dev->flags |= IFF_NOARP;
	dev->flags &= ~IFF_MULTICAST;
	dev->priv_flags |= IFF_NO_QUEUE;
	eth_hw_addr_random(dev);
}

/**
 * klab_channels_net_add() - makes the network interface
 * @channels: whose value its statistics give
 *
 * The kernel fills in the number of the name: the first that is free.
 *
 * Context: process, takes the lock of network configuration.
 * Return: 0 or a negative error.
 */
int klab_channels_net_add(struct klab_channels *channels)
{
	struct klab_channels_net *net;
	struct net_device *dev;
	int err;

	dev = alloc_netdev(sizeof(*net), "klab%d", NET_NAME_ENUM,
			   klab_channels_net_setup);
	if (!dev)
		return -ENOMEM;

	net = netdev_priv(dev);
	net->channels = channels;
	channels->net = dev;

	err = register_netdev(dev);
	if (err)
		free_netdev(dev);
	return err;
}

/**
 * klab_channels_net_remove() - takes the network interface away
 * @channels: whose
 *
 * Context: process, takes the lock of network configuration, waits for users.
 */
void klab_channels_net_remove(struct klab_channels *channels)
{
	unregister_netdev(channels->net);
	free_netdev(channels->net);
}
