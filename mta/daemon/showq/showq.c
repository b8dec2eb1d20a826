// SPDX-License-Identifier: ISC
#include "showq/showq.h"

#include "mail/queue_listing.h"
#include "service/service.h"

static void serve(struct service_session *session)
{
    struct service *service = session->service;
    stream_set_timeout(&session->stream, conf_time_ns(service->conf, CONF_ipc_timeout));
    queue_listing_send(service->state, service->log, &session->stream);
}

static int open_queue(struct service *service)
{
    service->state = mem_alloc(sys_mem(service->sys), sizeof(struct queue));
    return queue_open(service->state, service->sys, service->conf);
}

static void close_queue(struct service *service)
{
    queue_close(service->state);
}

static const struct service_options options = {
    .program = "showq",
    .open = open_queue,
    .close = close_queue,
    .serve = serve,
};

int showq_main(struct sys *sys, int argc, char **argv)
{
    return service_run(sys, argc, argv, &options);
}
