// SPDX-License-Identifier: ISC
#include <errno.h>
#include <limits.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "base/assert.h"
#include "os/os.h"
#include "sys/clock.h"

enum {
    EVENTS_MAX = 64,
    CALLS_BETWEEN_POLLS_MAX = 64, /* switches and calls that did not wait */
};

/* ---- timers: a binary heap of fibers ---------------------------------------------------------- */

static void place_timer(struct sys *sys, int index, struct os_fiber *fiber)
{
    sys->timers[index] = fiber;
    fiber->timer_index = index;
}

static void move_timer_up(struct sys *sys, int index, struct os_fiber *fiber)
{
    while (index > 0) {
        int parent = (index - 1) / 2;
        if (sys->timers[parent]->deadline_ns <= fiber->deadline_ns) {
            break;
        }
        place_timer(sys, index, sys->timers[parent]);
        index = parent;
    }
    place_timer(sys, index, fiber);
}

static void move_timer_down(struct sys *sys, int index, struct os_fiber *fiber)
{
    for (int child = 2 * index + 1; child < sys->timer_count; child = 2 * index + 1) {
        if (child + 1 < sys->timer_count &&
            sys->timers[child + 1]->deadline_ns < sys->timers[child]->deadline_ns) {
            child++;
        }
        if (fiber->deadline_ns <= sys->timers[child]->deadline_ns) {
            break;
        }
        place_timer(sys, index, sys->timers[child]);
        index = child;
    }
    place_timer(sys, index, fiber);
}

static void start_timer(struct sys *sys, struct os_fiber *fiber, int64_t deadline_ns)
{
    if (deadline_ns == SYS_FOREVER) {
        return;
    }
    assert(sys->timer_count < sys->timer_capacity);
    fiber->deadline_ns = deadline_ns;
    move_timer_up(sys, sys->timer_count++, fiber);
}

static void stop_timer(struct sys *sys, struct os_fiber *fiber)
{
    int index = fiber->timer_index;
    if (index < 0) {
        return;
    }
    struct os_fiber *last = sys->timers[--sys->timer_count];
    fiber->timer_index = -1;
    if (last == fiber) {
        return;
    }
    move_timer_down(sys, index, last);
    move_timer_up(sys, last->timer_index, last);
}

void os_timers_reserve(struct sys *sys, int count)
{
    if (count <= sys->timer_capacity) {
        return;
    }
    sys->timer_capacity = 2 * count;
    sys->timers =
        mem_resize(sys->mem, sys->timers, (size_t)sys->timer_capacity * sizeof(struct os_fiber *));
}

/* ---- the loop --------------------------------------------------------------------------------- */

void os_loop_init(struct sys *sys)
{
    list_init(&sys->ready);
    os_timers_reserve(sys, 8);
    sys->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
}

static int poll_timeout_ms(struct sys *sys)
{
    if (!list_is_empty(&sys->ready)) {
        return 0;
    }
    if (sys->timer_count == 0) {
        return -1;
    }
    int64_t wait_ns = sys->timers[0]->deadline_ns - sys_now_ns(sys);
    int64_t wait_ms = wait_ns / SYS_MILLI_NS + (wait_ns % SYS_MILLI_NS > 0);
    return wait_ns <= 0 ? 0 : wait_ms > INT_MAX ? INT_MAX : (int)wait_ms;
}

static void run_timers(struct sys *sys)
{
    if (sys->timer_count == 0) {
        return;
    }
    int64_t now_ns = sys_now_ns(sys);
    while (sys->timer_count > 0 && sys->timers[0]->deadline_ns <= now_ns) {
        os_wake(sys, sys->timers[0], -ERR_TIMEOUT);
    }
}

/* Ready descriptors come before timers, and the clock is read after the wait: what arrived just
 * before its deadline is served, even when this process or the clock was stopped meanwhile. */
static void poll_once(struct sys *sys)
{
    struct epoll_event events[EVENTS_MAX];
    os_log_send(sys);
    int timeout_ms = poll_timeout_ms(sys);
    int count = epoll_wait(sys->epoll_fd, events, EVENTS_MAX, timeout_ms);
    assert(count >= 0 || errno == EINTR);
    sys->steps_without_poll = 0;
    for (int i = 0; i < count; i++) {
        os_descriptor_ready(sys, events[i].data.fd, events[i].events);
    }
    if (count < EVENTS_MAX) {
        run_timers(sys);
    }
    sys->calls_without_poll = 0;
}

static struct os_fiber *next_fiber(struct sys *sys)
{
    if (++sys->calls_without_poll > CALLS_BETWEEN_POLLS_MAX) {
        poll_once(sys);
    }
    while (list_is_empty(&sys->ready)) {
        poll_once(sys);
    }
    struct os_fiber *next = list_entry(sys->ready.next, struct os_fiber, queue);
    list_remove(&next->queue);
    return next;
}

void os_park(struct sys *sys)
{
    struct os_fiber *self = sys->current;
    struct os_fiber *next = next_fiber(sys);
    if (next != self) {
        sys->current = next;
        context_switch(&self->context, &next->context);
    }
}

void os_leave(struct sys *sys)
{
    struct os_fiber *self = sys->current;
    struct os_fiber *next = next_fiber(sys);
    assert(next != self);
    sys->current = next;
    context_end(&self->context, &next->context);
}

void os_take_turn(struct sys *sys)
{
    if (++sys->calls_without_poll > CALLS_BETWEEN_POLLS_MAX) {
        list_append(&sys->ready, &sys->current->queue);
        os_park(sys);
    }
}

/* ---- waits ------------------------------------------------------------------------------------ */

static int wait_for_wake(struct sys *sys, struct list *waiters, int64_t deadline_ns, bool shielded)
{
    struct os_fiber *self = sys->current;
    list_append(waiters, &self->queue);
    start_timer(sys, self, deadline_ns);
    self->waits = true;
    self->shielded = shielded;
    os_park(sys);
    assert(!self->waits);
    return self->result;
}

int os_wait(struct sys *sys, struct list *waiters, int64_t deadline_ns)
{
    return sys_canceled(sys) ? -ERR_CANCELED : wait_for_wake(sys, waiters, deadline_ns, false);
}

int os_wait_shielded(struct sys *sys, struct list *waiters, int64_t deadline_ns)
{
    return wait_for_wake(sys, waiters, deadline_ns, true);
}

void os_wake(struct sys *sys, struct os_fiber *fiber, int result)
{
    assert(fiber->waits);
    fiber->waits = false;
    fiber->result = result;
    stop_timer(sys, fiber);
    list_remove(&fiber->queue);
    list_append(&sys->ready, &fiber->queue);
}

void os_wake_first(struct sys *sys, struct list *waiters, int result)
{
    if (!list_is_empty(waiters)) {
        os_wake(sys, list_entry(waiters->next, struct os_fiber, queue), result);
    }
}

void os_wake_all(struct sys *sys, struct list *waiters, int result)
{
    while (!list_is_empty(waiters)) {
        os_wake_first(sys, waiters, result);
    }
}
