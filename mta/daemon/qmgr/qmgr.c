// SPDX-License-Identifier: ISC
#include "qmgr/qmgr.h"

#include "qmgr/qmgr_destination.h"
#include "qmgr/qmgr_scan.h"
#include "qmgr/qmgr_state.h"

enum { ENTRIES_MAX = 1000000, CONNECTIONS_KEPT = 16 };

static void open_pool(struct qmgr *qmgr, struct ipc_pool *pool, const char *path,
                      const char *protocol, int idle_max)
{
    const struct ipc_service service = {
        .path = path,
        .protocol = protocol,
        .timeout_ns = conf_time_ns(qmgr->conf, CONF_qmgr_ipc_timeout),
        .idle_max = idle_max,
    };
    ipc_pool_init(pool, qmgr->sys, &service);
}

static int open_state(struct service *service)
{
    struct mem *mem = sys_mem(service->sys);
    struct qmgr *qmgr = mem_alloc(mem, sizeof(*qmgr));
    *qmgr = (struct qmgr){
        .service = service, .sys = service->sys, .conf = service->conf, .log = service->log};
    service->state = qmgr;
    open_pool(qmgr, &qmgr->rewrite, "private/rewrite", IPC_PROTOCOL_REWRITE, CONNECTIONS_KEPT);
    open_pool(qmgr, &qmgr->bounce, "private/bounce", IPC_PROTOCOL_BOUNCE, 0);
    open_pool(qmgr, &qmgr->defer, "private/defer", IPC_PROTOCOL_BOUNCE, 0);
    sys_event_init(&qmgr->changed);
    qmgr_index_init(&qmgr->later, mem);
    map_init(&qmgr->messages, mem, ENTRIES_MAX);
    map_init(&qmgr->transports, mem, ENTRIES_MAX);
    map_init(&qmgr->destinations, mem, ENTRIES_MAX);
    return queue_open(&qmgr->queue, service->sys, service->conf);
}

static int start_scanning(struct service *service)
{
    struct qmgr *qmgr = service->state;
    int error = qmgr_scan_recover(qmgr);
    if (error != 0) {
        log_error(service->log, "cannot recover the queue: %s", err_sentence(error));
        return error;
    }
    return sys_fiber_start(service->sys, &service->background, qmgr_scan_run, qmgr);
}

static void close_state(struct service *service)
{
    struct qmgr *qmgr = service->state;
    ipc_pool_done(&qmgr->rewrite);
    ipc_pool_done(&qmgr->bounce);
    ipc_pool_done(&qmgr->defer);
    for (struct map_entry *entry = map_next(&qmgr->transports, NULL); entry != NULL;
         entry = map_next(&qmgr->transports, entry)) {
        ipc_pool_done(&((struct qmgr_transport *)entry->value)->pool);
    }
    map_done(&qmgr->messages);
    map_done(&qmgr->transports);
    map_done(&qmgr->destinations);
    qmgr_index_done(&qmgr->later);
    queue_close(&qmgr->queue);
}

/* A and F apply before the scans that came with them. */
static void take_requests(struct service *service, struct str requests)
{
    struct qmgr *qmgr = service->state;
    for (size_t i = 0; i < requests.size; i++) {
        switch (requests.data[i]) {
        case 'A':
            qmgr->ignore_times = true;
            break;
        case 'F':
            qmgr_destination_forget_dead(qmgr);
            break;
        case 'D':
            qmgr->scan_deferred = true;
            break;
        case 'I':
        case 'W':
            qmgr->scan_incoming = true;
            break;
        default:
            break;
        }
    }
    sys_event_wake_all(qmgr->sys, &qmgr->changed);
}

static const struct service_options options = {
    .program = "qmgr",
    .open = open_state,
    .ready = start_scanning,
    .close = close_state,
    .trigger = take_requests,
};

int qmgr_main(struct sys *sys, int argc, char **argv)
{
    return service_run(sys, argc, argv, &options);
}
