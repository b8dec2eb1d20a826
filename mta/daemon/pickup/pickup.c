// SPDX-License-Identifier: ISC
#include "pickup/pickup.h"

#include "pickup/pickup_message.h"
#include "pickup/pickup_state.h"
#include "queue/queue_scan.h"
#include "service/service.h"

static int open_state(struct service *service)
{
    struct pickup *pickup = mem_alloc(sys_mem(service->sys), sizeof(*pickup));
    *pickup = (struct pickup){
        .sys = service->sys, .conf = service->conf, .log = service->log, .requested = true};
    service->state = pickup;
    sys_event_init(&pickup->changed);
    cleanup_client_init(&pickup->cleanup, service->sys, service->conf);
    int error = queue_open(&pickup->queue, service->sys, service->conf);
    return error != 0 ? error : queue_open_sync(&pickup->queue, QUEUE_MAILDROP);
}

static void close_state(struct service *service)
{
    struct pickup *pickup = service->state;
    cleanup_client_done(&pickup->cleanup);
    queue_close(&pickup->queue);
}

/* Takes each file once; what could not be taken now waits for the next request. */
static int take_all(struct pickup *pickup)
{
    struct queue_scan scan;
    struct str found;
    int kind = queue_scan_open(&pickup->queue, QUEUE_MAILDROP, &scan);
    if (kind != 0) {
        return kind;
    }
    while ((kind = queue_scan_next(&scan, &found)) > QUEUE_FOUND_END &&
           !sys_canceled(pickup->sys)) {
        if (kind == QUEUE_FOUND_ID) {
            pickup_message_take(pickup, found);
        }
    }
    queue_scan_close(&scan);
    return kind < 0 ? kind : 0;
}

static void run(struct sys *sys, void *argument)
{
    struct pickup *pickup = argument;
    while (!sys_canceled(sys)) {
        if (!pickup->requested) {
            int error = sys_event_wait(sys, &pickup->changed, SYS_FOREVER);
            (void)error; /* the fiber is canceled: the loop ends */
            continue;
        }
        pickup->requested = false;
        int error = take_all(pickup);
        if (error != 0 && error != -ERR_CANCELED) {
            log_warning(pickup->log, "cannot look through maildrop: %s", err_sentence(error));
        }
    }
}

static int start_running(struct service *service)
{
    return sys_fiber_start(service->sys, &service->background, run, service->state);
}

static void take_requests(struct service *service, struct str requests)
{
    struct pickup *pickup = service->state;
    (void)requests; /* whatever it is, it means: look */
    pickup->requested = true;
    sys_event_wake_all(pickup->sys, &pickup->changed);
}

static const struct service_options options = {
    .program = "pickup",
    .open = open_state,
    .ready = start_running,
    .close = close_state,
    .trigger = take_requests,
};

int pickup_main(struct sys *sys, int argc, char **argv)
{
    return service_run(sys, argc, argv, &options);
}
