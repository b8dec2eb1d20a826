// SPDX-License-Identifier: ISC
/* qmqpd/qmqpd_packet - the netstrings inside the one netstring that a client sends
 *
 * Errors    -ERR_SYNTAX  it is not netstrings in a netstring
 *           -ERR_LIMIT   a length is above the maximum; nothing of that string is read
 *           others       of the stream
 * Blocks    all
 */
#ifndef QMQPD_QMQPD_PACKET_H
#define QMQPD_QMQPD_PACKET_H

#include "base/attribute.h"
#include "base/buf.h"
#include "stream/stream.h"

struct qmqpd_packet {
    struct stream *stream;
    size_t bytes_left; /* of the outer netstring's content */
};

/* Reads the length of the outer netstring. */
MUST_USE int qmqpd_packet_begin(struct qmqpd_packet *packet, struct stream *stream);

/* Appends the content of the next netstring to out. */
MUST_USE int qmqpd_packet_next(struct qmqpd_packet *packet, size_t bytes_max, struct buf *out);

/* Reads the comma behind the last one. */
MUST_USE int qmqpd_packet_end(struct qmqpd_packet *packet);

#endif
