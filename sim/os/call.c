// SPDX-License-Identifier: ISC
#include "os/call.h"

#include "base/assert.h"
#include "world/fault.h"
#include "world/fiber.h"
#include "world/observer.h"
#include "world/process.h"
#include "world/world_state.h"

enum { DISK_YIELD_ONE_IN = 8 };

void call_count(struct sys *sys)
{
    struct world *world = sys->world;
    world->calls_at_instant++;
    if (world->calls_at_instant > WORLD_CALLS_PER_INSTANT_MAX) {
        world_stop(world, WORLD_FAULT_BUSY_LOOP,
                   "busy loop: %d system calls while time stands still, the last one by %s[%d] "
                   "on %s",
                   WORLD_CALLS_PER_INSTANT_MAX, sys->program->file, sys->pid, sys->machine->name);
        process_leave_if_ended(sys);
    }
    if (world->trace.count > WORLD_CALLS_MAX) {
        world_stop(world, WORLD_FAULT_NO_END, "no end after %d system calls", WORLD_CALLS_MAX);
        process_leave_if_ended(sys);
    }
}

static int enter(struct sys *sys, const struct fault_call *call)
{
    call_count(sys);
    uint64_t index = sys->call_count++;
    list_each(node, &sys->world->observers)
    {
        struct observer *observer = list_entry(node, struct observer, in_world);
        if (observer->call != NULL) {
            observer->call(observer->argument, sys, call, index);
            process_leave_if_ended(sys);
        }
    }
    return fault_meet(sys, call);
}

void call_enter(struct sys *sys, const char *name)
{
    int result = call_enter_name(sys, name, STR(""));
    assert(result == 0); /* fault.def lists no result */
}

int call_enter_name(struct sys *sys, const char *name, struct str object)
{
    return enter(sys, &(struct fault_call){.name = name, .fd = -1, .text = object});
}

int call_enter_fd(struct sys *sys, const char *name, int fd)
{
    return enter(sys, &(struct fault_call){.name = name, .fd = fd});
}

static void let_others_run(struct sys *sys)
{
    if (draw_from(sys->machine->sites.disk, DISK_YIELD_ONE_IN) == 1) {
        fiber_yield(sys);
    }
}

int call_enter_file(struct sys *sys, const char *name, int fd)
{
    int result = call_enter_fd(sys, name, fd);
    let_others_run(sys);
    return result;
}

int call_enter_path(struct sys *sys, const char *name, int dir, const char *path)
{
    int result = enter(sys, &(struct fault_call){.name = name, .fd = dir, .path = path});
    let_others_run(sys);
    return result;
}

int64_t call_leave(struct sys *sys, const struct trace_record *record)
{
    trace_add(sys->world, sys, record);
    list_each(node, &sys->world->observers)
    {
        struct observer *observer = list_entry(node, struct observer, in_world);
        if (observer->returned != NULL) {
            observer->returned(observer->argument, sys, record);
        }
    }
    process_leave_if_ended(sys);
    return record->result;
}
