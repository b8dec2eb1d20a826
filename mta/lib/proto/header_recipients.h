// SPDX-License-Identifier: ISC
/* proto/header_recipients - the recipients that a message's own header names, for `sendmail -t`
 *
 * Lines go in one by one, in parts where they are long, until the header ends.
 *
 * Grammar   To, Cc, Bcc; when there is any of Resent-To, Resent-Cc, Resent-Bcc, those instead
 * Limits    a field HEADER_RECIPIENTS_FIELD_MAX, all addresses HEADER_RECIPIENTS_BYTES_MAX bytes
 * Errors    -ERR_LIMIT; the first one is kept. What is no address is listed as it stands
 * Memory    on the heap given, until header_recipients_done()
 * Blocks    never
 */
#ifndef PROTO_HEADER_RECIPIENTS_H
#define PROTO_HEADER_RECIPIENTS_H

#include "base/attribute.h"
#include "base/buf.h"

enum {
    HEADER_RECIPIENTS_FIELD_MAX = 1024 * 1024,
    HEADER_RECIPIENTS_BYTES_MAX = 4 * 1024 * 1024,
};

struct header_recipients {
    struct buf field; /* the field at hand, if it names recipients */
    struct buf plain; /* addresses in internal form, each ended by LF */
    struct buf resent;
    bool is_resent;   /* the header has a Resent- field of these */
    bool inside_line; /* the next part goes on with the line before */
    bool ended;
    int error;
};

void header_recipients_init(struct header_recipients *recipients, struct mem *mem);
void header_recipients_done(struct header_recipients *recipients);

/* Takes a line or, with ends_line false, a part of one. */
void header_recipients_line(struct header_recipients *recipients, struct str text, bool ends_line);

/* The header is over, if it was not before: 0 with *list, a view of addresses in internal form,
 * each ended by LF; or the first error. */
MUST_USE int header_recipients_end(struct header_recipients *recipients, struct str *list);

#endif
