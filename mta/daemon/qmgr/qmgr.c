// SPDX-License-Identifier: ISC
#include "qmgr/qmgr.h"

#include "mail/service_pool.h"
#include "qmgr/qmgr_answer.h"
#include "qmgr/qmgr_message.h"
#include "qmgr/qmgr_recover.h"
#include "qmgr/qmgr_scan.h"
#include "qmgr/qmgr_settings.h"
#include "qmgr/qmgr_state.h"

enum { CONNECTIONS_KEPT = 16 };

static void open_pool(struct qmgr *qmgr, struct ipc_pool *pool, enum conf_param name,
                      const char *protocol, int idle_max)
{
    const struct ipc_service service = {
        .protocol = protocol,
        .timeout_ns = conf_time_ns(qmgr->conf, CONF_qmgr_ipc_timeout),
        .idle_max = idle_max,
    };
    service_pool_init(pool, qmgr->sys, qmgr->conf, name, &service);
}

static int open_state(struct service *service)
{
    struct mem *mem = sys_mem(service->sys);
    struct qmgr *qmgr = mem_alloc(mem, sizeof(*qmgr));
    *qmgr = (struct qmgr){
        .service = service, .sys = service->sys, .conf = service->conf, .log = service->log};
    service->state = qmgr;
    open_pool(qmgr, &qmgr->rewrite, CONF_rewrite_service_name, IPC_PROTOCOL_REWRITE,
              CONNECTIONS_KEPT);
    open_pool(qmgr, &qmgr->bounce, CONF_bounce_service_name, IPC_PROTOCOL_BOUNCE, 0);
    open_pool(qmgr, &qmgr->defer, CONF_defer_service_name, IPC_PROTOCOL_BOUNCE, 0);
    open_pool(qmgr, &qmgr->trace, CONF_trace_service_name, IPC_PROTOCOL_BOUNCE, 0);
    sys_event_init(&qmgr->changed);
    qmgr_index_init(&qmgr->later, mem);
    map_init(&qmgr->messages, mem, QMGR_MESSAGES_MAX);
    list_init(&qmgr->work);
    struct qmgr_settings retry = qmgr_settings_of(qmgr->conf, qmgr->log, STR("retry"));
    qmgr_schedule_init(&qmgr->schedule, mem, &retry);
    return queue_open(&qmgr->queue, service->sys, service->conf);
}

static int start_scanning(struct service *service)
{
    struct qmgr *qmgr = service->state;
    int error = qmgr_recover(qmgr);
    return error != 0 ? error
                      : sys_fiber_start(service->sys, &service->background, qmgr_scan_run, qmgr);
}

static void close_state(struct service *service)
{
    struct qmgr *qmgr = service->state;
    ipc_pool_done(&qmgr->rewrite);
    ipc_pool_done(&qmgr->bounce);
    ipc_pool_done(&qmgr->defer);
    ipc_pool_done(&qmgr->trace);
    qmgr_message_free_all(qmgr);
    map_done(&qmgr->messages);
    qmgr_schedule_done(&qmgr->schedule);
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
            qmgr->requests.ignores_times = true;
            break;
        case 'F':
            qmgr_schedule_forget_dead(&qmgr->schedule);
            qmgr->requests.flushes = true;
            break;
        case 'E':
            qmgr->ends = true;
            break;
        case 'D':
            qmgr->requests.deferred = true;
            break;
        case 'I':
        case 'W':
            qmgr->requests.incoming = true;
            break;
        default:
            break;
        }
    }
    sys_event_wake_all(qmgr->sys, &qmgr->changed);
}

static const struct service_options options = {
    .program = "qmgr",
    .watchdog_timeout = CONF_qmgr_daemon_timeout,
    .open = open_state,
    .ready = start_scanning,
    .close = close_state,
    .trigger = take_requests,
    .answer = qmgr_answer,
};

int qmgr_main(struct sys *sys, int argc, char **argv)
{
    return service_run(sys, argc, argv, &options);
}
