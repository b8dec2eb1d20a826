// SPDX-License-Identifier: ISC
#include "sys/fiber.h"

#include "os/call.h"
#include "world/fiber.h"
#include "world/process.h"
#include "world/world_state.h"

static int leave(struct sys *sys, const char *name, int result)
{
    return (int)call_leave(sys, &(struct trace_record){.call = name, .result = result});
}

/* ---- groups -------------------------------------------------------------------------------- */

int sys_fiber_start(struct sys *sys, struct sys_group *group,
                    void (*run)(struct sys *sys, void *argument), void *argument)
{
    int result = call_enter_name(sys, "fiber_start", STR(""));
    struct fiber *fiber = result == 0 ? fiber_new(sys, run, argument) : NULL;
    if (fiber == NULL) {
        return leave(sys, "fiber_start", -ERR_NO_MEMORY);
    }
    fiber->group = group;
    list_append(&group->fibers, &fiber->in_group);
    group->count++;
    return leave(sys, "fiber_start", 0);
}

void sys_group_cancel(struct sys *sys, struct sys_group *group)
{
    call_enter(sys, "group_cancel");
    group->canceled = true;
    list_each(node, &group->fibers)
    {
        struct fiber *fiber = list_entry(node, struct fiber, in_group);
        if (fiber->cancelable) {
            fiber_wake(fiber, -ERR_CANCELED);
        }
    }
    (void)leave(sys, "group_cancel", 0);
}

int sys_group_wait(struct sys *sys, struct sys_group *group, int64_t deadline_ns)
{
    int error = 0;
    call_enter(sys, "group_wait");
    while (group->count > 0 && error == 0) {
        error = fiber_wait(sys, &group->ended.waiters, -1, true, deadline_ns);
    }
    return leave(sys, "group_wait", group->count > 0 ? error : 0);
}

void sys_group_join(struct sys *sys, struct sys_group *group)
{
    call_enter(sys, "group_join");
    while (group->count > 0) {
        int error = fiber_wait(sys, &group->ended.waiters, -1, false, SYS_FOREVER);
        (void)error; /* there is neither a deadline nor cancellation */
    }
    (void)leave(sys, "group_join", 0);
}

bool sys_canceled(struct sys *sys)
{
    call_count(sys);
    return fiber_is_canceled(fiber_running(sys->world));
}

/* ---- events -------------------------------------------------------------------------------- */

int sys_event_wait(struct sys *sys, struct sys_event *event, int64_t deadline_ns)
{
    call_enter(sys, "event_wait");
    int result = fiber_wait(sys, &event->waiters, -1, true, deadline_ns);
    return leave(sys, "event_wait", result);
}

void sys_event_wake_one(struct sys *sys, struct sys_event *event)
{
    call_count(sys);
    fiber_wake_first(&event->waiters, 0);
}

void sys_event_wake_all(struct sys *sys, struct sys_event *event)
{
    call_count(sys);
    fiber_wake_all(&event->waiters, 0);
}

int sys_yield(struct sys *sys)
{
    call_enter(sys, "yield");
    if (fiber_is_canceled(fiber_running(sys->world))) {
        return leave(sys, "yield", -ERR_CANCELED);
    }
    fiber_yield(sys);
    return leave(sys, "yield", 0);
}
