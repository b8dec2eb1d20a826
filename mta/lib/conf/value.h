// SPDX-License-Identifier: ISC
/* conf/value - texts of main.cf to typed values
 *
 * Grammar   bool: yes or no; int: digits; size: digits and an optional k, m or g (1024 each);
 *           time: digits and an optional unit s m h d w. Letter case is ignored.
 * Limits    an int up to INT32_MAX, a size up to INT64_MAX, a time up to INT32_MAX seconds
 * Errors    -ERR_SYNTAX, -ERR_LIMIT; nothing is set then
 * Blocks    never; pure
 */
#ifndef CONF_VALUE_H
#define CONF_VALUE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attribute.h"
#include "base/str.h"

MUST_USE int value_parse_bool(struct str text, bool *value);
MUST_USE int value_parse_int(struct str text, int64_t *value);
MUST_USE int value_parse_size(struct str text, int64_t *bytes);
/* unit is that of a number without one. */
MUST_USE int value_parse_time(struct str text, char unit, int64_t *time_ns);

#endif
