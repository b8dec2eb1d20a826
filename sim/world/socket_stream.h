// SPDX-License-Identifier: ISC
/* world/socket_stream - connecting, and the bytes of a connection
 *
 * Errors    as socket.h
 * Blocks    never
 */
#ifndef WORLD_SOCKET_STREAM_H
#define WORLD_SOCKET_STREAM_H

#include "world/socket.h"

struct network;

/* The connection is under way: while socket->connecting, wait on write_waiters; then dial_result
 * tells. */
MUST_USE int socket_stream_dial(struct sys *sys, const struct sys_address *local,
                                const struct sys_address *remote, struct socket **socket);
void socket_stream_pair(struct sys *sys, struct socket *pair[2]);

/* NULL when there is none. The reference is the caller's. */
struct socket *socket_stream_accept(struct socket *listener);

/* A count, 0 at the end. */
MUST_USE long socket_stream_read(struct socket *socket, void *data, size_t size);
/* A count of at least 1; -ERR_CLOSED. */
MUST_USE long socket_stream_write(struct socket *socket, const void *data, size_t size);
/* A TCP connection stops being one when it is reset or both directions have ended. */
bool socket_stream_is_connected(const struct socket *socket);
void socket_stream_shutdown(struct socket *socket);

/* One byte with a descriptor. Taking it may find no descriptor: -ERR_PROTOCOL. */
MUST_USE int socket_stream_pass(struct socket *socket, struct open_file *file);
MUST_USE int socket_stream_take_passed(struct socket *socket, struct open_file **file);

/* A reset for both ends, as a broken box in between would send; what is under way is lost. */
void socket_stream_reset(struct socket *socket);

/* ---- among the files of this folder --------------------------------------------------------- */

void socket_stream_init(struct socket *socket);
void socket_stream_close(struct socket *socket, bool silent);
void socket_stream_done(struct socket *socket);
void socket_stream_unblocked(struct network *network); /* black holes may have gone */

#endif
