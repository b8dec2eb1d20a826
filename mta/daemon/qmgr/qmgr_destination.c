// SPDX-License-Identifier: ISC
#include "qmgr/qmgr_destination.h"

#include <stdio.h>

#include "sys/clock.h"

enum { KEY_MAX = 16 * 1024 };

/* ---- transports ------------------------------------------------------------------------------ */

struct qmgr_transport *qmgr_transport_get(struct qmgr *qmgr, struct str name)
{
    struct qmgr_transport *transport = map_get(&qmgr->transports, name);
    if (transport != NULL) {
        return transport;
    }
    transport = mem_alloc(sys_mem(qmgr->sys), sizeof(*transport));
    snprintf(transport->path, sizeof(transport->path), "private/%.*s", STR_ARG(name));
    const struct ipc_service service = {
        .path = transport->path,
        .protocol = IPC_PROTOCOL_DELIVER,
        .timeout_ns = conf_time_ns(qmgr->conf, CONF_qmgr_ipc_timeout),
        .idle_max = 0, /* a request that was lost on a dead connection cannot be sent again */
    };
    ipc_pool_init(&transport->pool, qmgr->sys, &service);
    sys_event_init(&transport->changed);
    if (map_put(&qmgr->transports, name, transport) != 0) {
        mem_free(sys_mem(qmgr->sys), transport);
        return NULL;
    }
    return transport;
}

int qmgr_transport_take(struct qmgr *qmgr, struct qmgr_transport *transport)
{
    int limit = conf_int(qmgr->conf, CONF_default_process_limit);
    while (limit > 0 && transport->busy_count >= limit) {
        int error = sys_event_wait(qmgr->sys, &transport->changed, SYS_FOREVER);
        if (error != 0) {
            return error;
        }
    }
    transport->busy_count++;
    return 0;
}

void qmgr_transport_give(struct qmgr *qmgr, struct qmgr_transport *transport)
{
    transport->busy_count--;
    sys_event_wake_one(qmgr->sys, &transport->changed);
}

const char *qmgr_transport_why_dead(struct qmgr *qmgr, const struct qmgr_transport *transport)
{
    return transport->dead_until_ns > sys_now_ns(qmgr->sys) ? "4.3.0 mail transport unavailable"
                                                            : NULL;
}

void qmgr_transport_failed(struct qmgr *qmgr, struct qmgr_transport *transport)
{
    transport->dead_until_ns =
        sys_deadline(qmgr->sys, conf_time_ns(qmgr->conf, CONF_transport_retry_time));
}

/* ---- destinations ---------------------------------------------------------------------------- */

/* As it is before anything is known. */
static void set_window(struct qmgr *qmgr, struct str transport,
                       struct qmgr_destination *destination)
{
    destination->dead_until_ns = 0;
    destination->failed_count = 0;
    destination->window_max =
        conf_transport_int(qmgr->conf, transport, "_destination_concurrency_limit",
                           CONF_default_destination_concurrency_limit);
    destination->window =
        conf_transport_int(qmgr->conf, transport, "_initial_destination_concurrency",
                           CONF_initial_destination_concurrency);
    if (destination->window_max > 0 && destination->window > destination->window_max) {
        destination->window = destination->window_max;
    }
    if (destination->window < 1) {
        destination->window = 1;
    }
}

static struct qmgr_destination *find(struct qmgr *qmgr, struct str transport, struct str nexthop)
{
    struct mem *mem = sys_mem(qmgr->sys);
    struct buf key;
    buf_init(&key, mem, KEY_MAX);
    buf_put(&key, transport);
    buf_put_char(&key, ':');
    for (size_t i = 0; i < nexthop.size; i++) {
        buf_put_char(&key, char_lower(nexthop.data[i]));
    }
    struct qmgr_destination *destination = map_get(&qmgr->destinations, buf_str(&key));
    if (destination == NULL) {
        destination = mem_alloc(mem, sizeof(*destination));
        destination->key = str_of(mem_copy_str(mem, buf_str(&key)), key.size);
        sys_event_init(&destination->changed);
        set_window(qmgr, transport, destination);
        if (map_put(&qmgr->destinations, buf_str(&key), destination) != 0) {
            mem_free(mem, (char *)(uintptr_t)destination->key.data);
            mem_free(mem, destination);
            destination = NULL;
        }
    }
    buf_done(&key);
    return destination;
}

static bool is_dead(struct qmgr *qmgr, const struct qmgr_destination *destination)
{
    return destination->dead_until_ns > sys_now_ns(qmgr->sys);
}

int qmgr_destination_take(struct qmgr *qmgr, struct str transport, struct str nexthop,
                          struct qmgr_destination **taken)
{
    struct qmgr_destination *destination = find(qmgr, transport, nexthop);
    *taken = destination;
    if (destination == NULL) {
        return -ERR_LIMIT;
    }
    destination->user_count++;
    for (;;) {
        if (is_dead(qmgr, destination)) {
            return -ERR_UNAVAILABLE;
        }
        if (destination->dead_until_ns != 0) {
            set_window(qmgr, transport, destination);
        }
        if (destination->busy_count < destination->window) {
            destination->busy_count++;
            return 0;
        }
        int error = sys_event_wait(qmgr->sys, &destination->changed, SYS_FOREVER);
        if (error != 0) {
            return error;
        }
    }
}

void qmgr_destination_succeeded(struct qmgr *qmgr, struct qmgr_destination *destination)
{
    destination->failed_count = 0;
    destination->dead_until_ns = 0;
    if (destination->window_max == 0 || destination->window < destination->window_max) {
        destination->window++;
        sys_event_wake_one(qmgr->sys, &destination->changed);
    }
}

void qmgr_destination_failed(struct qmgr *qmgr, struct qmgr_destination *destination,
                             struct str status, struct str reason)
{
    destination->failed_count++;
    bool is_last = destination->failed_count >= destination->window;
    if (destination->window > 1) {
        destination->window--;
    }
    if (is_last) {
        snprintf(destination->reason, sizeof(destination->reason),
                 "%.*s delivery temporarily suspended: %.*s", STR_ARG(status), STR_ARG(reason));
        destination->dead_until_ns =
            sys_deadline(qmgr->sys, conf_time_ns(qmgr->conf, CONF_minimal_backoff_time));
        destination->failed_count = 0;
        sys_event_wake_all(qmgr->sys, &destination->changed);
    }
}

static void release(struct qmgr *qmgr, struct qmgr_destination *destination)
{
    struct mem *mem = sys_mem(qmgr->sys);
    map_remove(&qmgr->destinations, destination->key);
    mem_free(mem, (char *)(uintptr_t)destination->key.data);
    mem_free(mem, destination);
}

void qmgr_destination_drop_idle(struct qmgr *qmgr)
{
    struct map_entry *entry = map_next(&qmgr->destinations, NULL);
    while (entry != NULL) {
        struct map_entry *next = map_next(&qmgr->destinations, entry);
        struct qmgr_destination *destination = entry->value;
        if (destination->user_count == 0 && !is_dead(qmgr, destination)) {
            release(qmgr, destination);
        }
        entry = next;
    }
}

void qmgr_destination_give(struct qmgr *qmgr, struct qmgr_destination *destination, bool ran)
{
    destination->busy_count -= ran;
    destination->user_count--;
    if (destination->user_count == 0 && !is_dead(qmgr, destination)) {
        release(qmgr, destination);
        return;
    }
    sys_event_wake_one(qmgr->sys, &destination->changed);
}

void qmgr_destination_forget_dead(struct qmgr *qmgr)
{
    struct map_entry *entry;
    for (entry = map_next(&qmgr->destinations, NULL); entry != NULL;
         entry = map_next(&qmgr->destinations, entry)) {
        struct qmgr_destination *destination = entry->value;
        if (is_dead(qmgr, destination)) {
            destination->dead_until_ns = sys_now_ns(qmgr->sys); /* its window begins afresh */
        }
    }
    for (entry = map_next(&qmgr->transports, NULL); entry != NULL;
         entry = map_next(&qmgr->transports, entry)) {
        struct qmgr_transport *transport = entry->value;
        transport->dead_until_ns = 0;
    }
}
