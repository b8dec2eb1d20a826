// SPDX-License-Identifier: ISC
/* conf/file - a whole configuration file into memory, and whether it has changed since
 *
 * Limits    the maximum of the buffer; a bigger file is -ERR_FILE_TOO_LARGE
 * Blocks    for the disk
 */
#ifndef CONF_FILE_H
#define CONF_FILE_H

#include "base/attribute.h"
#include "base/buf.h"
#include "sys/fs.h"

/* Appends the content of the file to out. Waiting. */
MUST_USE int file_read(struct sys *sys, const char *path, struct buf *out);

/* Whether the two states are of the same file with the same content, as far as can be told
 * without reading it. Pure. */
bool file_is_same(const struct sys_stat *a, const struct sys_stat *b);

#endif
