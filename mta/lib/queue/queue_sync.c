// SPDX-License-Identifier: ISC
#include "queue/queue_sync.h"

#include "base/assert.h"
#include "sys/fs.h"

/* One caller of queue_sync_wait(). */
struct waiter {
    struct list node; /* in sync->waiters, or in the run that covers it */
    bool covered;     /* by a run that has started */
    bool done;
    int error;
};

void queue_sync_init(struct queue_sync *sync, struct sys *sys, const char *path)
{
    *sync = (struct queue_sync){.sys = sys, .path = path, .fd = -1};
    list_init(&sync->waiters);
    sys_event_init(&sync->changed);
}

void queue_sync_done(struct queue_sync *sync)
{
    assert(sync->run_count == 0 && list_is_empty(&sync->waiters));
    sys_close(sync->sys, sync->fd);
    sync->fd = -1;
}

int queue_sync_open(struct queue_sync *sync)
{
    if (sync->fd >= 0) {
        return 0;
    }
    int fd = sys_open(sync->sys, SYS_HERE, sync->path, SYS_OPEN_READ | SYS_OPEN_DIRECTORY, 0);
    if (fd < 0) {
        return fd;
    }
    if (sync->fd >= 0) { /* another fiber was faster */
        sys_close(sync->sys, fd);
    } else {
        sync->fd = fd;
    }
    return 0;
}

/* Moves all who wait now to the run, so that those who come later cannot join it. */
static void take_waiters(struct queue_sync *sync, struct list *run)
{
    list_init(run);
    list_each(node, &sync->waiters)
    {
        list_remove(node);
        list_append(run, node);
        list_entry(node, struct waiter, node)->covered = true;
    }
}

/* Also for a canceled fiber, which is one of those that it is done for. */
static void gather(struct queue_sync *sync)
{
    sync->gathering = true;
    int error = sys_yield(sync->sys);
    (void)error;
    sync->gathering = false;
}

static void run_sync(struct queue_sync *sync)
{
    struct list run;
    sync->run_count++;
    gather(sync);
    take_waiters(sync, &run);
    int error = queue_sync_open(sync);
    if (error == 0) {
        error = sys_fsync(sync->sys, sync->fd);
    }
    list_each(node, &run)
    {
        struct waiter *waiter = list_entry(node, struct waiter, node);
        list_remove(node);
        waiter->done = true;
        waiter->error = error;
    }
    sync->run_count--;
    sys_event_wake_all(sync->sys, &sync->changed);
}

static bool may_run(const struct queue_sync *sync)
{
    return !sync->gathering && sync->run_count < QUEUE_SYNC_RUNS_MAX;
}

/* Until a run that started behind our entry covers us; we do it ourselves when there may be one
 * more. */
static int wait_covered(struct queue_sync *sync, struct waiter *self)
{
    while (!self->done) {
        if (!self->covered && may_run(sync)) {
            run_sync(sync);
            continue;
        }
        int error = sys_event_wait(sync->sys, &sync->changed, SYS_FOREVER);
        if (error != 0 && !self->done) {
            return error;
        }
    }
    return self->error;
}

int queue_sync_wait(struct queue_sync *sync)
{
    struct mem *mem = sys_mem(sync->sys);
    struct waiter *self = mem_alloc(mem, sizeof *self);
    list_append(&sync->waiters, &self->node);
    int error = wait_covered(sync, self);
    list_remove(&self->node);
    mem_free(mem, self);
    return error;
}
