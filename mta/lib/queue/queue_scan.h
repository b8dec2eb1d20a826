// SPDX-License-Identifier: ISC
/* queue/queue_scan - the names in one queue, one after the other
 *
 * Goes through sub-directories of a hashed queue. Files that come or go meanwhile may be found or
 * not. Temporary files are shown apart, never as ids.
 *
 * Limits    one open directory at each level; memory does not depend on the number of files
 * Errors    of sys/fs; a sub-directory that vanished is skipped
 * Blocks    for the disk
 */
#ifndef QUEUE_QUEUE_SCAN_H
#define QUEUE_QUEUE_SCAN_H

#include "queue/queue.h"

enum queue_found {
    QUEUE_FOUND_END,
    QUEUE_FOUND_ID,        /* name is a valid id */
    QUEUE_FOUND_TEMPORARY, /* name is that of a file that was never finished */
};

struct queue_scan {
    struct queue *queue;
    enum queue_name name;
    int level;                       /* of the open directory, 0 is the queue itself */
    int fds[QUEUE_ID_DEPTH_MAX + 1]; /* open directories; -1: none */
    char path[QUEUE_PATH_SIZE];      /* of the deepest one */
    char found[SYS_NAME_MAX + 1];
};

MUST_USE int queue_scan_open(struct queue *queue, enum queue_name name, struct queue_scan *scan);
/* enum queue_found or an error; *name, the file's name, lives until the next call. */
MUST_USE int queue_scan_next(struct queue_scan *scan, struct str *name);
void queue_scan_close(struct queue_scan *scan); /* may be called twice. Instant. */

#endif
