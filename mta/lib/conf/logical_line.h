// SPDX-License-Identifier: ISC
/* conf/logical_line - the lines of main.cf and master.cf
 *
 * Grammar   A line that begins with white space continues the one before. Blank lines and lines
 *           whose first visible character is # are left out, also between a line and its
 *           continuation; they end nothing. A continuation keeps its leading white space.
 * Memory    none but the caller's buffer
 * Blocks    never; pure
 */
#ifndef CONF_LOGICAL_LINE_H
#define CONF_LOGICAL_LINE_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/str.h"

struct logical_reader {
    struct str rest;
    int line; /* number of the next physical line, from 1 */
};

struct logical_line {
    struct str source; /* from its first physical line to the end of its last one */
    int line;          /* number of its first physical line */
};

void logical_line_begin(struct logical_reader *reader, struct str text);

/* The next logical line, put into joined (cleared first) without its newlines and without white
 * space at the end. A continuation of nothing comes as a line that begins with white space.
 * False at the end. */
bool logical_line_next(struct logical_reader *reader, struct logical_line *line,
                       struct buf *joined);

/* Where in the file the byte at offset of the joined text stands; columns count from 1. */
void logical_line_position(const struct logical_line *line, size_t offset, int *row, int *column);

#endif
