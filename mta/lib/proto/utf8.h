// SPDX-License-Identifier: ISC
/* proto/utf8 - UTF-8: what is well formed, and the characters in it
 *
 * Grammar   RFC 3629 4: no overlong forms, no surrogates, nothing above U+10FFFF. ASCII is UTF-8.
 * Memory    results are appended to the caller's buffer
 * Blocks    never
 */
#ifndef PROTO_UTF8_H
#define PROTO_UTF8_H

#include "base/attribute.h"
#include "base/buf.h"
#include "base/str.h"

enum { UTF8_CODE_MAX = 0x10ffff };

/* Bytes of the character at the start of text; 0 when there is none, or it is malformed. */
size_t utf8_character_size(struct str text);

bool utf8_is_valid(struct str text);

/* The code point of one well-formed character. */
uint32_t utf8_decode(struct str character);
/* 0, or -ERR_SYNTAX for what is no code point of a character. */
MUST_USE int utf8_encode(uint32_t code, struct buf *out);

#endif
