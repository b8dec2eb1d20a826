// SPDX-License-Identifier: ISC
/* table/table_file - a file that is read whole, and read again when it has changed
 *
 * Limits    the maximum given
 * Errors    as sys/fs; -ERR_FILE_TOO_LARGE
 * Memory    the text is the caller's buf
 * Blocks    all waiting, for the disk only
 */
#ifndef TABLE_TABLE_FILE_H
#define TABLE_TABLE_FILE_H

#include "base/buf.h"
#include "sys/fs.h"

/* Appends the content of a regular file; its state (may be NULL) is the one before reading, so
 * that a change while reading is seen later. */
MUST_USE int table_file_read(struct sys *sys, const char *path, struct buf *text,
                             struct sys_stat *state);

/* Whether the two states are of the same file with the same content, as far as can be told
 * without reading it. Pure. */
bool table_file_is_same(const struct sys_stat *a, const struct sys_stat *b);

#endif
