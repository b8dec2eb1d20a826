// SPDX-License-Identifier: ISC
/* queue/queue_sync - one directory's entries made durable, for many waiters at once
 *
 * A change of a directory is durable once a sync that started behind it has ended. Waiters that
 * come while a sync runs share the next one; whoever finds none running does it for all that
 * wait.
 *
 * Errors    of sys_fsync(), to every waiter of that run; -ERR_CANCELED to a canceled waiter
 * Memory    the struct is the caller's; the path must outlive it
 * Blocks    queue_sync_wait(), for the disk
 * State     at most one sync runs; who waits has not been covered by a run yet
 */
#ifndef QUEUE_QUEUE_SYNC_H
#define QUEUE_QUEUE_SYNC_H

#include "base/list.h"
#include "sys/fiber.h"
#include "sys/sys.h"

struct queue_sync {
    struct sys *sys;
    const char *path;
    int fd; /* of the directory; -1 until the first run */
    bool running;
    struct list waiters; /* for the next run */
    struct sys_event changed;
};

void queue_sync_init(struct queue_sync *sync, struct sys *sys, const char *path);
void queue_sync_done(struct queue_sync *sync); /* nobody waits any more. Instant. */

/* Opens the directory, while the rights for it are there; later calls do nothing. Waiting. */
MUST_USE int queue_sync_open(struct queue_sync *sync);

/* Returns when all changes made before the call are durable, or cannot be made so. Waiting. */
MUST_USE int queue_sync_wait(struct queue_sync *sync);

#endif
