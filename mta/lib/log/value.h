// SPDX-License-Identifier: ISC
/* log/value - one value in a line of the log, written and read back
 *
 * Foreign text can neither start a new line nor leave its place in a text line: control characters
 * and malformed UTF-8 become `?`, and so does ASCII that must not stand there. JSON strings are
 * escaped and hold what was given, malformed UTF-8 as U+FFFD.
 *
 * Limits    the first LOG_LINE_MAX bytes of a text are written
 * Errors    -ERR_SYNTAX for what the function beside it would not write
 * Blocks    never; pure
 */
#ifndef LOG_VALUE_H
#define LOG_VALUE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attribute.h"
#include "base/buf.h"
#include "base/str.h"

enum { LOG_LINE_MAX = 2000 };

/* Not in an ADDRESS: < and >; nor in a NAME: space , ; ( ) < >; nor in an ID: space , : ( ) < >. */
enum log_place { LOG_IN_TEXT = 0, LOG_IN_ADDRESS = 1, LOG_IN_NAME = 2, LOG_IN_ID = 4 };

void log_put_harmless(struct buf *out, struct str text, enum log_place place);
void log_put_text(struct buf *out, struct str text);        /* LOG_IN_TEXT */
void log_put_json_string(struct buf *out, struct str text); /* with its quotes */

/* Cuts a longer text to that size or less, at a character, with "..." at its end. */
void log_cut(struct buf *text, size_t size_max);

/* How many bytes at the start of text log_put_harmless() leaves as they are. */
size_t log_harmless_size(struct str text, enum log_place place);
/* Of a byte of printable text. */
bool log_may_stand(char c, enum log_place place);

MUST_USE int log_parse_int(struct str text, int64_t *value); /* as printf's %lld writes it */

/* "1.2", "0.05", "12", "0": seconds with two significant digits, at most two decimals. */
void log_put_delay(struct buf *out, int64_t delay_ns);
MUST_USE int log_parse_delay(struct str text, int64_t *delay_ns);

/* "1.234567": seconds with microseconds; when reading up to nine decimals. */
void log_put_seconds(struct buf *out, int64_t delay_ns);
MUST_USE int log_parse_seconds(struct str text, int64_t *delay_ns);

#endif
