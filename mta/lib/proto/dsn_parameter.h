// SPDX-License-Identifier: ISC
/* proto/dsn_parameter - RET and ENVID of MAIL, NOTIFY and ORCPT of RCPT
 *
 * Parsing takes the value as it stands in the command and gives what queue records hold; writing
 * is the way back.
 *
 * Grammar   RFC 3461 4.1 to 4.4, RFC 6533 3; tolerated: an empty or repeated word in NOTIFY, an
 *           empty address in ORCPT. Decoded text has no control bytes, so that it can stand in a
 *           notice as it is; it is ASCII, but for an address of type utf-8
 * Limits    RFC 3461 5.4: DSN_ENVID_MAX and DSN_ORCPT_MAX bytes of the value
 * Errors    -ERR_SYNTAX, -ERR_LIMIT; outputs are then as before
 * Memory    results are appended to the caller's buffer
 * Blocks    never
 */
#ifndef PROTO_DSN_PARAMETER_H
#define PROTO_DSN_PARAMETER_H

#include "base/attribute.h"
#include "base/buf.h"
#include "base/str.h"

enum { DSN_ENVID_MAX = 100, DSN_ORCPT_MAX = 500 };

/* enum queue_ret */
MUST_USE int dsn_parameter_parse_ret(struct str value, int *ret);
void dsn_parameter_write_ret(int ret, struct buf *out);

/* A sum of enum queue_notify, never 0. */
MUST_USE int dsn_parameter_parse_notify(struct str value, int *notify);
void dsn_parameter_write_notify(int notify, struct buf *out);

MUST_USE int dsn_parameter_parse_envid(struct str value, struct buf *out);
void dsn_parameter_write_envid(struct str envid, struct buf *out);

/* "rfc822;bob@far.test": type, semicolon, address */
MUST_USE int dsn_parameter_parse_orcpt(struct str value, struct buf *out);
void dsn_parameter_write_orcpt(struct str orcpt, struct buf *out);

#endif
