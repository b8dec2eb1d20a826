// SPDX-License-Identifier: ISC
/* sim/peer/peer_message - the text of a scenario's message
 *
 * The same label, copy and contents give the same bytes, so that whoever receives it can tell
 * which message it is and whether it is whole. The body holds what transport tends to spoil: a
 * line that begins with a dot, one of two dots, an empty one, blanks at a line's end.
 *
 * Shape     lines end with CRLF
 * Blocks    never
 */
#ifndef PEER_PEER_MESSAGE_H
#define PEER_PEER_MESSAGE_H

#include "base/buf.h"
#include "base/str.h"

struct peer_message {
    struct str label; /* A */
    int copy;         /* from 1 */
    struct str sender;
    struct str recipient;    /* the first one, for the To header */
    size_t size;             /* at least so many bytes; 0: as it comes */
    const struct str *lines; /* of the body, instead of the usual ones */
    int line_count;
};

void peer_message_write(const struct peer_message *message, struct buf *out);

/* The Message-Id of that copy, with its <>. */
enum { PEER_MESSAGE_ID_MAX = 128 };
const char *peer_message_id(struct str label, int copy, char id[PEER_MESSAGE_ID_MAX]);

/* Which message such an id belongs to; false when it is none of these. */
bool peer_message_id_parse(struct str id, struct str *label, int *copy);

#endif
