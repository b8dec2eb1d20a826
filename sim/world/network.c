// SPDX-License-Identifier: ISC
#include "world/network.h"

#include <string.h>

#include "base/assert.h"
#include "world/draw.h"
#include "world/machine.h"
#include "world/socket.h"
#include "world/socket_stream.h"
#include "world/world_state.h"

enum { ADDRESS_KEY_SIZE = 1 + 16 + 2, OWNER_KEY_SIZE = 1 + 16, ADDRESSES_MAX = 1000 * 1000 };

void network_init(struct network *network, struct world *world, int64_t latency_ns)
{
    network->world = world;
    network->latency_ns = latency_ns;
    list_init(&network->bound);
    list_init(&network->streams);
    map_init(&network->blocks, world->mem, NETWORK_BLOCKS_MAX);
    map_init(&network->owners, world->mem, ADDRESSES_MAX);
}

/* ---- addresses ----------------------------------------------------------------------------- */

/* The owner's key is the first part of the address's. */
static void write_key(const struct sys_address *address, uint16_t port, char key[ADDRESS_KEY_SIZE])
{
    key[0] = (char)address->family;
    memcpy(key + 1, address->ip, sizeof(address->ip));
    key[17] = (char)(port >> 8);
    key[18] = (char)port;
}

void network_own(struct network *network, const struct sys_address *address,
                 struct machine *machine)
{
    char key[ADDRESS_KEY_SIZE];
    write_key(address, 0, key);
    assert(map_get(&network->owners, str_of(key, OWNER_KEY_SIZE)) == NULL);
    assert(map_put(&network->owners, str_of(key, OWNER_KEY_SIZE), machine) == 0);
}

bool network_is_loopback(const struct sys_address *address)
{
    static const uint8_t loopback6[16] = {[15] = 1};
    if (address->family == SYS_FAMILY_IPV4) {
        return address->ip[0] == 127;
    }
    return memcmp(address->ip, loopback6, sizeof(loopback6)) == 0;
}

bool network_is_any(const struct sys_address *address)
{
    static const uint8_t any[16];
    return memcmp(address->ip, any, sizeof(any)) == 0;
}

struct machine *network_machine(const struct network *network, struct machine *from,
                                const struct sys_address *address)
{
    char key[ADDRESS_KEY_SIZE];
    if (network_is_loopback(address)) {
        return from;
    }
    write_key(address, 0, key);
    return map_get(&network->owners, str_of(key, OWNER_KEY_SIZE));
}

/* ---- blocks -------------------------------------------------------------------------------- */

/* The map holds pointers into this table, so that a block needs no memory of its own. */
static enum network_block block_values[] = {
    NETWORK_OPEN,      NETWORK_REFUSE, NETWORK_UNREACHABLE, NETWORK_NETWORK_UNREACHABLE,
    NETWORK_BLACKHOLE,
};

void network_block(struct world *world, const struct sys_address *address, enum network_block block)
{
    struct network *network = &world->network;
    char key[ADDRESS_KEY_SIZE];
    write_key(address, address->port, key);
    if (block == NETWORK_OPEN) {
        map_remove(&network->blocks, str_of(key, sizeof(key)));
    } else {
        assert(map_put(&network->blocks, str_of(key, sizeof(key)), &block_values[block]) == 0);
    }
    socket_stream_unblocked(network);
}

enum network_block network_blocked(const struct network *network, const struct sys_address *address)
{
    char key[ADDRESS_KEY_SIZE];
    if (network->blocks.count == 0) {
        return NETWORK_OPEN;
    }
    write_key(address, address->port, key);
    enum network_block *block = map_get(&network->blocks, str_of(key, sizeof(key)));
    if (block == NULL) {
        write_key(address, 0, key);
        block = map_get(&network->blocks, str_of(key, sizeof(key)));
    }
    return block != NULL ? *block : NETWORK_OPEN;
}

/* ---- what is bound ------------------------------------------------------------------------- */

static bool serves(const struct socket *socket, const struct machine *machine, int kind,
                   const struct sys_address *address)
{
    const struct sys_address *local = &socket->local;
    return socket->machine == machine && (int)socket->kind == kind &&
           local->family == address->family && local->port == address->port &&
           (network_is_any(local) || sys_address_equal_ip(local, address));
}

struct socket *network_bound(const struct network *network, const struct machine *machine, int kind,
                             const struct sys_address *address)
{
    list_each(node, &network->bound)
    {
        struct socket *socket = list_entry(node, struct socket, in_bound);
        if (serves(socket, machine, kind, address)) {
            return socket;
        }
    }
    return NULL;
}

struct socket *network_bound_unix(const struct network *network, int kind,
                                  const struct disk_inode *inode)
{
    list_each(node, &network->bound)
    {
        struct socket *socket = list_entry(node, struct socket, in_bound);
        if (socket->inode == inode && (int)socket->kind == kind) {
            return socket;
        }
    }
    return NULL;
}

/* ---- time ---------------------------------------------------------------------------------- */

void network_set_latency(struct world *world, int64_t latency_ns)
{
    world->network.latency_ns = latency_ns;
}

int64_t network_packet_ns(const struct network *network, const struct machine *from,
                          const struct machine *to)
{
    if (from == to) {
        return 0;
    }
    const struct machine *whose = from != NULL ? from : to;
    return network->latency_ns + (int64_t)draw_from(whose->sites.latency, NETWORK_JITTER_NS);
}
