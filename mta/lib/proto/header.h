// SPDX-License-Identifier: ISC
/* proto/header - header fields of a message: split, unfold, fold
 *
 * Lines may end in CRLF or LF, and the last one in nothing.
 *
 * Grammar   RFC 5322 2.2; tolerated: blanks before the colon (RFC 5322 4.5)
 * Memory    views into the input; results are appended to the caller's buffer
 * Blocks    never
 */
#ifndef PROTO_HEADER_H
#define PROTO_HEADER_H

#include "base/buf.h"
#include "base/str.h"

/* Bytes of the field name with which this line begins, or 0 when it is no field's first line. */
size_t header_name_size(struct str line);
/* True for a line that continues the field before it. */
bool header_line_continues(struct str line);

/* Divides a field at its colon; value begins behind it and the blanks that follow, and goes on
 * over all its lines. False when it is no field. */
bool header_split(struct str field, struct str *name, struct str *value);

/* Takes the next field, with its continuation lines, out of a message text; field is without the
 * last line ending. False when the next line is no field: the empty line (which is then taken as
 * well), the body without one, or the end. */
bool header_next(struct str *rest, struct str *field);

/* The value of the first field of that name, case ignored; false when there is none. */
bool header_find(struct str message, struct str name, struct str *value);

/* The message text from behind the header's empty line. */
struct str header_body(struct str message);

/* Appends the value in one line: each line ending before a blank is left out. */
void header_unfold(struct str value, struct buf *out);

/* Appends "Name: value" and a LF, folded at blanks so that no line is longer than
 * line_bytes_max where that can be done; continuation lines begin with a tab, and replace the
 * blank where they are cut by it. */
void header_write(struct buf *out, struct str name, struct str value, size_t line_bytes_max);

#endif
