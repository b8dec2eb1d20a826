// SPDX-License-Identifier: ISC
#include "sys/net.h"

#include <stdio.h>

#include "os/call.h"
#include "world/descriptor.h"
#include "world/fault.h"
#include "world/fiber.h"
#include "world/observer.h"
#include "world/process.h"
#include "world/socket.h"
#include "world/socket_datagram.h"
#include "world/socket_stream.h"
#include "world/world_state.h"

/* ---- beginnings and ends ------------------------------------------------------------------- */

static int socket_of(const struct sys *sys, int fd, struct socket **socket)
{
    struct open_file *file = descriptor_get(sys, fd);
    if (file == NULL) {
        return -ERR_BAD_DESCRIPTOR;
    }
    *socket = file->socket;
    return file->kind == OPEN_FILE_SOCKET ? 0 : -ERR_INVALID;
}

/* The socket for a waiting call. */
static int usable_socket(const struct sys *sys, int fd, struct socket **socket)
{
    int error = socket_of(sys, fd, socket);
    if (error == 0 && fiber_is_canceled(fiber_running(sys->world))) {
        return -ERR_CANCELED;
    }
    return error;
}

static int stream_of(const struct sys *sys, int fd, struct socket **socket)
{
    int error = usable_socket(sys, fd, socket);
    return error == 0 && (*socket)->kind != SOCKET_STREAM ? -ERR_INVALID : error;
}

/* The new socket's descriptor. */
static int add_socket(struct sys *sys, struct socket *socket)
{
    struct open_file *file = open_file_new(sys->world, OPEN_FILE_SOCKET, NULL, socket, 0);
    int fd = descriptor_add(sys, file);
    if (fd < 0) {
        open_file_drop(file, false);
    }
    return fd;
}

static int check_room(const struct sys *sys)
{
    return sys->descriptors_open < sys->descriptor_max ? 0 : -ERR_TOO_MANY_FILES;
}

static void drop_descriptor(struct sys *sys, int fd)
{
    struct open_file *file = descriptor_take(sys, fd);
    if (file != NULL) {
        open_file_drop(file, false);
    }
}

static int leave_fd(struct sys *sys, const char *call, int fd, int result)
{
    return (int)call_leave(sys,
                           &(struct trace_record){.call = call, .numbers = {fd}, .result = result});
}

static int enter_address(struct sys *sys, const char *call, const struct sys_address *address)
{
    char text[SYS_ADDRESS_TEXT_MAX];
    return call_enter_name(sys, call, str_from(sys_address_text(address, text)));
}

static int leave_address(struct sys *sys, const char *call, const struct sys_address *address,
                         int result)
{
    char text[SYS_ADDRESS_TEXT_MAX];
    return (int)call_leave(sys, &(struct trace_record){
                                    .call = call,
                                    .numbers = {address->port},
                                    .text = str_from(sys_address_text(address, text)),
                                    .result = result,
                                });
}

static long leave_data(struct sys *sys, const char *call, int fd, const void *data, long result,
                       bool opaque)
{
    return call_leave(sys, &(struct trace_record){
                               .call = call,
                               .numbers = {fd},
                               .text = str_of(data, result > 0 ? (size_t)result : 0),
                               .opaque = opaque,
                               .result = result,
                           });
}

/* ---- listen and dial ----------------------------------------------------------------------- */

int sys_listen(struct sys *sys, const struct sys_address *address, int backlog)
{
    struct socket *socket;
    int result = enter_address(sys, "listen", address);
    if (result == 0) {
        result = check_room(sys);
    }
    if (result == 0) {
        result = socket_listen(sys, address, backlog, &socket);
    }
    if (result == 0) {
        result = add_socket(sys, socket);
    }
    return leave_address(sys, "listen", address, result);
}

int sys_datagram_listen(struct sys *sys, const struct sys_address *address)
{
    struct socket *socket;
    int result = enter_address(sys, "datagram_listen", address);
    if (result == 0) {
        result = check_room(sys);
    }
    if (result == 0) {
        result = socket_datagram_listen(sys, address, &socket);
    }
    if (result == 0) {
        result = add_socket(sys, socket);
    }
    return leave_address(sys, "datagram_listen", address, result);
}

int sys_datagram_dial(struct sys *sys, const struct sys_address *remote)
{
    struct socket *socket;
    int result = enter_address(sys, "datagram_dial", remote);
    if (result == 0) {
        result = check_room(sys);
    }
    if (result == 0) {
        result = socket_datagram_dial(sys, remote, &socket);
    }
    if (result == 0) {
        result = add_socket(sys, socket);
    }
    return leave_address(sys, "datagram_dial", remote, result);
}

static int wait_connected(struct sys *sys, struct socket *socket, int fd, int64_t deadline_ns)
{
    while (socket->connecting) {
        int error = fiber_wait(sys, &socket->write_waiters, fd, true, deadline_ns);
        if (error != 0) {
            return error;
        }
    }
    return socket->dial_result;
}

/* The socket has a descriptor from the start, so that it ends with the process. */
static int dial(struct sys *sys, const struct sys_address *local, const struct sys_address *remote,
                int64_t deadline_ns)
{
    struct socket *socket;
    if (fiber_is_canceled(fiber_running(sys->world))) {
        return -ERR_CANCELED;
    }
    int error = check_room(sys);
    if (error == 0) {
        error = socket_stream_dial(sys, local, remote, &socket);
    }
    if (error != 0) {
        return error;
    }
    int fd = add_socket(sys, socket);
    error = wait_connected(sys, socket, fd, deadline_ns);
    if (error != 0) {
        drop_descriptor(sys, fd);
        return error;
    }
    return fd;
}

int sys_dial(struct sys *sys, const struct sys_address *local, const struct sys_address *remote,
             int64_t deadline_ns)
{
    int result = enter_address(sys, "dial", remote);
    if (result == 0) {
        result = dial(sys, local, remote, deadline_ns);
    }
    return leave_address(sys, "dial", remote, result);
}

int sys_socket_pair(struct sys *sys, int pair[2])
{
    struct socket *sockets[2];
    int result = call_enter_name(sys, "socket_pair", STR(""));
    if (result == 0 && sys->descriptors_open + 2 > sys->descriptor_max) {
        result = -ERR_TOO_MANY_FILES;
    }
    if (result != 0) {
        return leave_fd(sys, "socket_pair", -1, result);
    }
    socket_stream_pair(sys, sockets);
    pair[0] = add_socket(sys, sockets[0]);
    pair[1] = add_socket(sys, sockets[1]);
    return leave_fd(sys, "socket_pair", pair[0], 0);
}

/* ---- accept and readiness ------------------------------------------------------------------ */

static int accept_next(struct sys *sys, int fd, struct sys_address *peer, int64_t deadline_ns)
{
    struct socket *listener;
    int error = usable_socket(sys, fd, &listener);
    while (error == 0) {
        if (listener->kind != SOCKET_LISTENER) {
            return -ERR_INVALID;
        }
        if (listener->queue_count > 0) {
            error = check_room(sys);
            if (error != 0) {
                return error;
            }
            struct socket *socket = socket_stream_accept(listener);
            if (peer != NULL) {
                *peer = socket->remote;
            }
            return add_socket(sys, socket);
        }
        error = fiber_wait(sys, &listener->read_waiters, fd, true, deadline_ns);
        if (error == 0) {
            error = usable_socket(sys, fd, &listener);
        }
    }
    return error;
}

int sys_accept(struct sys *sys, int listener, struct sys_address *peer, int64_t deadline_ns)
{
    int result = call_enter_fd(sys, "accept", listener);
    if (result == 0) {
        result = accept_next(sys, listener, peer, deadline_ns);
    }
    return leave_fd(sys, "accept", listener, result);
}

static int wait_readable(struct sys *sys, int fd, int64_t deadline_ns)
{
    struct socket *socket;
    int error = usable_socket(sys, fd, &socket);
    while (error == 0 && !socket_is_readable(socket)) {
        error = fiber_wait(sys, &socket->read_waiters, fd, true, deadline_ns);
        if (error == 0) {
            error = usable_socket(sys, fd, &socket);
        }
    }
    return error;
}

int sys_readable(struct sys *sys, int fd, int64_t deadline_ns)
{
    call_enter(sys, "readable");
    return leave_fd(sys, "readable", fd, wait_readable(sys, fd, deadline_ns));
}

/* ---- bytes --------------------------------------------------------------------------------- */

static long try_read(struct socket *socket, void *data, size_t size, struct sys_address *peer)
{
    switch (socket->kind) {
    case SOCKET_LISTENER:
        return -ERR_INVALID;
    case SOCKET_STREAM:
        return socket_stream_read(socket, data, size);
    case SOCKET_DATAGRAM:
        return socket_datagram_read(socket, data, size, peer);
    }
    return -ERR_INVALID;
}

static long read_socket(struct sys *sys, int fd, void *data, size_t size, struct sys_address *peer,
                        int64_t deadline_ns)
{
    struct socket *socket;
    int error = usable_socket(sys, fd, &socket);
    while (error == 0) {
        long count = try_read(socket, data, size, peer);
        if (count != -ERR_LOCKED) {
            return count;
        }
        error = fiber_wait(sys, &socket->read_waiters, fd, true, deadline_ns);
        if (error == 0) {
            error = usable_socket(sys, fd, &socket);
        }
    }
    return error;
}

static bool reads_opaque(const struct sys *sys, int fd)
{
    struct socket *socket;
    return socket_of(sys, fd, &socket) == 0 && socket_reads_opaque(socket);
}

long sys_read(struct sys *sys, int fd, void *data, size_t size, int64_t deadline_ns)
{
    long result = call_enter_fd(sys, "read", fd);
    if (result == 0) {
        result = read_socket(sys, fd, data, size, NULL, deadline_ns);
    }
    return leave_data(sys, "read", fd, data, result, reads_opaque(sys, fd));
}

long sys_receive_from(struct sys *sys, int fd, void *data, size_t size, struct sys_address *peer,
                      int64_t deadline_ns)
{
    long result = call_enter_fd(sys, "receive_from", fd);
    if (result == 0) {
        result = read_socket(sys, fd, data, size, peer, deadline_ns);
    }
    return leave_data(sys, "receive_from", fd, data, result, false);
}

static long try_write(struct socket *socket, const struct sys_address *remote, const void *data,
                      size_t size)
{
    switch (socket->kind) {
    case SOCKET_LISTENER:
        return -ERR_INVALID;
    case SOCKET_STREAM:
        return socket_stream_write(socket, data, size);
    case SOCKET_DATAGRAM:
        return remote != NULL ? socket_datagram_send(socket, remote, data, size)
                              : socket_datagram_write(socket, data, size);
    }
    return -ERR_INVALID;
}

static struct list *write_waiters(struct socket *socket)
{
    bool elsewhere = socket->kind == SOCKET_DATAGRAM && socket->peer != NULL;
    return elsewhere ? &socket->peer->write_waiters : &socket->write_waiters;
}

static long write_socket(struct sys *sys, int fd, const struct sys_address *remote,
                         const void *data, size_t size, int64_t deadline_ns)
{
    struct socket *socket;
    int error = usable_socket(sys, fd, &socket);
    while (error == 0) {
        long count = try_write(socket, remote, data, size);
        if (count != -ERR_LOCKED) {
            return count;
        }
        error = fiber_wait(sys, write_waiters(socket), fd, true, deadline_ns);
        if (error == 0) {
            error = usable_socket(sys, fd, &socket);
        }
    }
    return error;
}

static void tell_written(struct sys *sys, int fd, const void *data, long count)
{
    struct socket *socket;
    if (count <= 0 || socket_of(sys, fd, &socket) != 0) {
        return;
    }
    list_each(node, &sys->world->observers)
    {
        struct observer *observer = list_entry(node, struct observer, in_world);
        if (observer->written != NULL) {
            observer->written(observer->argument, sys, socket, str_of(data, (size_t)count));
            process_leave_if_ended(sys);
        }
    }
}

static bool is_datagram(const struct sys *sys, int fd)
{
    struct socket *socket;
    return socket_of(sys, fd, &socket) == 0 && socket->kind == SOCKET_DATAGRAM;
}

static bool writes_opaque(const struct sys *sys, int fd)
{
    struct socket *socket;
    return socket_of(sys, fd, &socket) == 0 && socket_writes_opaque(socket);
}

long sys_write(struct sys *sys, int fd, const void *data, size_t size, int64_t deadline_ns)
{
    long result = call_enter_fd(sys, is_datagram(sys, fd) ? "write_datagram" : "write", fd);
    if (result == 0) {
        result = write_socket(sys, fd, NULL, data, size, deadline_ns);
    } else if (result == FAULT_LOST) {
        result = (long)size;
    }
    tell_written(sys, fd, data, result);
    return leave_data(sys, "write", fd, data, result, writes_opaque(sys, fd));
}

long sys_send_to(struct sys *sys, int fd, const void *data, size_t size,
                 const struct sys_address *peer, int64_t deadline_ns)
{
    long result = call_enter_fd(sys, "send_to", fd);
    if (result == 0) {
        result = write_socket(sys, fd, peer, data, size, deadline_ns);
    } else if (result == FAULT_LOST) {
        result = (long)size;
    }
    tell_written(sys, fd, data, result);
    return leave_data(sys, "send_to", fd, data, result, false);
}

int sys_shutdown(struct sys *sys, int fd)
{
    call_enter(sys, "shutdown");
    struct socket *socket;
    int result = socket_of(sys, fd, &socket);
    if (result == 0 && !socket_stream_is_connected(socket)) {
        result = -ERR_CLOSED;
    }
    if (result == 0) {
        socket_stream_shutdown(socket);
    }
    return leave_fd(sys, "shutdown", fd, result);
}

void sys_reset_on_close(struct sys *sys, int fd)
{
    call_enter(sys, "reset_on_close");
    struct socket *socket;
    int result = socket_of(sys, fd, &socket);
    if (result == 0) {
        socket->reset_on_close = socket->local.family != SYS_FAMILY_UNIX;
    }
    (void)leave_fd(sys, "reset_on_close", fd, result);
}

/* ---- descriptors over sockets -------------------------------------------------------------- */

static int send_file(struct sys *sys, int fd, struct open_file *file, int64_t deadline_ns)
{
    struct socket *socket;
    int error = stream_of(sys, fd, &socket);
    while (error == 0) {
        int result = socket_stream_pass(socket, file);
        if (result != -ERR_LOCKED) {
            return result;
        }
        error = fiber_wait(sys, &socket->write_waiters, fd, true, deadline_ns);
        if (error == 0) {
            error = stream_of(sys, fd, &socket);
        }
    }
    return error;
}

int sys_send_descriptor(struct sys *sys, int fd, int passed, int64_t deadline_ns)
{
    int result = call_enter_fd(sys, "send_descriptor", fd);
    struct open_file *file = descriptor_get(sys, passed);
    if (result == 0) {
        result = file != NULL ? send_file(sys, fd, file, deadline_ns) : -ERR_BAD_DESCRIPTOR;
    }
    return leave_fd(sys, "send_descriptor", fd, result);
}

static int receive_file(struct sys *sys, int fd, int64_t deadline_ns)
{
    struct socket *socket;
    int error = stream_of(sys, fd, &socket);
    while (error == 0) {
        struct open_file *file;
        error = check_room(sys);
        if (error != 0) {
            return error;
        }
        error = socket_stream_take_passed(socket, &file);
        if (error != -ERR_LOCKED) {
            return error == 0 ? descriptor_add(sys, file) : error;
        }
        error = fiber_wait(sys, &socket->read_waiters, fd, true, deadline_ns);
        if (error == 0) {
            error = stream_of(sys, fd, &socket);
        }
    }
    return error;
}

int sys_receive_descriptor(struct sys *sys, int fd, int64_t deadline_ns)
{
    int result = call_enter_fd(sys, "receive_descriptor", fd);
    if (result == 0) {
        result = receive_file(sys, fd, deadline_ns);
    }
    return leave_fd(sys, "receive_descriptor", fd, result);
}

/* ---- addresses ----------------------------------------------------------------------------- */

int sys_local_address(struct sys *sys, int fd, struct sys_address *address)
{
    call_count(sys);
    struct socket *socket;
    int error = socket_of(sys, fd, &socket);
    if (error == 0) {
        *address = socket->local;
    }
    return error;
}

int sys_peer_address(struct sys *sys, int fd, struct sys_address *address)
{
    call_count(sys);
    struct socket *socket;
    int error = socket_of(sys, fd, &socket);
    if (error != 0) {
        return error;
    }
    if (socket->remote.family == SYS_FAMILY_NONE) {
        return -ERR_CLOSED;
    }
    *address = socket->remote;
    return 0;
}

int sys_interface_addresses(struct sys *sys, struct sys_address *addresses, int count_max)
{
    static const struct sys_address loopback[] = {
        {.family = SYS_FAMILY_IPV4, .ip = {127, 0, 0, 1}},
        {.family = SYS_FAMILY_IPV6, .ip = {[15] = 1}},
    };
    enum { LOOPBACK_COUNT = sizeof(loopback) / sizeof(loopback[0]) };
    call_count(sys);
    int count = LOOPBACK_COUNT + sys->machine->address_count;
    for (int i = 0; i < count && i < count_max; i++) {
        addresses[i] =
            i < LOOPBACK_COUNT ? loopback[i] : sys->machine->addresses[i - LOOPBACK_COUNT];
    }
    return count;
}
