// SPDX-License-Identifier: ISC
/* queue/queue - the queue directories of one instance, as one process sees them
 *
 * The working directory is the queue directory. A message is a file named by its id in exactly
 * one of the queues; its logs have the same name in QUEUE_BOUNCE, QUEUE_DEFER and QUEUE_TRACE.
 * Queues named in hash_queue_names keep their files in sub-directories, which are made when they
 * are first needed; maildrop/ never does, for it belongs to many users.
 *
 * Rename and unlink are atomic and, unless it says so, not durable when the call returns: after a
 * power cut the file has one of its names or both. Files under two names are found by device and
 * inode, and one name is dropped.
 *
 * Errors    of sys/fs; -ERR_EXISTS when a different file has the name
 * Memory    handles hang on the process's heap until queue_close()
 * Blocks    for the disk, unless marked
 * See       docs/QUEUE.md; reference names LC-1 to LC-16 of the queue's layout
 */
#ifndef QUEUE_QUEUE_H
#define QUEUE_QUEUE_H

#include "base/map.h"
#include "conf/conf.h"
#include "proto/queue_id.h"
#include "queue/queue_sync.h"
#include "sys/fs.h"
#include "sys/user.h"

/*  name, directory, its mode. maildrop/ belongs to setgid_group, whose commands write and sync it */
#define QUEUE_LIST(X)             \
    X(MAILDROP, "maildrop", 0770) \
    X(INCOMING, "incoming", 0700) \
    X(ACTIVE, "active", 0700)     \
    X(DEFERRED, "deferred", 0700) \
    X(HOLD, "hold", 0700)         \
    X(CORRUPT, "corrupt", 0700)   \
    X(BOUNCE, "bounce", 0700)     \
    X(DEFER, "defer", 0700)       \
    X(TRACE, "trace", 0700)

enum queue_name {
#define X(name, directory, mode) QUEUE_##name,
    QUEUE_LIST(X)
#undef X
        QUEUE_COUNT
};

/* Of a message's file, beside 0600. Those of the group ask for something, or tell something. */
enum queue_mode {
    QUEUE_MODE_READY = 0100,      /* without it the file is not mail, or not yet */
    QUEUE_MODE_UNTHROTTLE = 0040, /* once: forget that its transport or destination is dead */
    QUEUE_MODE_WAS_QUEUED = 0020, /* it was acknowledged, although it is in incoming/ */
    QUEUE_MODE_EXPIRE = 0010,     /* give it up */
    QUEUE_MODE_GROUP = 0070,
};

enum { QUEUE_PATH_SIZE = 16 + QUEUE_ID_PATH_SIZE + QUEUE_ID_BYTES_MAX + 1 };

struct queue {
    struct sys *sys;
    bool long_ids;
    int depth[QUEUE_COUNT]; /* levels of sub-directories; 0 for a flat queue */
    uint32_t file_count;    /* files made by this process: makes temporary names unique */
    struct map syncs;       /* directory -> struct queue_sync */
};

MUST_USE int queue_open(struct queue *queue, struct sys *sys, const struct conf *conf);
/* For a process that will give up rights: opens a flat queue's directory for queue_sync() now. */
MUST_USE int queue_open_sync(struct queue *queue, enum queue_name name);
/* Also of one that is zeroed, because it never came to queue_open(). Instant. */
void queue_close(struct queue *queue);

const char *queue_directory(enum queue_name name);            /* "incoming" */
bool queue_find(struct str directory, enum queue_name *name); /* its inverse */
/* "deferred/A/ID". The id must be valid. Instant. */
const char *queue_path(const struct queue *queue, enum queue_name name, struct str id,
                       char path[QUEUE_PATH_SIZE]);

/* Moves a message between queues. When it has the other name already, as a crash may leave it,
 * only the old name is removed. 0; -ERR_NOT_FOUND: there is no such file. */
MUST_USE int queue_move(struct queue *queue, enum queue_name from, enum queue_name to,
                        struct str id);
/* Sets QUEUE_MODE_WAS_QUEUED, durably, whether or not the file is ready. */
void queue_mark_queued(struct queue *queue, enum queue_name name, struct str id);
/* Moves a damaged file to corrupt/. It is marked first, durably, as one that was queued: under an older
 * name, that a power cut brings back, it would pass for a reception that was never finished. */
MUST_USE int queue_put_aside(struct queue *queue, enum queue_name name, struct str id);
/* The same for a file of the queue that lies under another path than queue_path() says. */
MUST_USE int queue_place(struct queue *queue, enum queue_name name, struct str id,
                         const char *path);
MUST_USE int queue_remove(struct queue *queue, enum queue_name name, struct str id);

/* 1 when one of the queues has the message, 0 when none has. One that is being moved is found. */
MUST_USE int queue_has_message(struct queue *queue, struct str id);

/* Opens a file of a queue; with SYS_OPEN_CREATE missing sub-directories are made, durably. */
MUST_USE int queue_open_file(struct queue *queue, enum queue_name name, struct str id,
                             unsigned flags, uint32_t mode);

/* Makes durable what was changed in the directory in which the id's file of that queue lies. */
MUST_USE int queue_sync(struct queue *queue, enum queue_name name, struct str id);

#endif
