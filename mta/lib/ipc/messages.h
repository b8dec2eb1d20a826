// SPDX-License-Identifier: ISC
/* ipc/messages - the internal messages as structs, with writer, parser, sender and receiver each
 *
 * For every message x of messages.def:
 *
 *   struct ipc_x               TEXT and REASON are struct str, INT is int64_t
 *   ipc_x_write()              bytes appended to out; a field beyond its limits is -ERR_INVALID
 *                              and out is as it was; a NUL in a text becomes "?"
 *   ipc_x_parse()              PARSE_OK   message and used_bytes are set; views into input
 *                              PARSE_MORE the message is not complete
 *                              PARSE_BAD  a missing, repeated, unknown, misplaced or over-long
 *                                         attribute, or a number out of range
 *   ipc_x_send()               the same as a put: a failure makes the stream inert
 *   ipc_x_receive()            waits for the message and copies its text to the arena;
 *                              -ERR_PROTOCOL for a bad one, which makes the stream inert, and so
 *                              does -ERR_LIMIT when the arena is full
 *
 * Shape     proto/attribute
 * Limits    those of messages.def; IPC_MESSAGE_MAX bytes in all
 */
#ifndef IPC_MESSAGES_H
#define IPC_MESSAGES_H

#include "base/arena.h"
#include "base/attribute.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"
#include "stream/stream.h"

enum {
    IPC_NAME_MAX = 256,
    IPC_ADDRESS_MAX = 4096,
    IPC_REASON_MAX = 8192,
    IPC_RECIPIENTS_MAX = 100000,
    IPC_MESSAGE_MAX = 64 * 1024,
};

/* status of the rewrite service's replies */
enum ipc_status { IPC_OK, IPC_TRY_AGAIN };

/* deliver_reply.status */
enum ipc_deliver_status {
    IPC_DELIVERED,  /* every recipient is final */
    IPC_LEFT,       /* a recipient is left to retry; the defer log says why */
    IPC_UNRECORDED, /* a recipient is left to retry without such a record */
    IPC_DAMAGED,    /* a recipient is left, and the content cannot be read to its end */
};

/* resolve_reply.flags */
enum ipc_resolve_flag {
    IPC_RESOLVE_ROUTED = 1, /* the local part is an address of its own (user%domain, a!b) */
    IPC_RESOLVE_ERROR = 2,  /* the address is not well formed */
};

/* resolve_reply.address_class, in the order in which the resolver asks */
enum ipc_address_class {
    IPC_CLASS_NONE,
    IPC_CLASS_LOCAL,
    IPC_CLASS_VIRTUAL_ALIAS,
    IPC_CLASS_VIRTUAL_MAILBOX,
    IPC_CLASS_RELAY,
    IPC_CLASS_DEFAULT,
};

#define MESSAGE(name) struct ipc_##name {
#define REQUEST(kind)
#define TEXT(name, max)        struct str name;
#define REASON(name)           struct str name;
#define INT(name, least, most) int64_t name;
#define END(name) \
    }             \
    ;
#define PART     MESSAGE
#define PART_END END
// clang-format on
#include "ipc/messages.def"
#undef MESSAGE
#undef REQUEST
#undef TEXT
#undef REASON
#undef INT
#undef END

#define MESSAGE(name)                                                                    \
    MUST_USE int ipc_##name##_write(struct buf *out, const struct ipc_##name *message);  \
    MUST_USE enum parse ipc_##name##_parse(struct str input, struct ipc_##name *message, \
                                           size_t *used_bytes);                          \
    void ipc_##name##_send(struct stream *stream, const struct ipc_##name *message);     \
    MUST_USE int ipc_##name##_receive(struct stream *stream, struct arena *arena,        \
                                      struct ipc_##name *message);
#define REQUEST(kind)
#define TEXT(name, max)
#define REASON(name)
#define INT(name, least, most)
#define END(name)
#include "ipc/messages.def"
#undef MESSAGE
#undef REQUEST
#undef TEXT
#undef REASON
#undef INT
#undef END
#undef PART
#undef PART_END

/* Closes a list of parts, or the list of lists. */
void ipc_list_end_send(struct stream *stream);
/* Waits: 1 when another part follows, 0 when the list's end was read, else an error. */
MUST_USE int ipc_list_more(struct stream *stream);

/* Waits for the next request of a connection and shows its kind (the value of its "request"
 * attribute) without reading it; kind is valid until the next read. -ERR_CLOSED when the client
 * is done, -ERR_PROTOCOL when something else comes. */
MUST_USE int ipc_request_wait(struct stream *stream, struct str *kind);

#endif
