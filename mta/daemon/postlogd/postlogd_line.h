// SPDX-License-Identifier: ISC
/* postlogd/postlogd_line - what may stand in the log file
 *
 * Blocks    never; pure
 */
#ifndef POSTLOGD_POSTLOGD_LINE_H
#define POSTLOGD_POSTLOGD_LINE_H

#include "base/buf.h"
#include "base/str.h"

/* Appends the lines of a datagram: control characters become "?", blanks behind a line go, an empty
 * one adds nothing. */
void postlogd_line_put(struct buf *out, struct str datagram);

/* True when the file is, or is below, one of the paths of maillog_file_prefixes. */
bool postlogd_line_file_allowed(struct str file, struct str prefixes);

#endif
