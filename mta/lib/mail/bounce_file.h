// SPDX-License-Identifier: ISC
/* mail/bounce_file - the whole text of a bounce or defer log
 *
 * Limits    BOUNCE_FILE_BYTES_MAX; what is larger is -ERR_FILE_TOO_LARGE
 * Blocks    for the disk
 * See       mail/bounce_log.h
 */
#ifndef MAIL_BOUNCE_FILE_H
#define MAIL_BOUNCE_FILE_H

#include "base/buf.h"
#include "queue/queue.h"

enum { BOUNCE_FILE_BYTES_MAX = 64 * 1024 * 1024 };

/* Appends all that is in the open file. */
MUST_USE int bounce_file_load(struct sys *sys, int fd, struct buf *log);

/* Appends the log of a message; nothing when it has none. records: QUEUE_BOUNCE, QUEUE_DEFER or
 * QUEUE_TRACE. */
MUST_USE int bounce_file_read(struct queue *queue, enum queue_name records, struct str queue_id,
                              struct buf *log);

#endif
