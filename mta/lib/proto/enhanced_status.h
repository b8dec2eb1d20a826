// SPDX-License-Identifier: ISC
/* proto/enhanced_status - enhanced mail system status codes: 5.1.1
 *
 * Grammar   RFC 3463 2: class 2, 4 or 5; subject and detail of one to three digits
 * Memory    none
 * Blocks    never
 */
#ifndef PROTO_ENHANCED_STATUS_H
#define PROTO_ENHANCED_STATUS_H

#include <stdint.h>

#include "base/attribute.h"
#include "base/str.h"

enum { ENHANCED_STATUS_TEXT_SIZE = 12 }; /* longest text with its NUL, rounded up */

struct enhanced_status {
    uint16_t class; /* 2, 4, 5; 0 means there is none */
    uint16_t subject;
    uint16_t detail;
};

/* The text as a whole; 0 or -ERR_SYNTAX. */
MUST_USE int enhanced_status_parse(struct str text, struct enhanced_status *status);

/* Bytes of the status with which text begins, followed by a blank or the end of text; 0 when it
 * does not begin with one, and status is not touched. */
size_t enhanced_status_parse_prefix(struct str text, struct enhanced_status *status);

/* The status with a class; an empty text for class 0. */
const char *enhanced_status_text(struct enhanced_status status,
                                 char text[ENHANCED_STATUS_TEXT_SIZE]);

#endif
