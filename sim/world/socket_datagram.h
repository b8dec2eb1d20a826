// SPDX-License-Identifier: ISC
/* world/socket_datagram - UDP and unix datagrams
 *
 * UDP datagrams that find no room are lost; a sender of unix datagrams waits on the receiver's
 * write_waiters.
 *
 * Errors    as socket.h; REFUSED once for a connected socket whose datagram found nobody
 * Blocks    never
 */
#ifndef WORLD_SOCKET_DATAGRAM_H
#define WORLD_SOCKET_DATAGRAM_H

#include "world/socket.h"

MUST_USE int socket_datagram_dial(struct sys *sys, const struct sys_address *remote,
                                  struct socket **socket);

/* The size of the datagram, of which `size` bytes were stored; from may be NULL. */
MUST_USE long socket_datagram_read(struct socket *socket, void *data, size_t size,
                                   struct sys_address *from);
/* To where it is connected. */
MUST_USE long socket_datagram_write(struct socket *socket, const void *data, size_t size);
MUST_USE long socket_datagram_send(struct socket *socket, const struct sys_address *remote,
                                   const void *data, size_t size);

void socket_datagram_done(struct socket *socket); /* drops what was not read */

#endif
