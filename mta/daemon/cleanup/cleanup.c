// SPDX-License-Identifier: ISC
#include "cleanup/cleanup.h"

#include "cleanup/cleanup_message.h"
#include "cleanup/cleanup_state.h"
#include "mail/cleanup_status.h"
#include "mail/service_pool.h"
#include "service/service.h"

enum {
    CONNECTIONS_KEPT = 4,
    SESSION_BYTES_MAX = 4 * 1024 * 1024,
    STREAM_BYTES_MAX = 256 * 1024,
    SESSION_DESCRIPTORS = 4
};

/* ---- start and end --------------------------------------------------------------------------- */

static int open_tables(struct cleanup_state *state)
{
    char why[TABLE_WHY_MAX];
    int error =
        table_maps_open(state->sys, state->conf, conf_text(state->conf, CONF_virtual_alias_maps),
                        &state->virtual_aliases, why);
    if (error != 0) {
        log_error(state->log, "virtual_alias_maps: %s", why);
    }
    return error;
}

static void open_service(struct cleanup_state *state, struct ipc_pool *pool, enum conf_param name,
                         const char *protocol)
{
    const struct ipc_service service = {.protocol = protocol, .idle_max = CONNECTIONS_KEPT};
    service_pool_init(pool, state->sys, state->conf, name, &service);
}

static int open_state(struct service *service)
{
    struct sys *sys = service->sys;
    struct cleanup_state *state = mem_alloc(sys_mem(sys), sizeof(*state));
    *state = (struct cleanup_state){
        .sys = sys, .conf = service->conf, .log = service->log, .incoming_fd = -1};
    service->state = state;
    open_service(state, &state->rewrite, CONF_rewrite_service_name, IPC_PROTOCOL_REWRITE);
    open_service(state, &state->trace, CONF_trace_service_name, IPC_PROTOCOL_BOUNCE);
    trigger_init(&state->trigger, sys, service_path(state->conf, CONF_queue_service_name));
    int error = queue_open(&state->queue, sys, service->conf);
    error = error != 0 ? error : queue_open_sync(&state->queue, QUEUE_INCOMING);
    if (error != 0) {
        return error;
    }
    state->incoming_fd = sys_open(sys, SYS_HERE, queue_directory(QUEUE_INCOMING),
                                  SYS_OPEN_READ | SYS_OPEN_DIRECTORY, 0);
    if (state->incoming_fd < 0) {
        log_error(service->log, "cannot open the directory incoming: %s",
                  err_sentence(state->incoming_fd));
        return state->incoming_fd;
    }
    return open_tables(state);
}

static int start_trigger(struct service *service)
{
    struct cleanup_state *state = service->state;
    return sys_fiber_start(service->sys, &service->background, trigger_run, &state->trigger);
}

static void close_state(struct service *service)
{
    struct cleanup_state *state = service->state;
    trigger_flush(&state->trigger);
    table_maps_close(state->virtual_aliases);
    ipc_pool_done(&state->trace);
    ipc_pool_done(&state->rewrite);
    sys_close(service->sys, state->incoming_fd);
    queue_close(&state->queue);
}

/* ---- a session ------------------------------------------------------------------------------- */

/* With the id of the next message, or why there is none. */
static void greet(struct service_session *session, const char *queue_id, int error)
{
    ipc_cleanup_greeting_send(&session->stream,
                              &(struct ipc_cleanup_greeting){.protocol = STR(IPC_PROTOCOL_CLEANUP),
                                                             .queue_id = str_from(queue_id),
                                                             .error = -error});
}

/* Receives the announced message and answers for it: 0, or the session is over. */
static int receive_message(struct service_session *session, struct cleanup_message *message)
{
    struct ipc_cleanup_request request;
    int error = ipc_cleanup_request_receive(&session->stream, &session->arena, &request);
    if (error == 0) {
        error = cleanup_message_receive(message, &session->stream, request.flags);
    }
    if (error != 0) {
        return error;
    }
    cleanup_message_finish(message);
    ipc_cleanup_reply_send(&session->stream,
                           &(struct ipc_cleanup_reply){.status = message->status});
    return 0;
}

/* Announces an id and takes its message: 0 when the client may go on with another. */
static int serve_message(struct service_session *session)
{
    struct cleanup_message message;
    int error = cleanup_message_open(&message, session->service->state, &session->arena);
    if (error != 0) {
        greet(session, "", error == -ERR_QUOTA ? -ERR_NO_SPACE : error);
        return error;
    }
    greet(session, message.file.id, 0);
    error = receive_message(session, &message);
    cleanup_message_close(&message);
    arena_reset(&session->arena);
    return error;
}

/* A client may be at work on its message long before a word of it arrives here, so that a session
 * that looks idle is not: while the process retires, it ends behind the message or by its client. */
static void serve(struct service_session *session)
{
    struct service *service = session->service;
    stream_set_timeout(&session->stream, conf_time_ns(service->conf, CONF_ipc_timeout));
    while (serve_message(session) == 0 && !service->retiring) {}
}

static const struct service_options options = {
    .program = "cleanup",
    .session_bytes_max = SESSION_BYTES_MAX,
    .stream_bytes_max = STREAM_BYTES_MAX,
    .session_descriptors = SESSION_DESCRIPTORS,
    .open = open_state,
    .ready = start_trigger,
    .close = close_state,
    .serve = serve,
};

int cleanup_main(struct sys *sys, int argc, char **argv)
{
    return service_run(sys, argc, argv, &options);
}
