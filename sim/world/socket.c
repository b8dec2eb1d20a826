// SPDX-License-Identifier: ISC
#include "world/socket.h"

#include "base/assert.h"
#include "world/disk.h"
#include "world/disk_inode.h"
#include "world/fiber.h"
#include "world/process.h"
#include "world/socket_datagram.h"
#include "world/socket_stream.h"
#include "world/world_state.h"

enum { PORT_PRIVILEGED_MAX = 1023, PORT_EPHEMERAL_MIN = 32768, PORT_EPHEMERAL_MAX = 60999 };

/* ---- life ---------------------------------------------------------------------------------- */

struct socket *socket_new(struct machine *machine, enum socket_kind kind)
{
    struct socket *socket = mem_alloc(machine->world->mem, sizeof(*socket));
    socket->world = machine->world;
    socket->machine = machine;
    socket->kind = kind;
    socket->reference_count = 1;
    list_init(&socket->in_network);
    list_init(&socket->in_bound);
    list_init(&socket->in_queue);
    list_init(&socket->read_waiters);
    list_init(&socket->write_waiters);
    list_init(&socket->queue);
    list_init(&socket->datagrams);
    if (kind == SOCKET_STREAM) {
        socket_stream_init(socket);
    }
    return socket;
}

void socket_share(struct socket *socket)
{
    assert(socket->reference_count > 0);
    socket->reference_count++;
}

void socket_drop(struct socket *socket)
{
    assert(socket->reference_count > 0);
    socket->reference_count--;
    if (socket->reference_count > 0) {
        return;
    }
    if (socket->kind == SOCKET_STREAM) {
        socket_stream_done(socket);
    } else {
        socket_datagram_done(socket);
    }
    mem_free(socket->world->mem, socket);
}

static void unbind(struct socket *socket)
{
    list_remove(&socket->in_bound);
    if (socket->inode != NULL) {
        disk_inode_drop(socket->inode);
        socket->inode = NULL;
    }
}

static void close_queue(struct socket *listener, bool silent)
{
    list_each(node, &listener->queue)
    {
        struct socket *waiting = list_entry(node, struct socket, in_queue);
        list_remove(&waiting->in_queue);
        socket_stream_close(waiting, silent);
        socket_drop(waiting);
    }
    listener->queue_count = 0;
}

void socket_close(struct socket *socket, bool silent)
{
    socket->closed = true;
    switch (socket->kind) {
    case SOCKET_LISTENER:
        unbind(socket);
        close_queue(socket, silent);
        break;
    case SOCKET_STREAM:
        socket_stream_close(socket, silent);
        break;
    case SOCKET_DATAGRAM:
        unbind(socket);
        fiber_wake_all(&socket->write_waiters, 0);
        break;
    }
    socket_drop(socket);
}

/* ---- questions ----------------------------------------------------------------------------- */

const struct sys_address *socket_local(const struct socket *socket)
{
    return &socket->local;
}

const struct sys_address *socket_peer(const struct socket *socket)
{
    return &socket->remote;
}

uint64_t socket_connection(const struct socket *socket)
{
    return socket->connection;
}

bool socket_is_readable(const struct socket *socket)
{
    switch (socket->kind) {
    case SOCKET_LISTENER:
        return socket->queue_count > 0;
    case SOCKET_STREAM:
        return socket->in.arrived > socket->in.read || socket->in.ended || socket->broken;
    case SOCKET_DATAGRAM:
        return socket->datagram_count > 0 || socket->error != 0;
    }
    unreachable();
}

bool socket_writes_opaque(const struct socket *socket)
{
    return socket->kind == SOCKET_STREAM && socket->peer != NULL && socket->peer->in.opaque;
}

bool socket_reads_opaque(const struct socket *socket)
{
    return socket->kind == SOCKET_STREAM && socket->in.opaque;
}

/* ---- addresses ----------------------------------------------------------------------------- */

static uint16_t next_port(struct machine *machine)
{
    machine->last_port =
        machine->last_port < PORT_EPHEMERAL_MAX ? machine->last_port + 1 : PORT_EPHEMERAL_MIN;
    return machine->last_port;
}

static const struct sys_address *first_address(const struct machine *machine,
                                               enum sys_family family)
{
    for (int i = 0; i < machine->address_count; i++) {
        if (machine->addresses[i].family == family) {
            return &machine->addresses[i];
        }
    }
    return NULL;
}

int socket_choose_local(struct machine *machine, const struct sys_address *local,
                        const struct sys_address *remote, struct sys_address *chosen)
{
    struct network *network = &machine->world->network;
    if (local != NULL && !network_is_any(local)) {
        if (network_machine(network, machine, local) != machine) {
            return -ERR_ADDRESS_NOT_AVAILABLE;
        }
        *chosen = *local;
    } else if (network_is_loopback(remote)) {
        *chosen = *remote;
        chosen->port = 0;
    } else {
        const struct sys_address *first = first_address(machine, remote->family);
        if (first == NULL) {
            return -ERR_NETWORK_UNREACHABLE;
        }
        *chosen = *first;
    }
    if (local != NULL && local->port != 0) {
        chosen->port = local->port;
    } else {
        chosen->port = next_port(machine);
    }
    return 0;
}

/* ---- binding ------------------------------------------------------------------------------- */

static bool is_in_use(const struct machine *machine, enum socket_kind kind,
                      const struct sys_address *address)
{
    list_each(node, &machine->world->network.bound)
    {
        struct socket *socket = list_entry(node, struct socket, in_bound);
        const struct sys_address *local = &socket->local;
        if (socket->machine == machine && socket->kind == kind &&
            local->family == address->family && local->port == address->port &&
            (network_is_any(local) || network_is_any(address) ||
             sys_address_equal_ip(local, address))) {
            return true;
        }
    }
    return false;
}

static int bind_ip(struct sys *sys, const struct sys_address *address, struct socket *socket)
{
    struct network *network = &sys->world->network;
    socket->local = *address;
    if (address->port == 0) {
        socket->local.port = next_port(sys->machine);
    }
    if (socket->local.port <= PORT_PRIVILEGED_MAX && sys->rights.uid != 0) {
        return -ERR_ACCESS;
    }
    if (!network_is_any(address) &&
        network_machine(network, sys->machine, address) != sys->machine) {
        return -ERR_ADDRESS_NOT_AVAILABLE;
    }
    return is_in_use(sys->machine, socket->kind, &socket->local) ? -ERR_ADDRESS_IN_USE : 0;
}

static int bind_unix(struct sys *sys, const struct sys_address *address, struct socket *socket)
{
    struct disk_view view = process_view(sys);
    socket->local = *address;
    return disk_make_socket(sys->machine->disk, &view, address->path, &socket->inode);
}

static int new_bound(struct sys *sys, const struct sys_address *address, enum socket_kind kind,
                     struct socket **socket)
{
    *socket = socket_new(sys->machine, kind);
    int error = address->family == SYS_FAMILY_UNIX ? bind_unix(sys, address, *socket)
                                                   : bind_ip(sys, address, *socket);
    if (error != 0) {
        socket_drop(*socket);
        return error;
    }
    list_append(&sys->world->network.bound, &(*socket)->in_bound);
    return 0;
}

int socket_listen(struct sys *sys, const struct sys_address *address, int backlog,
                  struct socket **socket)
{
    int error = new_bound(sys, address, SOCKET_LISTENER, socket);
    if (error == 0) {
        int positive = backlog > 0 ? backlog : 1;
        (*socket)->backlog = positive < SOCKET_BACKLOG_MAX ? positive : SOCKET_BACKLOG_MAX;
    }
    return error;
}

int socket_datagram_listen(struct sys *sys, const struct sys_address *address,
                           struct socket **socket)
{
    return new_bound(sys, address, SOCKET_DATAGRAM, socket);
}
