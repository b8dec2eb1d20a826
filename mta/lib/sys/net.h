// SPDX-License-Identifier: ISC
/* sys/net - TCP, UDP and unix sockets
 *
 * Unix paths are relative to the working directory (sys_enter()), so that a queue directory below
 * closed directories works and a path is never too long.
 *
 * Limits    unix paths below SYS_UNIX_PATH_MAX bytes
 * Errors    REFUSED RESET UNREACHABLE NETWORK_UNREACHABLE TIMEOUT ADDRESS_IN_USE
 *           ADDRESS_NOT_AVAILABLE TOO_MANY_FILES CLOSED ACCESS NOT_FOUND (unix)
 * Memory    descriptors are small integers from one space with files; sys_close() ends them
 */
#ifndef SYS_NET_H
#define SYS_NET_H

#include "sys/sys.h"

enum { SYS_UNIX_PATH_MAX = 80 };

enum sys_family {
    SYS_FAMILY_NONE,
    SYS_FAMILY_IPV4,
    SYS_FAMILY_IPV6,
    SYS_FAMILY_UNIX,
};

struct sys_address {
    enum sys_family family;
    uint16_t port;                /* host byte order; 0 for unix */
    uint8_t ip[16];               /* network byte order; IPv4 uses the first four, the rest are 0 */
    char path[SYS_UNIX_PATH_MAX]; /* unix only */
};

/* Text form of the address alone, without port: 192.0.2.1, 2001:db8::1, the unix path; parsing
 * accepts the two IP forms and returns -ERR_SYNTAX for anything else. Pure. */
enum { SYS_ADDRESS_TEXT_MAX = 96 };
const char *sys_address_text(const struct sys_address *address, char text[SYS_ADDRESS_TEXT_MAX]);
MUST_USE int sys_address_parse(struct str text, uint16_t port, struct sys_address *address);
MUST_USE int sys_address_unix(struct str path, struct sys_address *address);
bool sys_address_equal_ip(const struct sys_address *a, const struct sys_address *b);

/* A listening stream socket. For unix, a stale socket file of that name is replaced and the new
 * one gets mode 0666. Port 0 lets the system choose. Instant. */
MUST_USE int sys_listen(struct sys *sys, const struct sys_address *address, int backlog);
/* A bound datagram socket, unix or UDP; same rules. Instant. */
MUST_USE int sys_datagram_listen(struct sys *sys, const struct sys_address *address);

/* 0 when an accept or a read on fd would find something (end of file and errors included).
 * Waiting. */
MUST_USE int sys_readable(struct sys *sys, int fd, int64_t deadline_ns);

/* A connected descriptor; peer (may be NULL) is set. Several processes may wait on one listener.
 * Waiting. */
MUST_USE int sys_accept(struct sys *sys, int listener, struct sys_address *peer,
                        int64_t deadline_ns);

/* Connects a stream; local (may be NULL) is the source address, port 0 usual. Waiting. */
MUST_USE int sys_dial(struct sys *sys, const struct sys_address *local,
                      const struct sys_address *remote, int64_t deadline_ns);
/* A datagram socket connected to remote. Instant. */
MUST_USE int sys_datagram_dial(struct sys *sys, const struct sys_address *remote);

/* Bytes read, 0 at end of file; of a datagram socket one datagram (the rest of it is lost), and
 * 0 means an empty one. Waiting. */
MUST_USE long sys_read(struct sys *sys, int fd, void *data, size_t size, int64_t deadline_ns);
/* Bytes taken, at least 1 of a stream (it may be fewer than size), whole datagrams. -ERR_CLOSED
 * when the peer has closed. Waiting. */
MUST_USE long sys_write(struct sys *sys, int fd, const void *data, size_t size,
                        int64_t deadline_ns);

/* For the server side of UDP: one datagram with its sender, and one back. Both as sys_read() and
 * sys_write() of datagrams. Waiting. */
MUST_USE long sys_receive_from(struct sys *sys, int fd, void *data, size_t size,
                               struct sys_address *peer, int64_t deadline_ns);
MUST_USE long sys_send_to(struct sys *sys, int fd, const void *data, size_t size,
                          const struct sys_address *peer, int64_t deadline_ns);

/* Ends our direction; the peer reads end of file. Instant. */
MUST_USE int sys_shutdown(struct sys *sys, int fd);

/* Closing the descriptor will reset the connection instead of ending it in order; the peer learns it
 * then at the latest. Instant. */
void sys_reset_on_close(struct sys *sys, int fd);

MUST_USE int sys_local_address(struct sys *sys, int fd, struct sys_address *address); /* Instant. */
MUST_USE int sys_peer_address(struct sys *sys, int fd, struct sys_address *address);  /* Instant. */

/* Two connected unix stream sockets. Instant. */
MUST_USE int sys_socket_pair(struct sys *sys, int pair[2]);

/* Passes a copy of a descriptor over a unix stream socket, one byte of the stream with it; the
 * receiver gets a descriptor of its own, or -ERR_CLOSED at end of file. Waiting. */
MUST_USE int sys_send_descriptor(struct sys *sys, int fd, int passed, int64_t deadline_ns);
MUST_USE int sys_receive_descriptor(struct sys *sys, int fd, int64_t deadline_ns);

/* Addresses of this machine's interfaces, loopback included: as many as fit are stored, the
 * number there are is returned. Instant. */
MUST_USE int sys_interface_addresses(struct sys *sys, struct sys_address *addresses, int count_max);

#endif
