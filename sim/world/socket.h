// SPDX-License-Identifier: ISC
/* world/socket - listeners, streams and datagram sockets
 *
 * A stream is two directions of bytes, each cut into segments that arrive in order after a
 * latency (network.h). A sender waits when SOCKET_BUFFER_BYTES are under way or unread. Each
 * write is one segment unless a draw ("segment") cuts it.
 *
 * A direction in which a write starts like a TLS record (22 3 0..4) is opaque from there on: the
 * trace counts its bytes and does not hash them.
 *
 * Limits    SOCKET_BUFFER_BYTES a direction, SOCKET_DATAGRAMS_MAX waiting datagrams,
 *           SOCKET_DATAGRAM_BYTES_MAX bytes each
 * Errors    -ERR_LOCKED from whatever would have to wait; else as sys/net.h says
 * Memory    references: its open file, its peer, a listener's queue, what is under way from it
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
struct sys;
struct world;

enum {
    SOCKET_BUFFER_BYTES = 64 * 1024,
    SOCKET_DATAGRAMS_MAX = 512,
    SOCKET_DATAGRAM_BYTES_MAX = 65507,
    SOCKET_BACKLOG_MAX = 4096,
};

enum socket_kind { SOCKET_LISTENER, SOCKET_STREAM, SOCKET_DATAGRAM };

/* A piece under way, or a mark in the stream; it ends that many bytes from the stream's start. */
enum segment_kind { SEGMENT_DATA, SEGMENT_END, SEGMENT_RESET };
struct segment {
    struct list in_direction;
    int64_t at_ns;
    uint64_t end;
    enum segment_kind kind;
};

/* One direction of a stream; belongs to the socket that reads it. Positions count bytes from the
 * stream's start: read <= arrived <= written. */
struct direction {
    char *ring; /* byte n is at n % ring_size; NULL before the first */
    size_t ring_size;
    uint64_t read;
    uint64_t arrived;
    uint64_t written;
    struct list segments; /* struct segment, in order */
    struct event arrival; /* of the first of them */
    int64_t last_arrival_ns;
    struct list passed; /* struct passed_file: descriptors that travel with a byte */
    bool stalled;       /* the first segment met a black hole */
    bool ended;         /* the end has arrived */
    bool opaque;
    int error; /* a reset has arrived and was not reported yet */
};

struct socket {
    struct world *world;
    struct machine *machine;
    enum socket_kind kind;
    int reference_count;
    bool closed; /* its open file is gone */
    struct sys_address local;
    struct sys_address remote;
    uint64_t connection;
    struct list in_network;   /* network.streams */
    struct list in_bound;     /* network.bound */
    struct disk_inode *inode; /* of a bound unix socket */
    struct list read_waiters;
    struct list write_waiters; /* also those that dial */

    /* SOCKET_LISTENER */
    struct list queue; /* struct socket: connections to accept */
    int queue_count;
    int backlog;

    /* SOCKET_STREAM */
    struct list in_queue;
    struct socket *peer; /* DATAGRAM, unix: where it sends */
    struct direction in;
    bool connecting;
    int dial_result;
    int dial_attempts;
    struct event dial;
    bool sent_end;
    bool broken; /* was reset */
    bool reset_on_close;

    /* SOCKET_DATAGRAM */
    struct list datagrams;
    int datagram_count;
    bool connected; /* takes datagrams from its remote address only */
    int error;      /* refused, not reported yet */
};

/* ---- for observers ------------------------------------------------------------------------- */

const struct sys_address *socket_local(const struct socket *socket);
const struct sys_address *socket_peer(const struct socket *socket);
/* Connections are numbered from 1 in the order in which they were made; both ends have the same
 * number. 0 for sockets that are not connected streams. */
uint64_t socket_connection(const struct socket *socket);

/* ---- for sim/os ---------------------------------------------------------------------------- */

/* All give a socket with one reference, for its open file. */
MUST_USE int socket_listen(struct sys *sys, const struct sys_address *address, int backlog,
                           struct socket **socket);
MUST_USE int socket_datagram_listen(struct sys *sys, const struct sys_address *address,
                                    struct socket **socket);

bool socket_is_readable(const struct socket *socket);
/* Whether what it writes, or reads, is encrypted. */
bool socket_writes_opaque(const struct socket *socket);
bool socket_reads_opaque(const struct socket *socket);

/* The open file is gone: the peer sees the end, or a reset when data was left unread; with
 * `silent` it sees nothing until it sends. */
void socket_close(struct socket *socket, bool silent);

/* ---- among the files socket*.c -------------------------------------------------------------- */

struct socket *socket_new(struct machine *machine, enum socket_kind kind);
void socket_share(struct socket *socket);
void socket_drop(struct socket *socket);
/* The address from which to send to remote: local (may be NULL) if it is this machine's, else its
 * first one of the family; an ephemeral port if none is given. */
MUST_USE int socket_choose_local(struct machine *machine, const struct sys_address *local,
                                 const struct sys_address *remote, struct sys_address *chosen);

#endif
