// SPDX-License-Identifier: ISC
/* world/socket - listeners, streams and datagram sockets
 *
 * A stream is two directions of bytes, each cut into segments that arrive in order after a
 * latency (network.h). A sender waits when SOCKET_BUFFER_BYTES are under way or unread. Each
 * write is one segment unless a draw ("segment") cuts it.
 *
 * A direction whose first bytes after any write look like a TLS record (22 3 0..4) is opaque from
 * there on: the trace counts its bytes and does not hash them.
 *
 * Limits    SOCKET_BUFFER_BYTES a direction, SOCKET_DATAGRAMS_MAX waiting datagrams,
 *           SOCKET_DATAGRAM_BYTES_MAX bytes each
 * Blocks    never: sim/os waits
 */
#ifndef WORLD_SOCKET_H
#define WORLD_SOCKET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attribute.h"
#include "base/list.h"
#include "base/str.h"
#include "sys/net.h"
#include "world/event.h"

struct disk_inode;
struct machine;
struct open_file;
struct socket;
struct sys;
struct world;

enum {
    SOCKET_BUFFER_BYTES = 64 * 1024,
    SOCKET_DATAGRAMS_MAX = 512,
    SOCKET_DATAGRAM_BYTES_MAX = 65507,
    SOCKET_BACKLOG_MAX = 4096,
};

/* Of a socket that an observer was given. */
const struct sys_address *socket_local(const struct socket *socket);
const struct sys_address *socket_peer(const struct socket *socket);
/* Connections are numbered from 1 in the order in which they were made; both ends have the same
 * number. 0 for sockets that are not connected streams. */
uint64_t socket_connection(const struct socket *socket);

/* Sends a reset both ways, as a broken middlebox would. */
void socket_reset(struct socket *socket);

/* ---- sockets, for sim/os ------------------------------------------------------------------- */

enum socket_kind { SOCKET_LISTENER, SOCKET_STREAM, SOCKET_DATAGRAM };

/* A segment under way, or a mark in the stream; ends at this many bytes from the stream's start. */
enum segment_kind { SEGMENT_DATA, SEGMENT_END, SEGMENT_RESET };
struct segment {
    int64_t at_ns;
    uint64_t end;
    enum segment_kind kind;
};

/* A descriptor that travels with the byte at this position. */
struct passed_file {
    struct list in_direction;
    uint64_t position;
    struct open_file *file;
};

/* One direction of a stream; belongs to the socket that reads it. Positions count bytes from the
 * stream's start: read <= arrived <= written. */
struct direction {
    char *ring; /* SOCKET_BUFFER_BYTES, or NULL before the first byte */
    size_t ring_size;
    uint64_t read;
    uint64_t arrived;
    uint64_t written;
    struct segment *segments; /* under way, in order */
    size_t segment_first;
    size_t segment_count;
    size_t segment_capacity;
    struct event arrival; /* of the first of them */
    struct list passed;   /* struct passed_file */
    bool ended;           /* the end has arrived */
    bool opaque;
    int error; /* a reset has arrived and was not reported yet */
};

struct datagram {
    struct list in_socket;
    struct sys_address from;
    size_t size;
    char data[];
};

struct socket {
    struct world *world;
    struct machine *machine;
    enum socket_kind kind;
    int reference_count; /* its open file, its peer, what is under way to it */
    bool closed;         /* its open file is gone */
    struct sys_address local;
    struct sys_address remote;
    uint64_t connection;
    struct list in_bound;     /* network.bound: listeners and datagram sockets */
    struct disk_inode *inode; /* of a bound unix socket */

    struct list read_waiters;
    struct list write_waiters; /* also those that dial */

    /* SOCKET_LISTENER */
    struct list queue; /* struct socket, in_queue: connections to accept */
    int queue_count;
    int backlog;
    struct list in_queue;

    /* SOCKET_STREAM */
    struct socket *peer; /* NULL once it is gone */
    struct direction in;
    bool connecting;
    bool connected;
    bool sent_end;
    bool broken; /* was reset */
    int dial_result;
    int64_t last_arrival_ns; /* of what this socket sent */

    /* SOCKET_DATAGRAM */
    struct list datagrams;
    int datagram_count;
    int error; /* refused, not reported yet */
};

/* All return 0 or an error of sys/net.h; the new socket has one reference. */
MUST_USE int socket_listen(struct sys *sys, const struct sys_address *address, int backlog,
                           struct socket **socket);
MUST_USE int socket_datagram_listen(struct sys *sys, const struct sys_address *address,
                                    struct socket **socket);
MUST_USE int socket_datagram_dial(struct sys *sys, const struct sys_address *remote,
                                  struct socket **socket);
/* The connection is under way: wait on write_waiters until `connecting` is false. */
MUST_USE int socket_dial(struct sys *sys, const struct sys_address *local,
                         const struct sys_address *remote, struct socket **socket);
void socket_pair(struct sys *sys, struct socket *pair[2]);

/* NULL when there is none to accept. */
struct socket *socket_accept(struct socket *listener);

/* A count, -ERR_CLOSED and others; 0 bytes written or -ERR_LOCKED read: it would have to wait. */
MUST_USE long socket_read(struct socket *socket, void *data, size_t size, struct sys_address *from);
MUST_USE long socket_write(struct socket *socket, const void *data, size_t size);
MUST_USE long socket_send_to(struct socket *socket, const struct sys_address *remote,
                             const void *data, size_t size);
MUST_USE int socket_pass(struct socket *socket, struct open_file *file);
MUST_USE int socket_take_passed(struct socket *socket, struct open_file **file);
bool socket_is_readable(const struct socket *socket);
void socket_shutdown(struct socket *socket);
/* The open file is gone: the peer sees the end, or a reset when data was left unread. */
void socket_close(struct socket *socket, bool silent);

#endif
