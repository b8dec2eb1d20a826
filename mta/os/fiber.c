// SPDX-License-Identifier: ISC
#include "sys/fiber.h"

#include <sys/mman.h>
#include <unistd.h>

#include "base/assert.h"
#include "os/os.h"

#ifdef __has_feature
#if __has_feature(address_sanitizer)
#define __SANITIZE_ADDRESS__ 1
#endif
#endif

#ifdef __SANITIZE_ADDRESS__
enum { STACK_BYTES = 8 * SYS_STACK_BYTES };
#else
enum { STACK_BYTES = SYS_STACK_BYTES };
#endif

/* ---- stacks: a guard page, the stack, and its fiber at the top --------------------------------- */

enum { GUARD_BYTES = 4096 * 16 }; /* one page of the largest page size */

static char *stack_start(struct os_fiber *fiber)
{
    return (char *)(fiber + 1) - STACK_BYTES;
}

static struct os_fiber *map_stack(void)
{
    char *map = mmap(NULL, GUARD_BYTES + STACK_BYTES, PROT_NONE,
                     MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (map == MAP_FAILED) {
        return NULL;
    }
    if (mprotect(map + GUARD_BYTES, STACK_BYTES, PROT_READ | PROT_WRITE) != 0) {
        (void)munmap(map, GUARD_BYTES + STACK_BYTES);
        return NULL;
    }
    return (struct os_fiber *)(void *)(map + GUARD_BYTES + STACK_BYTES) - 1;
}

static struct os_fiber *take_stack(struct sys *sys)
{
    if (list_is_empty(&sys->free_stacks)) {
        return map_stack();
    }
    struct os_fiber *fiber = list_entry(sys->free_stacks.next, struct os_fiber, queue);
    list_remove(&fiber->queue);
    sys->free_stack_count--;
    context_done(&fiber->context);
    return fiber;
}

/* Runs on the very stack that it gives back: the newest one is still in use until the next
 * switch, and is kept; the oldest makes room for it. */
static void give_stack(struct sys *sys, struct os_fiber *fiber)
{
    list_prepend(&sys->free_stacks, &fiber->queue);
    if (++sys->free_stack_count <= OS_FREE_STACKS_MAX) {
        return;
    }
    struct os_fiber *oldest = list_entry(sys->free_stacks.previous, struct os_fiber, queue);
    list_remove(&oldest->queue);
    sys->free_stack_count--;
    context_done(&oldest->context);
    (void)munmap(stack_start(oldest) - GUARD_BYTES, GUARD_BYTES + STACK_BYTES);
}

/* ---- fibers ----------------------------------------------------------------------------------- */

static void run_fiber(void *argument)
{
    struct os_fiber *fiber = argument;
    struct sys *sys = fiber->sys;
    struct sys_group *group = fiber->group;
    fiber->run(sys, fiber->argument);
    list_remove(&fiber->in_group);
    list_remove(&fiber->in_process);
    sys->fiber_count--;
    group->count--;
    if (group->count == 0) {
        sys_event_wake_all(sys, &group->ended);
    }
    give_stack(sys, fiber);
    os_leave(sys);
}

void os_first_fiber_init(struct sys *sys)
{
    struct os_fiber *first = &sys->first;
    context_init_thread(&first->context);
    first->sys = sys;
    first->timer_index = -1;
    list_init(&first->queue);
    list_append(&sys->fibers, &first->in_process);
    sys->current = first;
    sys->fiber_count = 1;
}

int sys_fiber_start(struct sys *sys, struct sys_group *group,
                    void (*run)(struct sys *sys, void *argument), void *argument)
{
    struct os_fiber *fiber = take_stack(sys);
    if (fiber == NULL) {
        return -ERR_NO_MEMORY;
    }
    fiber->sys = sys;
    fiber->run = run;
    fiber->argument = argument;
    fiber->group = group;
    fiber->timer_index = -1;
    fiber->waits = false;
    fiber->shielded = false;
    context_init(&fiber->context, stack_start(fiber), STACK_BYTES - sizeof(*fiber), run_fiber,
                 fiber);
    list_append(&group->fibers, &fiber->in_group);
    list_append(&sys->fibers, &fiber->in_process);
    list_append(&sys->ready, &fiber->queue);
    group->count++;
    os_timers_reserve(sys, ++sys->fiber_count);
    return 0;
}

bool sys_canceled(struct sys *sys)
{
    struct sys_group *group = sys->current->group;
    return group != NULL && group->canceled;
}

int sys_yield(struct sys *sys)
{
    if (sys_canceled(sys)) {
        return -ERR_CANCELED;
    }
    list_append(&sys->ready, &sys->current->queue);
    os_park(sys);
    return sys_canceled(sys) ? -ERR_CANCELED : 0;
}

/* ---- groups ----------------------------------------------------------------------------------- */

void sys_group_cancel(struct sys *sys, struct sys_group *group)
{
    group->canceled = true;
    list_each(node, &group->fibers)
    {
        struct os_fiber *fiber = list_entry(node, struct os_fiber, in_group);
        if (fiber->waits && !fiber->shielded) {
            os_wake(sys, fiber, -ERR_CANCELED);
        }
    }
}

int sys_group_wait(struct sys *sys, struct sys_group *group, int64_t deadline_ns)
{
    int error = 0;
    while (error == 0 && group->count > 0) {
        error = sys_event_wait(sys, &group->ended, deadline_ns);
    }
    return group->count == 0 ? 0 : error;
}

void sys_group_join(struct sys *sys, struct sys_group *group)
{
    while (group->count > 0) {
        int error = os_wait_shielded(sys, &group->ended.waiters, SYS_FOREVER);
        assert(error == 0);
    }
}

/* ---- events ----------------------------------------------------------------------------------- */

int sys_event_wait(struct sys *sys, struct sys_event *event, int64_t deadline_ns)
{
    return os_wait(sys, &event->waiters, deadline_ns);
}

void sys_event_wake_one(struct sys *sys, struct sys_event *event)
{
    os_wake_first(sys, &event->waiters, 0);
}

void sys_event_wake_all(struct sys *sys, struct sys_event *event)
{
    os_wake_all(sys, &event->waiters, 0);
}
