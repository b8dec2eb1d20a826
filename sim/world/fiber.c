// SPDX-License-Identifier: ISC
#include "world/fiber.h"

#include "base/assert.h"
#include "host/host_stack.h"
#include "world/disk_inode.h"
#include "world/machine.h"
#include "world/process.h"
#include "world/world_state.h"

/* Which world is running a fiber: asked by what has no handle, a failed assertion and OpenSSL's
 * allocator. */
static struct world *current_world;

struct world *fiber_world(void)
{
    return current_world;
}

/* ---- life ---------------------------------------------------------------------------------- */

static void make_runnable(struct fiber *fiber)
{
    struct world *world = fiber->world;
    fiber->runnable = true;
    if (fiber->sys->suspended) {
        list_append(&fiber->sys->held, &fiber->in_waiters);
        return;
    }
    list_append(&world->runnable, &fiber->in_waiters);
    world->runnable_count++;
}

static void make_unrunnable(struct fiber *fiber)
{
    if (fiber->runnable) {
        fiber->runnable = false;
        fiber->world->runnable_count -= fiber->sys->suspended ? 0 : 1;
    }
    list_remove(&fiber->in_waiters);
}

/* Both move what is runnable from one list to the other. */
void fiber_hold_all(struct sys *sys)
{
    list_each(node, &sys->world->runnable)
    {
        struct fiber *fiber = list_entry(node, struct fiber, in_waiters);
        if (fiber->sys == sys) {
            list_remove(&fiber->in_waiters);
            list_append(&sys->held, &fiber->in_waiters);
            sys->world->runnable_count--;
        }
    }
    sys->suspended = true;
}

void fiber_release_all(struct sys *sys)
{
    sys->suspended = false;
    list_each(node, &sys->held)
    {
        struct fiber *fiber = list_entry(node, struct fiber, in_waiters);
        list_remove(&fiber->in_waiters);
        make_runnable(fiber);
    }
}

static void leave_group(struct fiber *fiber)
{
    if (fiber->group != NULL) {
        list_remove(&fiber->in_group);
        fiber->group->count--;
        fiber_wake_all(&fiber->group->ended.waiters, 0);
    }
}

static void run_fiber(void *argument)
{
    struct fiber *fiber = argument;
    fiber->run(fiber->sys, fiber->argument);
    leave_group(fiber);
    fiber->finished = true;
    fiber_leave(fiber->world);
}

struct fiber *fiber_new(struct sys *sys, void (*run)(struct sys *sys, void *argument),
                        void *argument)
{
    void *stack = host_stack_take();
    if (stack == NULL) {
        return NULL;
    }
    struct fiber *fiber = mem_alloc(sys->world->mem, sizeof(*fiber));
    fiber->sys = sys;
    fiber->world = sys->world;
    fiber->stack = stack;
    fiber->run = run;
    fiber->argument = argument;
    fiber->wait_fd = -1;
    list_init(&fiber->in_group);
    list_init(&fiber->in_waiters);
    list_append(&sys->fibers, &fiber->in_process);
    context_init(&fiber->context, stack, host_stack_size(), run_fiber, fiber);
    make_runnable(fiber);
    return fiber;
}

void fiber_detach(struct fiber *fiber)
{
    make_unrunnable(fiber);
    event_remove(fiber->world, &fiber->timer);
}

void fiber_free(struct fiber *fiber)
{
    assert(fiber != fiber->world->running);
    fiber_detach(fiber);
    if (fiber->syncing != NULL) {
        disk_inode_drop(fiber->syncing);
    }
    list_remove(&fiber->in_process);
    context_done(&fiber->context);
    host_stack_give(fiber->stack);
    mem_free(fiber->world->mem, fiber);
}

/* ---- switching ----------------------------------------------------------------------------- */

struct fiber *fiber_running(const struct world *world)
{
    return world->running;
}

static struct fiber *choose(struct world *world)
{
    uint64_t skip = 0;
    if (world->runnable_count > 1) {
        skip = draw_from(world->run_site, world->runnable_count);
    }
    struct list *node = world->runnable.next;
    for (uint64_t i = 0; i < skip; i++) {
        node = node->next;
    }
    return list_entry(node, struct fiber, in_waiters);
}

bool fiber_run_next(struct world *world)
{
    if (world->runnable_count == 0) {
        return false;
    }
    struct fiber *fiber = choose(world);
    make_unrunnable(fiber);
    world->running = fiber;
    current_world = world;
    context_switch(&world->thread, &fiber->context);
    current_world = NULL;
    world->running = NULL;
    if (fiber->finished) {
        fiber_free(fiber);
    }
    return true;
}

void fiber_leave(struct world *world)
{
    context_end(&world->running->context, &world->thread);
}

/* ---- waiting ------------------------------------------------------------------------------- */

/* The clock may have become slower since the wait began. */
static void time_is_up(struct event *event)
{
    struct fiber *fiber = list_entry(event, struct fiber, timer);
    const struct machine *machine = fiber->sys->machine;
    if (fiber->deadline_ns <= machine_now_ns(machine)) {
        fiber_wake(fiber, -ERR_TIMEOUT);
    } else {
        event_add(fiber->world, event, machine_world_ns(machine, fiber->deadline_ns), time_is_up);
    }
}

int fiber_wait(struct sys *sys, struct list *waiters, int fd, bool cancelable, int64_t deadline_ns)
{
    struct world *world = sys->world;
    struct fiber *fiber = world->running;
    assert(fiber != NULL && fiber->sys == sys);
    if (cancelable && fiber_is_canceled(fiber)) {
        return -ERR_CANCELED;
    }
    if (deadline_ns <= machine_now_ns(sys->machine)) {
        return -ERR_TIMEOUT;
    }
    fiber->deadline_ns = deadline_ns;
    if (deadline_ns != SYS_FOREVER) {
        event_add(world, &fiber->timer, machine_world_ns(sys->machine, deadline_ns), time_is_up);
    }
    if (waiters != NULL) {
        list_append(waiters, &fiber->in_waiters);
    }
    fiber->wait_fd = fd;
    fiber->cancelable = cancelable;
    context_switch(&fiber->context, &world->thread);
    fiber->wait_fd = -1;
    fiber->cancelable = false;
    return fiber->result;
}

void fiber_yield(struct sys *sys)
{
    struct fiber *fiber = sys->world->running;
    make_runnable(fiber);
    context_switch(&fiber->context, &sys->world->thread);
}

bool fiber_is_canceled(const struct fiber *fiber)
{
    return fiber->group != NULL && fiber->group->canceled;
}

void fiber_wake(struct fiber *fiber, int result)
{
    if (fiber->runnable || fiber == fiber->world->running) {
        return;
    }
    fiber->result = result;
    event_remove(fiber->world, &fiber->timer);
    list_remove(&fiber->in_waiters);
    make_runnable(fiber);
}

void fiber_wake_first(struct list *waiters, int result)
{
    if (!list_is_empty(waiters)) {
        fiber_wake(list_entry(waiters->next, struct fiber, in_waiters), result);
    }
}

void fiber_wake_all(struct list *waiters, int result)
{
    list_each(node, waiters)
    {
        fiber_wake(list_entry(node, struct fiber, in_waiters), result);
    }
}

void fiber_wake_closed(struct list *waiters, const struct sys *sys, int fd)
{
    list_each(node, waiters)
    {
        struct fiber *fiber = list_entry(node, struct fiber, in_waiters);
        if (fiber->sys == sys && fiber->wait_fd == fd) {
            fiber_wake(fiber, -ERR_CLOSED);
        }
    }
}
