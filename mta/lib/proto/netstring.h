// SPDX-License-Identifier: ISC
/* proto/netstring - length, colon, bytes, comma
 *
 * Grammar   [0-9]+ ":" bytes ","; no zero in front of other digits
 * Limits    content_bytes_max of the caller; a larger length is PARSE_BAD before any content
 * Memory    none: content is a view into the input
 * Blocks    never
 */
#ifndef PROTO_NETSTRING_H
#define PROTO_NETSTRING_H

#include "base/attribute.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"

enum { NETSTRING_HEAD_MAX = 21 }; /* digits of 64 bits and the colon */

/* Length and colon only, for content that is read piece by piece; the comma follows it. */
MUST_USE enum parse netstring_parse_head(struct str input, size_t content_bytes_max,
                                         size_t *content_bytes, size_t *used_bytes);

/* A whole netstring; PARSE_MORE when the input ends inside it. */
MUST_USE enum parse netstring_parse(struct str input, size_t content_bytes_max, struct str *content,
                                    size_t *used_bytes);

void netstring_write(struct buf *out, struct str content);
void netstring_write_head(struct buf *out, size_t content_bytes);

#endif
