// SPDX-License-Identifier: ISC
/* proto/attribute - the internal attribute protocol: what daemons say to each other
 *
 * Reading is strict: a message has exactly the declared attributes in the declared order.
 * Missing, duplicate, unknown or over-long ones are an error, never a guess.
 *
 * Shape     name NUL value NUL ... name NUL value NUL, NUL
 * Limits    names ATTRIBUTE_NAME_MAX bytes; each value the maximum of its declaration
 * Memory    none: values are views into the input
 * Blocks    never
 */
#ifndef PROTO_ATTRIBUTE_H
#define PROTO_ATTRIBUTE_H

#include "base/attribute.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"

enum { ATTRIBUTE_NAME_MAX = 64 };

struct attribute_field {
    const char *name;
    size_t value_bytes_max;
};

/* PARSE_OK   values[0..count) are set in the order of fields; used_bytes is the message's size
 * PARSE_MORE the input is a proper beginning of such a message
 * PARSE_BAD  it is none */
MUST_USE enum parse attribute_parse(struct str input, const struct attribute_field *fields,
                                    size_t count, struct str *values, size_t *used_bytes);

/* The same for a piece of an open-ended list, which has no end of its own: used_bytes is the size
 * of its attributes. */
MUST_USE enum parse attribute_parse_part(struct str input, const struct attribute_field *fields,
                                         size_t count, struct str *values, size_t *used_bytes);

/* One value as a decimal number; 0, -ERR_SYNTAX or -ERR_LIMIT. */
MUST_USE int attribute_parse_int(struct str value, int64_t min, int64_t max, int64_t *number);

/* A NUL inside a value, which the protocol cannot carry, is written as "?". */
void attribute_put(struct buf *out, const char *name, struct str value);
void attribute_put_int(struct buf *out, const char *name, int64_t value);
void attribute_put_end(struct buf *out); /* ends the message */

#endif
