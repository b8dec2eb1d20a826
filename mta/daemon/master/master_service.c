// SPDX-License-Identifier: ISC
#include "master/master_service.h"

#include <stdio.h>

#include "master/master_child.h"
#include "master/master_setup.h"
#include "sys/clock.h"

#define WAKE_NS     (10 * SYS_SECOND_NS)
#define STRESSED_NS (1000 * SYS_SECOND_NS)

/* ---- limits ------------------------------------------------------------------------------ */

static int count_children(const struct master_service *service)
{
    int count = 0;

    list_each(node, &service->children)
    {
        count++;
    }
    return count;
}

static int count_in_state(const struct master_service *service, enum master_state state)
{
    int count = 0;

    list_each(node, &service->children)
    {
        count += list_entry(node, struct master_child, node)->state == state;
    }
    return count;
}

static bool has_free_child(const struct master_service *service)
{
    return count_in_state(service, MASTER_STATE_STARTED) > 0 ||
           count_in_state(service, MASTER_STATE_FREE) > 0;
}

static int count_sessions(const struct master_service *service)
{
    int count = 0;

    list_each(node, &service->children)
    {
        count += list_entry(node, struct master_child, node)->session_count;
    }
    return count;
}

/* Another child may hold what is left of the limit, up to service_sessions_per_process. */
static bool session_room(const struct master_service *service, int *session_count)
{
    int per_process = conf_int(service->setup->conf, CONF_service_sessions_per_process);
    int room = service->limit - count_sessions(service);

    *session_count = per_process < 1 ? 1 : per_process;
    if (service->limit > 0 && room < *session_count) {
        *session_count = room;
    }
    return *session_count > 0;
}

/* True when the limit allows another child; *session_count is what it may hold, 0 = any. */
static bool has_room(const struct master_service *service, int *session_count)
{
    *session_count = 0;
    switch (service->kind) {
    case SERVICE_KIND_SESSION:
        return session_room(service, session_count);
    case SERVICE_KIND_SHARED:
        return service->limit == 0 || count_children(service) < service->limit;
    case SERVICE_KIND_SOLITARY:
        return list_is_empty(&service->children);
    }
    return false;
}

static bool is_throttled(const struct master_service *service)
{
    return sys_now_ns(service->master->sys) < service->throttled_until_ns;
}

static bool wants_child(const struct master_service *service, int *session_count)
{
    return !service->master->stopping && !is_throttled(service) && !has_free_child(service) &&
           has_room(service, session_count);
}

/* ---- what happens to it ------------------------------------------------------------------ */

static void log_limit(struct master_service *service)
{
    const struct master_listener *first = &service->listeners[0];
    char port[16];
    struct str endpoint = str_from(first->address.path);

    if (service->entry->type == MASTER_CF_INET) {
        (void)snprintf(port, sizeof(port), "%d", first->address.port);
        endpoint = str_from(port);
    }
    log_event(&service->master->log, process_limit, .service = service->entry->name,
              .endpoint = endpoint, .limit = service->limit);
}

/* Said once in a while, since a busy service is at its limit again and again. */
static void note_limit(struct master_service *service)
{
    int64_t now_ns = sys_now_ns(service->master->sys);
    int session_count;

    if (count_in_state(service, MASTER_STATE_FULL) == 0 || has_free_child(service) ||
        has_room(service, &session_count)) {
        return;
    }
    if (now_ns >= service->stressed_until_ns) {
        log_limit(service);
    }
    service->stressed_until_ns = sys_deadline(service->master->sys, STRESSED_NS);
}

bool master_service_is_stressed(const struct master_service *service)
{
    return service->entry->type == MASTER_CF_INET &&
           sys_now_ns(service->master->sys) < service->stressed_until_ns;
}

void master_service_throttle(struct master_service *service, const char *path)
{
    struct master *master = service->master;

    service->throttled_until_ns =
        sys_deadline(master->sys, conf_time_ns(service->setup->conf, CONF_service_throttle_time));
    log_event(&master->log, throttled, .path = str_from(path));
}

void master_service_child_changed(struct master_service *service)
{
    note_limit(service);
    sys_event_wake_all(service->master->sys, &service->changed);
}

/* Mail waits for a solitary daemon that wakes up by itself: do not leave that to its timer. */
void master_service_child_gone(struct master_service *service)
{
    service->wake_due = service->kind == SERVICE_KIND_SOLITARY;
    sys_event_wake_all(service->master->sys, &service->changed);
}

/* ---- fibers ------------------------------------------------------------------------------ */

/* Waits until something changes, the throttling ends, or the service is stopped. */
static void wait_change(struct master_service *service)
{
    struct sys *sys = service->master->sys;
    int64_t deadline_ns = is_throttled(service) ? service->throttled_until_ns : SYS_FOREVER;
    int error = sys_event_wait(sys, &service->changed, deadline_ns);

    (void)error; /* the callers look for themselves */
}

static void watch(struct sys *sys, void *argument)
{
    struct master_listener *listener = argument;
    struct master_service *service = listener->service;
    int session_count;

    while (!sys_canceled(sys)) {
        if (!wants_child(service, &session_count)) {
            wait_change(service);
            continue;
        }
        if (sys_readable(sys, listener->fd, SYS_FOREVER) != 0) {
            return;
        }
        if (wants_child(service, &session_count)) {
            service->used = true;
            master_child_start(service, session_count);
        }
    }
}

static void wake(struct master_service *service)
{
    struct sys *sys = service->master->sys;
    int64_t deadline_ns = sys_deadline(sys, WAKE_NS);
    int fd = sys_dial(sys, NULL, &service->listeners[0].address, deadline_ns);

    if (fd < 0) {
        return; /* too many requests are waiting already */
    }
    long size = sys_write(sys, fd, "W", 1, deadline_ns);
    (void)size;
    sys_close(sys, fd);
}

static void wake_regularly(struct sys *sys, void *argument)
{
    struct master_service *service = argument;
    const struct master_cf_service *entry = service->entry;
    int64_t next_ns = entry->wakeup_when_used && !service->used ? SYS_FOREVER : sys_now_ns(sys);

    while (!sys_canceled(sys)) {
        if (service->wake_due || sys_now_ns(sys) >= next_ns) {
            service->wake_due = false;
            next_ns = sys_deadline(sys, entry->wakeup_s * SYS_SECOND_NS);
            wake(service);
            continue;
        }
        int error = sys_event_wait(sys, &service->changed, next_ns);
        (void)error; /* the condition decides */
        if (next_ns == SYS_FOREVER && service->used) {
            next_ns = sys_deadline(sys, entry->wakeup_s * SYS_SECOND_NS);
        }
    }
}

int master_service_start(struct master_service *service)
{
    struct sys *sys = service->master->sys;
    const struct master_cf_service *entry = service->entry;
    int error = 0;

    for (int i = 0; i < service->listener_count && error == 0; i++) {
        error = sys_fiber_start(sys, &service->fibers, watch, &service->listeners[i]);
    }
    if (error == 0 && entry->wakeup_s > 0 && entry->type != MASTER_CF_UNIX_DGRAM) {
        error = sys_fiber_start(sys, &service->fibers, wake_regularly, service);
    }
    return error;
}

void master_service_stop(struct master_service *service)
{
    struct sys *sys = service->master->sys;

    sys_group_cancel(sys, &service->fibers);
    sys_group_join(sys, &service->fibers);
}
