// SPDX-License-Identifier: ISC
#include "world/socket_datagram.h"

#include <string.h>

#include "base/assert.h"
#include "world/disk.h"
#include "world/disk_inode.h"
#include "world/fiber.h"
#include "world/process.h"
#include "world/world_state.h"

struct datagram {
    struct list in_socket;
    struct event arrival;
    struct socket *sender; /* while it is under way; holds a reference */
    struct sys_address from;
    struct sys_address to;
    size_t size;
    char data[];
};

static void free_datagram(struct world *world, struct datagram *datagram)
{
    list_remove(&datagram->in_socket);
    mem_free(world->mem, datagram);
}

void socket_datagram_done(struct socket *socket)
{
    list_each(node, &socket->datagrams)
    {
        free_datagram(socket->world, list_entry(node, struct datagram, in_socket));
    }
    if (socket->peer != NULL) {
        socket_drop(socket->peer);
    }
}

/* ---- connecting ---------------------------------------------------------------------------- */

static int connect_unix(struct sys *sys, struct socket *socket)
{
    struct disk_view view = process_view(sys);
    struct disk_inode *inode;
    int error = disk_find_socket(&view, socket->remote.path, &inode);
    if (error != 0) {
        return error;
    }
    struct socket *target = network_bound_unix(&sys->world->network, SOCKET_DATAGRAM, inode);
    disk_inode_drop(inode);
    if (target == NULL) {
        return -ERR_REFUSED;
    }
    socket_share(target);
    socket->peer = target;
    return 0;
}

static int connect_udp(struct sys *sys, struct socket *socket)
{
    int error = socket_choose_local(sys->machine, NULL, &socket->remote, &socket->local);
    if (error == 0) {
        list_append(&sys->world->network.bound, &socket->in_bound);
    }
    return error;
}

int socket_datagram_dial(struct sys *sys, const struct sys_address *remote, struct socket **socket)
{
    *socket = socket_new(sys->machine, SOCKET_DATAGRAM);
    (*socket)->remote = *remote;
    (*socket)->local.family = remote->family;
    (*socket)->connected = true;
    int error =
        remote->family == SYS_FAMILY_UNIX ? connect_unix(sys, *socket) : connect_udp(sys, *socket);
    if (error != 0) {
        socket_close(*socket, false);
    }
    return error;
}

/* ---- arrival ------------------------------------------------------------------------------- */

static void enter_queue(struct socket *socket, struct datagram *datagram)
{
    list_append(&socket->datagrams, &datagram->in_socket);
    socket->datagram_count++;
    fiber_wake_all(&socket->read_waiters, 0);
}

static bool is_wanted(const struct socket *socket, const struct datagram *datagram)
{
    return !socket->connected || (socket->remote.port == datagram->from.port &&
                                  sys_address_equal_ip(&socket->remote, &datagram->from));
}

/* 0 when somebody has it now, or nobody ever will without a word; else what the sender hears. */
static int deliver(struct world *world, struct machine *from, struct datagram *datagram,
                   bool *taken)
{
    static const int errors[] = {
        [NETWORK_OPEN] = 0,
        [NETWORK_REFUSE] = -ERR_REFUSED,
        [NETWORK_UNREACHABLE] = -ERR_UNREACHABLE,
        [NETWORK_NETWORK_UNREACHABLE] = -ERR_NETWORK_UNREACHABLE,
        [NETWORK_BLACKHOLE] = 0,
    };
    enum network_block block = network_blocked(&world->network, &datagram->to);
    if (block != NETWORK_OPEN) {
        return errors[block];
    }
    struct machine *machine = network_machine(&world->network, from, &datagram->to);
    if (machine == NULL) {
        return -ERR_UNREACHABLE;
    }
    struct socket *socket = network_bound(&world->network, machine, SOCKET_DATAGRAM, &datagram->to);
    if (socket == NULL || !is_wanted(socket, datagram)) {
        return -ERR_REFUSED;
    }
    if (socket->datagram_count < SOCKET_DATAGRAMS_MAX) {
        enter_queue(socket, datagram);
        *taken = true;
    }
    return 0;
}

static void datagram_arrives(struct event *event)
{
    struct datagram *datagram = list_entry(event, struct datagram, arrival);
    struct socket *sender = datagram->sender;
    struct world *world = sender->world;
    bool taken = false;
    datagram->sender = NULL;
    int error = deliver(world, sender->machine, datagram, &taken);
    if (!taken) {
        free_datagram(world, datagram);
    }
    if (error != 0 && sender->connected) {
        sender->error = error;
        fiber_wake_all(&sender->read_waiters, 0);
    }
    socket_drop(sender);
}

/* ---- sending ------------------------------------------------------------------------------- */

static struct datagram *new_datagram(struct socket *socket, const void *data, size_t size)
{
    struct datagram *datagram = mem_alloc(socket->world->mem, sizeof(*datagram) + size);
    list_init(&datagram->in_socket);
    datagram->from = socket->local;
    datagram->size = size;
    if (size > 0) {
        memcpy(datagram->data, data, size);
    }
    return datagram;
}

static long send_unix(struct socket *socket, const void *data, size_t size)
{
    struct socket *target = socket->peer;
    if (target == NULL || target->closed) {
        return -ERR_REFUSED;
    }
    if (target->datagram_count >= SOCKET_DATAGRAMS_MAX) {
        return -ERR_LOCKED;
    }
    enter_queue(target, new_datagram(socket, data, size));
    return (long)size;
}

long socket_datagram_send(struct socket *socket, const struct sys_address *remote, const void *data,
                          size_t size)
{
    struct world *world = socket->world;
    if (size > SOCKET_DATAGRAM_BYTES_MAX) {
        return -ERR_LIMIT;
    }
    if (remote->family == SYS_FAMILY_UNIX) {
        return send_unix(socket, data, size);
    }
    struct datagram *datagram = new_datagram(socket, data, size);
    if (network_is_any(&socket->local)) {
        int error = socket_choose_local(socket->machine, &socket->local, remote, &datagram->from);
        if (error != 0) {
            free_datagram(world, datagram);
            return error;
        }
    }
    struct machine *machine = network_machine(&world->network, socket->machine, remote);
    int64_t there_ns = network_packet_ns(&world->network, socket->machine, machine);
    datagram->to = *remote;
    datagram->sender = socket;
    socket_share(socket);
    event_add(world, &datagram->arrival, world->now_ns + there_ns, datagram_arrives);
    return (long)size;
}

static int take_error(struct socket *socket)
{
    int error = socket->error;
    socket->error = 0;
    return error;
}

long socket_datagram_write(struct socket *socket, const void *data, size_t size)
{
    if (!socket->connected) {
        return -ERR_INVALID;
    }
    int error = take_error(socket);
    return error != 0 ? error : socket_datagram_send(socket, &socket->remote, data, size);
}

long socket_datagram_read(struct socket *socket, void *data, size_t size, struct sys_address *from)
{
    if (list_is_empty(&socket->datagrams)) {
        int error = take_error(socket);
        return error != 0 ? error : -ERR_LOCKED;
    }
    struct datagram *datagram = list_entry(socket->datagrams.next, struct datagram, in_socket);
    size_t stored = datagram->size < size ? datagram->size : size;
    if (stored > 0) {
        memcpy(data, datagram->data, stored);
    }
    if (from != NULL) {
        *from = datagram->from;
    }
    free_datagram(socket->world, datagram);
    socket->datagram_count--;
    fiber_wake_all(&socket->write_waiters, 0);
    return (long)stored;
}
