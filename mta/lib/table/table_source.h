// SPDX-License-Identifier: ISC
/* table/table_source - text form of a table: key, white space, value
 *
 * Lines that are empty, white space, or begin (after white space) with # are skipped; a line that
 * begins with white space goes on with the logical line before it. Pure: bytes in, views out.
 *
 * Grammar   postmap(1): the key ends at the first white space that is not inside "double quotes",
 *           where a backslash takes the next character as it is; the quotes stay in the key
 * Limits    a logical line of TABLE_SOURCE_LINE_MAX bytes
 * Memory    key and value are views into the line buffer of the source, until the next call
 * Blocks    never
 */
#ifndef TABLE_TABLE_SOURCE_H
#define TABLE_TABLE_SOURCE_H

#include "base/attribute.h"
#include "base/buf.h"
#include "base/str.h"

enum { TABLE_SOURCE_LINE_MAX = 128 * 1024 };

struct table_source {
    struct str rest;
    struct buf line; /* the logical line, joined */
    int line_number; /* of the logical line's first line, from 1 */
    int lines_read;
};

struct table_source_entry {
    struct str line; /* all of it */
    struct str key;
    struct str value; /* empty when the line has none */
};

void table_source_init(struct table_source *source, struct mem *mem, struct str text);
void table_source_done(struct table_source *source);

/* The next logical line, joined and trimmed at its end: 1, 0 at the end of the text, -ERR_LIMIT
 * for a line that is too long (skipped; the next call goes on). */
MUST_USE int table_source_next_line(struct table_source *source, struct str *line);
/* The next entry, as above; -ERR_SYNTAX for a line that begins with white space (no line stands
 * before it) or has an unfinished quote; of the entry only line is set then. */
MUST_USE int table_source_next(struct table_source *source, struct table_source_entry *entry);

#endif
