// SPDX-License-Identifier: ISC
#include "error/error.h"

#include "mail/deliver.h"
#include "proto/enhanced_status.h"
#include "service/service.h"

struct error_state {
    struct queue queue;
    struct deliver_agent agent;
    bool defers; /* the service is `retry` */
};

static int open_state(struct service *service)
{
    struct error_state *state = mem_alloc(sys_mem(service->sys), sizeof(*state));
    *state = (struct error_state){.defers = str_equal(str_from(service->name), STR("retry"))};
    service->state = state;
    deliver_agent_init(&state->agent, service->sys, service->log, &state->queue, service->conf);
    return queue_open(&state->queue, service->sys, service->conf);
}

static void close_state(struct service *service)
{
    struct error_state *state = service->state;
    deliver_agent_done(&state->agent);
    queue_close(&state->queue);
}

/* The next hop as a status and a text. */
static struct dsn reason_of(const struct error_state *state, struct arena *arena,
                            struct str nexthop)
{
    struct enhanced_status status;
    size_t used_bytes = enhanced_status_parse_prefix(nexthop, &status);
    struct str text = str_trim(str_skip(nexthop, used_bytes));
    struct str code = str_first(nexthop, used_bytes);
    if (used_bytes == 0) {
        code = state->defers ? STR("4.3.0") : STR("5.0.0");
    } else if (code.data[0] != (state->defers ? '4' : '5')) {
        code = arena_printf(arena, "%c%.*s", state->defers ? '4' : '5', STR_ARG(str_skip(code, 1)));
    }
    return (struct dsn){
        .status = code, .action = state->defers ? STR("delayed") : STR("failed"), .reason = text};
}

static void serve(struct service_session *session)
{
    struct error_state *state = session->service->state;
    struct deliver_request request;
    stream_set_timeout(&session->stream, conf_time_ns(session->service->conf, CONF_ipc_timeout));
    deliver_greet(&session->stream);
    while (service_wait_request(session, SYS_FOREVER) == 0 &&
           deliver_receive(&state->agent, &session->stream, &session->arena, &request) == 0) {
        struct dsn dsn = reason_of(state, &session->arena, request.head.nexthop);
        deliver_rest(&request, STR("none"), &dsn);
        deliver_finish(&request);
    }
}

static const struct service_options options = {
    .program = "error",
    .open = open_state,
    .close = close_state,
    .serve = serve,
};

int error_main(struct sys *sys, int argc, char **argv)
{
    return service_run(sys, argc, argv, &options);
}
