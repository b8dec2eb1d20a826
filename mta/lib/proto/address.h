// SPDX-License-Identifier: ISC
/* proto/address - mail addresses: the internal form and its two written forms
 *
 * Inside, an address is one text: local part, "@", domain; the local part without quotes and
 * backslashes, so that "a b"@x.example is a b@x.example. The last "@" divides. The null address
 * is the empty text. Written forms come in and go out through this module only.
 *
 * Grammar   paths RFC 5321 4.1.2 (source routes are dropped, RFC 5321 C), literals RFC 5321 4.1.3,
 *           header lists RFC 5322 3.4 and 4.4, with comments, groups and folding
 * Limits    ADDRESS_BYTES_MAX bytes in internal form, ADDRESS_COMMENT_DEPTH_MAX nested comments
 * Errors    -ERR_SYNTAX; -ERR_LIMIT for what is too long or too deep; *internal is then as before
 * Memory    results are appended to the caller's buffer or are views into the input
 * Blocks    never
 */
#ifndef PROTO_ADDRESS_H
#define PROTO_ADDRESS_H

#include "base/attribute.h"
#include "base/buf.h"
#include "base/str.h"

enum {
    ADDRESS_BYTES_MAX = 1024, /* RFC 5321 4.5.3.1.3 asks for 256 */
    ADDRESS_COMMENT_DEPTH_MAX = 50,
};

struct address {
    struct str local_part; /* not quoted */
    struct str domain;     /* data is NULL when there is no "@"; a literal has its brackets */
};

/* The parts of an address in internal form. */
struct address address_split(struct str internal);

/* Appends the internal form of a path, with or without angle brackets; "<>" appends nothing.
 * No byte of the result is a control byte. A domain may be missing; whether that is right is for
 * the caller. */
MUST_USE int address_parse_path(struct str path, struct buf *internal);

/* Appends the address as it is written in a path or a header, without angle brackets: the local
 * part is quoted where it must be. */
void address_write(struct str internal, struct buf *external);

/* Appends a display name as it stands before "<" in a header: quoted where it must be. */
void address_write_name(struct str name, struct buf *external);

/* Takes the next address out of a header's address list and appends its internal form.
 * 1 an address was appended; 0 the list is at its end; negative: rest is at the next comma. */
MUST_USE int address_list_next(struct str *rest, struct buf *internal);

/* The same of a list that a person typed: what is no address is appended as it stands, control
 * bytes as blanks, so that the message can be returned to its sender. */
MUST_USE int address_list_next_lenient(struct str *rest, struct buf *internal);

/* A host name by RFC 1123 2.1 (also with "_"), without a dot at its end. */
bool address_host_is_valid(struct str host);
/* [192.0.2.1] or [IPv6:2001:db8::1]. */
bool address_literal_is_valid(struct str literal);
/* Either of the two. */
bool address_domain_is_valid(struct str domain);

#endif
