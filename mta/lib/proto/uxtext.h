// SPDX-License-Identifier: ISC
/* proto/uxtext - an address of type utf-8 as the value of ORCPT: "\x{FC}" for what is not plain
 *
 * Grammar   RFC 6533 3, utf-8-addr-xtext; reading takes utf-8-addr-unitext too, which has UTF-8 as
 *           it stands, and lower case hex digits
 * Memory    results are appended to the caller's buffer
 * Blocks    never
 */
#ifndef PROTO_UXTEXT_H
#define PROTO_UXTEXT_H

#include "base/attribute.h"
#include "base/buf.h"
#include "base/str.h"

/* What is no valid UTF-8 becomes "?". */
void uxtext_write(struct str utf8, struct buf *out);
/* 0 or -ERR_SYNTAX, and out is then as before. The result is valid UTF-8. Encoded control
 * characters come out as they are: the caller decides whether it wants them. */
MUST_USE int uxtext_parse(struct str text, struct buf *out);

#endif
