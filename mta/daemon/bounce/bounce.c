// SPDX-License-Identifier: ISC
#include "bounce/bounce.h"

#include "bounce/bounce_append.h"
#include "bounce/bounce_report.h"
#include "ipc/ipc.h"
#include "service/service.h"

/* What is wrong with the texts costs no notice: there are built-in ones. */
static void load_texts(struct service *service, struct bounce_state *state)
{
    struct buf problems;
    struct str line;
    buf_init(&problems, sys_mem(service->sys), CONF_PROBLEMS_BYTES_MAX);
    int error = notice_text_load(&state->texts, service->sys, service->conf,
                                 conf_text(service->conf, CONF_bounce_template_file), &problems);
    (void)error; /* is among the problems */
    struct str rest = buf_str(&problems);
    while (str_next_token(&rest, "\n", &line)) {
        log_warning(service->log, "%.*s", STR_ARG(line));
    }
    buf_done(&problems);
}

static int open_state(struct service *service)
{
    struct bounce_state *state = mem_alloc(sys_mem(service->sys), sizeof(*state));
    *state = (struct bounce_state){
        .sys = service->sys, .conf = service->conf, .log = service->log, .records = QUEUE_BOUNCE};
    service->state = state;
    cleanup_client_init(&state->cleanup, service->sys, service->conf);
    if (!queue_find(str_from(service->name), &state->records) ||
        (state->records != QUEUE_BOUNCE && state->records != QUEUE_DEFER &&
         state->records != QUEUE_TRACE)) {
        log_error(service->log,
                  "service \"%s\": in master.cf this program must be named bounce, defer or trace",
                  service->name);
        return -ERR_INVALID;
    }
    load_texts(service, state);
    return queue_open(&state->queue, service->sys, service->conf);
}

static void close_state(struct service *service)
{
    struct bounce_state *state = service->state;
    cleanup_client_done(&state->cleanup);
    notice_text_done(&state->texts);
    queue_close(&state->queue);
}

static int append(struct bounce_state *state, const struct ipc_bounce_append_request *request)
{
    struct bounce_record record = {
        .recipient = request->recipient,
        .original_recipient = request->original_recipient,
        .offset = request->offset,
        .dsn_orig_rcpt = request->dsn_orig_rcpt,
        .notify_flags = request->notify_flags,
        .dsn = {.status = request->dsn_status,
                .action = request->dsn_action,
                .diag_type = request->diag_type,
                .diag_text = request->diag_text,
                .mta_type = request->mta_type,
                .mta_name = request->mta_mname,
                .reason = request->reason},
    };
    if (!queue_id_is_valid(request->queue_id)) {
        return -ERR_INVALID;
    }
    int error = bounce_append(state, request->queue_id, &record);
    if (error != 0) {
        log_warning(state->log, "%.*s: cannot write %s record: %s", STR_ARG(request->queue_id),
                    queue_directory(state->records), err_sentence(error));
    }
    return error;
}

static int handle_append(struct bounce_state *state, struct service_session *session, int *outcome)
{
    struct ipc_bounce_append_request request;
    int error = ipc_bounce_append_request_receive(&session->stream, &session->arena, &request);
    *outcome = error == 0 ? append(state, &request) : error;
    return error;
}

static int report(struct bounce_state *state, struct arena *arena, const struct bounce_order *order)
{
    return queue_id_is_valid(order->queue_id) ? bounce_report(state, arena, order) : -ERR_INVALID;
}

static int handle_flush(struct bounce_state *state, struct service_session *session, int *outcome)
{
    struct ipc_bounce_flush_request request;
    int error = ipc_bounce_flush_request_receive(&session->stream, &session->arena, &request);
    if (error != 0) {
        return error;
    }
    const struct bounce_order order = {
        .kind = state->records != QUEUE_TRACE               ? NOTICE_FAILURE
                : (request.flags & BOUNCE_FLAG_VERIFY) != 0 ? NOTICE_VERIFY
                                                            : NOTICE_SUCCESS,
        .queue_name = request.queue_name,
        .queue_id = request.queue_id,
        .sender = request.sender,
        .verp_delimiters = state->records != QUEUE_TRACE ? request.verp_delimiters : STR(""),
    };
    *outcome = report(state, &session->arena, &order);
    return 0;
}

static int handle_warn(struct bounce_state *state, struct service_session *session, int *outcome)
{
    struct ipc_bounce_warn_request request;
    int error = ipc_bounce_warn_request_receive(&session->stream, &session->arena, &request);
    if (error != 0) {
        return error;
    }
    const struct bounce_order order = {
        .kind = NOTICE_DELAY,
        .queue_name = request.queue_name,
        .queue_id = request.queue_id,
        .sender = request.sender,
        .keeps_records = true,
    };
    *outcome =
        state->records == QUEUE_DEFER ? report(state, &session->arena, &order) : -ERR_INVALID;
    return 0;
}

static const struct request_row {
    struct str kind;
    int (*handle)(struct bounce_state *state, struct service_session *session, int *outcome);
} request_rows[] = {
    {STR_INIT("append"), handle_append},
    {STR_INIT("flush"), handle_flush},
    {STR_INIT("warn"), handle_warn},
};

/* Reads one request and answers it; an error ends the session. */
static int handle_request(struct service_session *session)
{
    struct str kind;
    int outcome;
    int error = ipc_request_wait(&session->stream, &kind);
    if (error != 0) {
        return error;
    }
    for (size_t i = 0; i < sizeof(request_rows) / sizeof(request_rows[0]); i++) {
        if (!str_equal(kind, request_rows[i].kind)) {
            continue;
        }
        error = request_rows[i].handle(session->service->state, session, &outcome);
        if (error != 0) {
            return error;
        }
        ipc_bounce_reply_send(&session->stream,
                              &(struct ipc_bounce_reply){.status = outcome == 0 ? 0 : -1});
        arena_reset(&session->arena);
        return 0;
    }
    log_warning(session->service->log, "unknown request \"%.*s\"", STR_ARG(kind));
    return -ERR_PROTOCOL;
}

static void serve(struct service_session *session)
{
    struct service *service = session->service;
    stream_set_timeout(&session->stream, conf_time_ns(service->conf, CONF_ipc_timeout));
    ipc_greeting_send(&session->stream,
                      &(struct ipc_greeting){.protocol = STR(IPC_PROTOCOL_BOUNCE)});
    while (service_wait_request(session, SYS_FOREVER) == 0 && handle_request(session) == 0) {}
}

static const struct service_options options = {
    .program = "bounce",
    .open = open_state,
    .close = close_state,
    .serve = serve,
};

int bounce_main(struct sys *sys, int argc, char **argv)
{
    return service_run(sys, argc, argv, &options);
}
