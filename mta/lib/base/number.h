// SPDX-License-Identifier: ISC
/* base/number - text to integers and back, without locale, overflow or surprise
 *
 * Errors    -ERR_SYNTAX for anything but digits (a leading minus where signed), also for an empty
 *           text; -ERR_LIMIT when the value does not fit the type or exceeds max
 * Blocks    never
 */
#ifndef BASE_NUMBER_H
#define BASE_NUMBER_H

#include <stdint.h>

#include "base/attribute.h"
#include "base/str.h"

MUST_USE int number_parse_u64(struct str text, uint64_t max, uint64_t *value);
MUST_USE int number_parse_i64(struct str text, int64_t min, int64_t max, int64_t *value);
MUST_USE int number_parse_hex(struct str text, uint64_t max, uint64_t *value);

#endif
