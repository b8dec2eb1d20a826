// SPDX-License-Identifier: ISC
/* proto/base64 - bytes as base64 text
 *
 * Grammar   RFC 4648 4, with padding; reading accepts only what writing makes: no line breaks,
 *           no missing padding, no stray bits
 * Memory    results are appended to the caller's buffer
 * Blocks    never
 */
#ifndef PROTO_BASE64_H
#define PROTO_BASE64_H

#include "base/attribute.h"
#include "base/buf.h"
#include "base/str.h"

void base64_write(struct str bytes, struct buf *out);
/* 0 or -ERR_SYNTAX, and out is then as before. */
MUST_USE int base64_parse(struct str text, struct buf *out);

#endif
