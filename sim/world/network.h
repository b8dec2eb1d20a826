// SPDX-License-Identifier: ISC
/* world/network - what lies between machines: latency, addresses that do not answer
 *
 * Unix sockets and loopback have no latency. Without a seed every packet between two machines
 * takes the same time; with one, up to NETWORK_JITTER_NS more is drawn for each ("latency", of
 * the machine that sends): so little that a whole delivery still takes less than the second in which scenarios count.
 *
 * Blocks    never
 */
#ifndef WORLD_NETWORK_H
#define WORLD_NETWORK_H

#include <stdint.h>

#include "base/list.h"
#include "base/map.h"
#include "sys/net.h"

struct disk_inode;
struct machine;
struct socket;
struct world;

enum { NETWORK_JITTER_NS = 10 * 1000 * 1000, NETWORK_BLOCKS_MAX = 10000 };

/* How an address answers to connections and datagrams. */
enum network_block {
    NETWORK_OPEN,                /* as its machine does */
    NETWORK_REFUSE,              /* refused */
    NETWORK_UNREACHABLE,         /* -ERR_UNREACHABLE */
    NETWORK_NETWORK_UNREACHABLE, /* -ERR_NETWORK_UNREACHABLE */
    NETWORK_BLACKHOLE,           /* nothing comes back, also on connections that are open */
};

/* Of an IP address; its port 0 means all ports. An address that no machine has is UNREACHABLE
 * unless blocked otherwise. NETWORK_OPEN removes the block. */
void network_block(struct world *world, const struct sys_address *address,
                   enum network_block block);

/* One way, between two machines; applies to what is sent from now on. */
void network_set_latency(struct world *world, int64_t latency_ns);

/* ---- the world's -------------------------------------------------------------------------- */

struct network {
    struct world *world;
    int64_t latency_ns;
    struct list bound;   /* struct socket: listeners and datagram sockets */
    struct list streams; /* struct socket: all connected or connecting streams */
    struct map blocks;   /* family, IP, port -> enum network_block */
    struct map owners;   /* family, IP -> struct machine */
    uint64_t connection_count;
};

void network_init(struct network *network, struct world *world, int64_t latency_ns);

void network_own(struct network *network, const struct sys_address *address,
                 struct machine *machine);

/* What holds for packets to this address. */
enum network_block network_blocked(const struct network *network,
                                   const struct sys_address *address);

/* The machine that has the address; loopback gives `from` itself; NULL when there is none. */
struct machine *network_machine(const struct network *network, struct machine *from,
                                const struct sys_address *address);

/* What is bound to the address on that machine; NULL when nothing is. kind is an enum
 * socket_kind. */
struct socket *network_bound(const struct network *network, const struct machine *machine, int kind,
                             const struct sys_address *address);
struct socket *network_bound_unix(const struct network *network, int kind,
                                  const struct disk_inode *inode);

/* How long the next packet from one machine to another takes; NULL is a machine out there. */
int64_t network_packet_ns(const struct network *network, const struct machine *from,
                          const struct machine *to);

bool network_is_loopback(const struct sys_address *address);
bool network_is_any(const struct sys_address *address);

#endif
