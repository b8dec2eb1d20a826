// SPDX-License-Identifier: ISC
/* sim/check/dsn - reads a delivery status notification as its receiver would
 *
 * What is no notice of the right form is refused (check/dsn_form.h).
 *
 * Grammar   RFC 6522 (multipart/report), RFC 3464 (message/delivery-status), RFC 6533 (message/
 *           global-delivery-status), RFC 2046 5.1
 * Limits    DSN_RECIPIENTS_MAX groups of recipient fields
 * Memory    views into the message
 * Blocks    never
 */
#ifndef CHECK_DSN_H
#define CHECK_DSN_H

#include "base/attribute.h"
#include "base/buf.h"
#include "base/str.h"

enum { DSN_RECIPIENTS_MAX = 100, DSN_PROBLEM_MAX = 200 };

struct dsn {
    struct str explanation;   /* first part, with its header */
    struct str status;        /* second part, with its header */
    struct str message_group; /* fields for the whole message */
    struct str recipient_groups[DSN_RECIPIENTS_MAX];
    int recipient_count;
    bool is_global;      /* by RFC 6533: UTF-8 may stand in it */
    struct str returned; /* third part, with its header; data NULL when there is none */
};

/* True when the message says that it is a notification. */
bool dsn_is_one(struct str message);

/* False when it is malformed: problem says how. */
MUST_USE bool dsn_parse(struct str message, struct dsn *dsn, char problem[DSN_PROBLEM_MAX]);

/* Appends the unfolded value of a field of the recipient's group, of the message's group, or,
 * named "returned", the content type of the returned part. False when there is none. */
bool dsn_field(const struct dsn *dsn, int recipient, struct str name, struct buf *value);

#endif
