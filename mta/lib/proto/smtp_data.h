// SPDX-License-Identifier: ISC
/* proto/smtp_data - the text after DATA: where it ends, and the dots in it
 *
 * Only CRLF.CRLF ends the text; the CRLF before the first line is the one of the DATA command. A
 * line feed without its carriage return also ends a line, but such a line is never part of the
 * end: a message cannot be smuggled inside another. A carriage return elsewhere is plain data.
 *
 * Grammar   RFC 5321 4.1.1.4, 4.5.2, 2.3.8
 * Limits    a line longer than line_bytes_max is given out in parts; the reader needs to see at
 *           most line_bytes_max + SMTP_DATA_LOOK_AHEAD bytes at once
 * Memory    none: text is a view into the input
 * Blocks    never
 * See       queue_record.h: SMTP_DATA_LINE is a LINE record, SMTP_DATA_PART a LINE_PART
 */
#ifndef PROTO_SMTP_DATA_H
#define PROTO_SMTP_DATA_H

#include <stdbool.h>

#include "base/attribute.h"
#include "base/buf.h"
#include "base/str.h"

enum { SMTP_DATA_LOOK_AHEAD = 3 }; /* a stuffed dot, CR, LF */

enum smtp_data_result {
    SMTP_DATA_MORE, /* the input ends inside a line: read on, and come again with all of it */
    SMTP_DATA_LINE, /* text is a line, or the last part of one */
    SMTP_DATA_PART, /* text is a part of a long line */
    SMTP_DATA_END,  /* the end of the text was taken */
};

struct smtp_data_reader {
    size_t line_bytes_max;
    bool after_crlf;  /* the line before ended with CRLF, or there was none */
    bool inside_line; /* a part of the line at hand was given out */
    bool saw_bare_lf; /* anywhere so far */
};

void smtp_data_reader_init(struct smtp_data_reader *reader, size_t line_bytes_max);

/* Takes the next line or part; text and used_bytes are set unless SMTP_DATA_MORE. */
MUST_USE enum smtp_data_result smtp_data_read(struct smtp_data_reader *reader, struct str input,
                                              struct str *text, size_t *used_bytes);

/* The sending side. Lines longer than line_bytes_max (0: without limit) are cut by CRLF and a
 * space, RFC 5321 4.5.3.1.6. */
struct smtp_data_writer {
    size_t line_bytes_max;
    size_t line_bytes; /* of the line at hand so far */
};

void smtp_data_writer_init(struct smtp_data_writer *writer, size_t line_bytes_max);
/* Appends a line or part of one; a dot at the start of a line is doubled. */
void smtp_data_write(struct smtp_data_writer *writer, struct buf *out, struct str text,
                     bool ends_line);
/* Appends the end of the text; a line that is open is ended first. */
void smtp_data_write_end(struct smtp_data_writer *writer, struct buf *out);

#endif
