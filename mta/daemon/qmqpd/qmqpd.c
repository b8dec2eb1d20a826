// SPDX-License-Identifier: ISC
#include "qmqpd/qmqpd.h"

#include "qmqpd/qmqpd_session.h"
#include "qmqpd/qmqpd_state.h"

enum { MESSAGE_BYTES_MAX = 1 << 30 };

/* ---- process --------------------------------------------------------------------------------- */

static int open_clients(struct qmqpd_state *state)
{
    char why[TABLE_WHY_MAX];

    int error =
        match_list_open_param(state->sys, state->conf, CONF_qmqpd_authorized_clients,
                              MATCH_LIST_DOMAINS | MATCH_LIST_ADDRESS, &state->authorized, why);
    if (error != 0) {
        log_error(state->log, "%s", why);
    }
    return error;
}

/* A limit of 0 means none in the configuration; memory has one. */
static size_t message_limit(const struct conf *conf)
{
    int64_t limit = conf_size(conf, CONF_message_size_limit);

    return limit > 0 && limit < MESSAGE_BYTES_MAX ? (size_t)limit : MESSAGE_BYTES_MAX;
}

static int open_state(struct service *service)
{
    struct sys *sys = service->sys;
    const struct conf *conf = service->conf;
    struct qmqpd_state *state = mem_alloc(sys_mem(sys), sizeof(*state));

    *state = (struct qmqpd_state){
        .sys = sys,
        .conf = conf,
        .log = service->log,
        .dns = dns_open(sys),
        .timeout_ns = conf_time_ns(conf, CONF_qmqpd_timeout),
        .error_delay_ns = conf_time_ns(conf, CONF_qmqpd_error_delay),
        .message_bytes_max = message_limit(conf),
        .line_bytes_max = (size_t)conf_size(conf, CONF_line_length_limit),
    };
    service->state = state;
    cleanup_client_init(&state->cleanup, sys, conf);
    return open_clients(state);
}

static void close_state(struct service *service)
{
    struct qmqpd_state *state = service->state;

    cleanup_client_done(&state->cleanup);
    match_list_close(state->authorized);
    dns_close(state->dns);
}

/* ---- clients --------------------------------------------------------------------------------- */

static void serve(struct service_session *connection)
{
    struct qmqpd_session session;

    qmqpd_session_open(&session, connection->service->state, connection);
    qmqpd_session_run(&session);
    qmqpd_session_close(&session);
}

static void refuse(struct service *service, int fd, int64_t deadline_ns)
{
    struct str answer = STR("28:ZError: too many connections,");
    long count = sys_write(service->sys, fd, answer.data, answer.size, deadline_ns);

    if (count < 0) {
        log_info(service->log, "cannot refuse a client: %s", err_sentence((int)count));
    }
}

int qmqpd_main(struct sys *sys, int argc, char **argv)
{
    static const struct service_options options = {
        .program = "qmqpd",
        .open = open_state,
        .close = close_state,
        .serve = serve,
        .refuse = refuse,
    };

    return service_run(sys, argc, argv, &options);
}
