// SPDX-License-Identifier: ISC
/* world/fiber - fibers of simulated processes and the scheduler that runs them
 *
 * Exactly one fiber runs at a time, until it waits. Which runnable one goes next is a draw
 * ("run"); 0 takes them in the order in which they became runnable.
 *
 * Memory    stacks are mapped once and used again, also by the next world
 */
#ifndef WORLD_FIBER_H
#define WORLD_FIBER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/list.h"
#include "sys/context.h"
#include "sys/fiber.h"
#include "world/event.h"

struct disk_inode;
struct sys;
struct world;

struct fiber {
    struct context context;
    struct sys *sys;
    struct world *world;
    void *stack;
    struct list in_process;  /* sys->fibers */
    struct list in_group;    /* group->fibers */
    struct sys_group *group; /* NULL for the first fiber of a process */
    void (*run)(struct sys *sys, void *argument);
    void *argument;

    struct list in_waiters; /* a list of waiters, or the list of runnable fibers */
    struct event timer;
    int64_t deadline_ns; /* of the present wait, by the machine's monotonic clock */
    bool runnable;
    bool finished;
    bool cancelable;            /* its present wait may be canceled */
    int wait_fd;                /* the descriptor that it waits for, or -1 */
    struct disk_inode *syncing; /* held by an fsync under way */
    int result;                 /* of the wait */
};

/* A new runnable fiber; NULL when no stack can be had. */
struct fiber *fiber_new(struct sys *sys, void (*run)(struct sys *sys, void *argument),
                        void *argument);
void fiber_free(struct fiber *fiber);   /* not the running one */
void fiber_detach(struct fiber *fiber); /* nobody will wake it any more */

struct fiber *fiber_running(const struct world *world); /* NULL outside all fibers */

/* The running fiber waits until fiber_wake(), the deadline or, if cancelable, cancellation: 0,
 * -ERR_TIMEOUT, -ERR_CANCELED, or what fiber_wake() gave. waiters (NULL: none) is where others
 * find it; fd (-1: none) is the descriptor whose close ends the wait. */
MUST_USE int fiber_wait(struct sys *sys, struct list *waiters, int fd, bool cancelable,
                        int64_t deadline_ns);

/* Behind all others that are runnable now. */
void fiber_yield(struct sys *sys);

bool fiber_is_canceled(const struct fiber *fiber);

void fiber_wake(struct fiber *fiber, int result);        /* of a fiber that waits; else nothing */
void fiber_wake_first(struct list *waiters, int result); /* the longest waiter, if any */
void fiber_wake_all(struct list *waiters, int result);
/* Those of this process that wait for this descriptor of it. */
void fiber_wake_closed(struct list *waiters, const struct sys *sys, int fd);

/* Fibers of a process that stands still are not chosen, runnable or not. */
void fiber_hold_all(struct sys *sys);
void fiber_release_all(struct sys *sys);

/* The world whose fiber is running, for callers without a handle; NULL outside. */
struct world *fiber_world(void);

/* ---- the world's -------------------------------------------------------------------------- */

/* Runs one runnable fiber until it waits; false when there is none. */
bool fiber_run_next(struct world *world);

/* From the running fiber back to the world, for good. */
NORETURN void fiber_leave(struct world *world);

#endif
