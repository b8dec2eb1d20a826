// SPDX-License-Identifier: ISC
/* conf/file - a whole configuration file into memory
 *
 * Limits    the maximum of the buffer; a bigger file is -ERR_FILE_TOO_LARGE
 * Blocks    for the disk
 */
#ifndef CONF_FILE_H
#define CONF_FILE_H

#include "base/attribute.h"
#include "base/buf.h"
#include "sys/sys.h"

/* Appends the content of the file to out. Waiting. */
MUST_USE int file_read(struct sys *sys, const char *path, struct buf *out);

#endif
