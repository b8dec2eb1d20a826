// SPDX-License-Identifier: ISC
/* sys/fiber - many blocking conversations in one process
 *
 * Fibers of one process never run at the same time and change only inside a waiting function.
 * A fiber belongs to the group that started it, and the scope that owns the group waits for it:
 *
 *     struct sys_group group;
 *     sys_group_init(&group);
 *     error = sys_fiber_start(sys, &group, serve, session);
 *     ...
 *     sys_group_cancel(sys, &group);
 *     sys_group_join(sys, &group);
 *
 * Limits    stack of SYS_STACK_BYTES with a guard page; no VLA, no alloca, no big locals
 * Memory    groups and events are the caller's; a fiber's stack is recycled when it returns
 */
#ifndef SYS_FIBER_H
#define SYS_FIBER_H

#include "base/list.h"
#include "sys/sys.h"

enum { SYS_STACK_BYTES = 128 * 1024 }; /* sanitizer builds map more */

/* A condition that fibers of this process wait for. Wakes are not remembered: test the condition
 * before and after the wait. */
struct sys_event {
    struct list waiters; /* backend's */
};

struct sys_group {
    struct list fibers; /* backend's */
    struct sys_event ended;
    int count; /* fibers that have not returned yet */
    bool canceled;
};

void sys_group_init(struct sys_group *group);

/* Makes a fiber runnable; it starts at the next waiting call of the caller. -ERR_NO_MEMORY when
 * no stack can be had. A fiber started in a canceled group is canceled from its start. Instant. */
MUST_USE int sys_fiber_start(struct sys *sys, struct sys_group *group,
                             void (*run)(struct sys *sys, void *argument), void *argument);

/* From now on every waiting function returns -ERR_CANCELED in the group's fibers, pending waits
 * included; files are not affected (an fsync under way ends by itself). Instant. */
void sys_group_cancel(struct sys *sys, struct sys_group *group);

/* 0 when no fiber of the group is left; -ERR_TIMEOUT. Waiting. */
MUST_USE int sys_group_wait(struct sys *sys, struct sys_group *group, int64_t deadline_ns);

/* Returns when no fiber of the group is left, even when the caller itself is canceled: the end
 * of a scope. Waiting. */
void sys_group_join(struct sys *sys, struct sys_group *group);

/* True once the calling fiber is canceled. Instant. */
bool sys_canceled(struct sys *sys);

void sys_event_init(struct sys_event *event);
/* 0 when woken, -ERR_TIMEOUT, -ERR_CANCELED. Waiting. */
MUST_USE int sys_event_wait(struct sys *sys, struct sys_event *event, int64_t deadline_ns);
void sys_event_wake_one(struct sys *sys, struct sys_event *event); /* longest waiter. Instant. */
void sys_event_wake_all(struct sys *sys, struct sys_event *event); /* Instant. */

/* Lets every other runnable fiber run once. Waiting. */
MUST_USE int sys_yield(struct sys *sys);

#endif
