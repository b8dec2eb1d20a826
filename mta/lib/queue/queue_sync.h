// SPDX-License-Identifier: ISC
/* queue/queue_sync - one directory's entries made durable, for many waiters at once
 *
 * A change of a directory is durable once a sync that started behind it has ended. Whoever comes
 * first lets the fibers that are ready do their changes, then starts a sync for all that wait.
 * A file system commits one sync's changes while it gathers the next one's, so a few syncs run
 * at the same time; who finds that many running waits until one has ended.
 *
 * Errors    of sys_fsync(), to every waiter of that run; -ERR_CANCELED to a canceled waiter
 * Memory    the struct is the caller's; the path must outlive it
 * Blocks    queue_sync_wait(), for the disk
 * State     at most QUEUE_SYNC_RUNS_MAX syncs run; who waits has not been covered by a run yet
 */
#ifndef QUEUE_QUEUE_SYNC_H
#define QUEUE_QUEUE_SYNC_H

#include "base/list.h"
#include "sys/fiber.h"
#include "sys/sys.h"

enum { QUEUE_SYNC_RUNS_MAX = 3 };

struct queue_sync {
    struct sys *sys;
    const char *path;
    int fd; /* of the directory; -1 until the first run */
    int run_count;
    bool gathering;      /* somebody is about to start a run for all waiters */
    struct list waiters; /* for the next run */
    struct sys_event changed;
    bool name_is_durable; /* of a level: its own name, for the queue to remember */
};

void queue_sync_init(struct queue_sync *sync, struct sys *sys, const char *path);
void queue_sync_done(struct queue_sync *sync); /* nobody waits any more. Instant. */

/* Opens the directory, while the rights for it are there; later calls do nothing. Waiting. */
MUST_USE int queue_sync_open(struct queue_sync *sync);

/* Returns when all changes made before the call are durable, or cannot be made so. Waiting. */
MUST_USE int queue_sync_wait(struct queue_sync *sync);

#endif
