// SPDX-License-Identifier: ISC
/* proto/xtext - bytes as the values of ESMTP parameters: "+" and two hex digits for what needs it
 *
 * Grammar   RFC 3461 4; hex digits are upper case, reading tolerates lower case
 * Memory    results are appended to the caller's buffer
 * Blocks    never
 */
#ifndef PROTO_XTEXT_H
#define PROTO_XTEXT_H

#include "base/attribute.h"
#include "base/buf.h"
#include "base/str.h"

void xtext_write(struct str bytes, struct buf *out);
/* 0 or -ERR_SYNTAX, and out is then as before. Encoded control bytes come out as they are: the
 * caller decides whether it wants them. */
MUST_USE int xtext_parse(struct str text, struct buf *out);

#endif
