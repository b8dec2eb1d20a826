// SPDX-License-Identifier: ISC
/* queue/queue_file - a new message on its way into the queue
 *
 *     error = queue_file_create(&queue, QUEUE_INCOMING, &file);
 *     queue_file_put(&file, QUEUE_RECORD_SENDER, sender);
 *     ...
 *     error = queue_file_commit(&file, &size);        or   queue_file_abort(&file);
 *
 * The file has a temporary name (which is no valid id) and mode 0600 until commit; its SIZE
 * record is left empty at creation and written at commit. It is locked until the commit has
 * succeeded: the queue manager and pickup leave a locked file alone, although they can see its
 * name before it is durable. A file for maildrop/ has no SIZE record and may be read by all who
 * can reach it.
 *
 * Durable   when commit returns 0: data, mode, time and name. The file and its directory are
 *           synced at the same time; the directory's sync is shared (queue/queue_sync)
 * Errors    sticky: puts do nothing behind the first error, commit returns it. A commit that
 *           fails has removed the file, or where that failed as well, made it unfinished again;
 *           it is never tried again
 * Limits    QUEUE_FILE_BUFFER_MAX bytes are buffered; small messages take one write
 * Memory    buffers hang on the process's heap until commit or abort, which both end the file
 * Blocks    create, commit, abort, and puts when the buffer is full, for the disk
 */
#ifndef QUEUE_QUEUE_FILE_H
#define QUEUE_QUEUE_FILE_H

#include "base/buf.h"
#include "proto/queue_record.h"
#include "queue/queue.h"

enum { QUEUE_FILE_BUFFER_MAX = 256 * 1024, QUEUE_FILE_NAMED_MAX = 16 * 1024 };

struct queue_file {
    struct queue *queue;
    enum queue_name name;
    int fd;
    int error; /* 0 or the first -ERR_* */
    char id[QUEUE_ID_SIZE];
    char path[QUEUE_PATH_SIZE]; /* its name now: temporary, "incoming/ns.pid.count", until commit */
    struct buf buffer;          /* what is not written yet */
    int64_t offset;             /* in the file, of the buffer's first byte */
};

/* name: QUEUE_INCOMING or QUEUE_MAILDROP. */
MUST_USE int queue_file_create(struct queue *queue, enum queue_name name, struct queue_file *file);
void queue_file_put(struct queue_file *file, enum queue_record_type type, struct str data);
/* The same as an attribute of the name that such a record has, up to QUEUE_FILE_NAMED_MAX bytes. */
void queue_file_put_named(struct queue_file *file, enum queue_record_type type, struct str data);
/* Where the next record will begin. Instant. */
int64_t queue_file_offset(const struct queue_file *file);
/* Its last write makes now the time of the first delivery attempt. size is NULL for maildrop/. */
MUST_USE int queue_file_commit(struct queue_file *file, const struct queue_record_size *size);
void queue_file_abort(struct queue_file *file); /* also after a failed create */

#endif
