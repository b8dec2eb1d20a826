// SPDX-License-Identifier: ISC
#include "flush/flush.h"

#include "flush/flush_log.h"
#include "ipc/ipc.h"
#include "log/log.h"
#include "mail/flush_client.h"
#include "mail/trigger.h"
#include "queue/queue.h"
#include "service/service.h"
#include "sys/clock.h"
#include "table/match_list.h"

struct flush_state {
    struct sys *sys;
    const struct conf *conf;
    struct log *log;
    struct queue queue;
    struct match_list *sites;
};

#define TRIGGER_TIMEOUT_NS (10 * SYS_SECOND_NS)

/* ---- messages -------------------------------------------------------------------------------- */

static int set_due(struct flush_state *state, int fd, uint32_t mode_bits)
{
    struct sys_stat stat;
    int error = sys_fstat(state->sys, fd, &stat);
    error = error != 0 ? error
                       : sys_chmod(state->sys, fd, stat.mode | QUEUE_MODE_WAS_QUEUED | mode_bits);
    return error != 0 ? error : sys_set_mtime(state->sys, fd, sys_wall_ns(state->sys));
}

static int hurry_in(struct flush_state *state, enum queue_name name, struct str id,
                    uint32_t mode_bits)
{
    int fd = queue_open_file(&state->queue, name, id, SYS_OPEN_READ | SYS_OPEN_WRITE, 0);
    int error = fd < 0 ? fd : set_due(state, fd, mode_bits);
    sys_close(state->sys, fd);
    return error;
}

/* Due now, and in incoming/, where the queue manager looks without reading all that is deferred.
 * -ERR_NOT_FOUND when it does not wait for its next attempt. */
static int hurry(struct flush_state *state, struct str id, uint32_t mode_bits)
{
    int error = hurry_in(state, QUEUE_DEFERRED, id, mode_bits);
    if (error == -ERR_NOT_FOUND) {
        return hurry_in(state, QUEUE_INCOMING, id, mode_bits);
    }
    return error != 0 ? error : queue_move(&state->queue, QUEUE_DEFERRED, QUEUE_INCOMING, id);
}

static void trigger(struct flush_state *state, struct str requests)
{
    int error = trigger_send(state->sys, service_path(state->conf, CONF_queue_service_name),
                             requests, sys_deadline(state->sys, TRIGGER_TIMEOUT_NS));
    (void)error; /* a queue manager that is not there looks when it is back */
}

/* ---- sites ----------------------------------------------------------------------------------- */

/* All the ids of a log; a message that cannot be moved stays in the log with all the others. */
static int hurry_all(void *argument, struct str lines)
{
    struct flush_state *state = argument;
    struct str id;
    int failure = 0;
    int count = 0;
    trigger(state, STR("F")); /* before a scan meets the first of them */
    while (str_next(&lines, '\n', &id)) {
        int error = queue_id_is_valid(id) ? hurry(state, id, 0) : -ERR_NOT_FOUND;
        failure = error != 0 && error != -ERR_NOT_FOUND ? error : failure;
        count += error == 0;
    }
    if (count > 0) {
        trigger(state, STR("I"));
    }
    return failure;
}

static int send_log(struct flush_state *state, const char *name, const struct flush_log_age *age)
{
    int error = flush_log_read(state->sys, name, age, hurry_all, state);
    if (error != 0) {
        log_warning(state->log, "flush/%s: not all of its mail can be tried now: %s", name,
                    err_sentence(error));
    }
    return error;
}

/* FLUSH_OK with the name of its log, or why there is none. */
static enum flush_status find_log(struct flush_state *state, struct str site,
                                  char name[FLUSH_NAME_SIZE])
{
    if (!flush_log_name(site, name)) {
        return FLUSH_BAD;
    }
    int listed = match_list_has_name(state->sites, site);
    if (listed < 0) {
        log_warning(state->log, "fast_flush_domains: %s", match_list_why(state->sites));
    }
    return listed > 0 ? FLUSH_OK : listed == 0 ? FLUSH_DENIED : FLUSH_FAILED;
}

/* ---- requests -------------------------------------------------------------------------------- */

static int handle_add(struct flush_state *state, struct service_session *session,
                      enum flush_status *status)
{
    struct ipc_flush_add_request request;
    char name[FLUSH_NAME_SIZE];
    int error = ipc_flush_add_request_receive(&session->stream, &session->arena, &request);
    if (error != 0) {
        return error;
    }
    *status = queue_id_is_valid(request.queue_id) ? find_log(state, request.site, name) : FLUSH_BAD;
    int added = *status == FLUSH_OK ? flush_log_add(state->sys, name, request.queue_id) : 0;
    if (added != 0) {
        *status = FLUSH_FAILED;
        log_warning(state->log, "%.*s: cannot add it to flush/%s: %s", STR_ARG(request.queue_id),
                    name, err_sentence(added));
    }
    return 0;
}

static int handle_send_site(struct flush_state *state, struct service_session *session,
                            enum flush_status *status)
{
    struct ipc_flush_site_request request;
    char name[FLUSH_NAME_SIZE];
    int error = ipc_flush_site_request_receive(&session->stream, &session->arena, &request);
    if (error != 0) {
        return error;
    }
    *status = find_log(state, request.site, name);
    if (*status == FLUSH_OK && send_log(state, name, NULL) != 0) {
        *status = FLUSH_FAILED;
    }
    return 0;
}

static int handle_send_file(struct flush_state *state, struct service_session *session,
                            enum flush_status *status)
{
    struct ipc_flush_file_request request;
    int error = ipc_flush_file_request_receive(&session->stream, &session->arena, &request);
    if (error != 0) {
        return error;
    }
    bool is_valid = queue_id_is_valid(request.queue_id);
    int moved = is_valid ? hurry(state, request.queue_id, QUEUE_MODE_UNTHROTTLE) : 0;
    *status = !is_valid                 ? FLUSH_BAD
              : moved == 0              ? FLUSH_OK
              : moved == -ERR_NOT_FOUND ? FLUSH_UNKNOWN
                                        : FLUSH_FAILED;
    if (*status == FLUSH_OK) {
        trigger(state, STR("I"));
    } else if (*status == FLUSH_FAILED) {
        log_warning(state->log, "%.*s: cannot be tried now: %s", STR_ARG(request.queue_id),
                    err_sentence(moved));
    }
    return 0;
}

static const struct request_row {
    struct str kind;
    int (*handle)(struct flush_state *state, struct service_session *session,
                  enum flush_status *status);
} request_rows[] = {
    {STR_INIT("add"), handle_add},
    {STR_INIT("send_site"), handle_send_site},
    {STR_INIT("send_file"), handle_send_file},
};

static int handle_request(struct service_session *session)
{
    struct str kind;
    enum flush_status status;
    int error = ipc_request_wait(&session->stream, &kind);
    if (error != 0) {
        return error;
    }
    for (size_t i = 0; i < sizeof(request_rows) / sizeof(request_rows[0]); i++) {
        if (str_equal(kind, request_rows[i].kind)) {
            error = request_rows[i].handle(session->service->state, session, &status);
            if (error == 0) {
                ipc_flush_reply_send(&session->stream, &(struct ipc_flush_reply){.status = status});
            }
            return error;
        }
    }
    log_warning(session->service->log, "unknown request \"%.*s\"", STR_ARG(kind));
    return -ERR_PROTOCOL;
}

/* ---- wake-up --------------------------------------------------------------------------------- */

static void refresh_all(struct flush_state *state)
{
    int64_t now_ns = sys_wall_ns(state->sys);
    const struct flush_log_age age = {
        .unread_wall_ns = now_ns - conf_time_ns(state->conf, CONF_fast_flush_refresh_time),
        .empty_wall_ns = now_ns - conf_time_ns(state->conf, CONF_fast_flush_purge_time),
    };
    int fd = sys_open(state->sys, SYS_HERE, "flush", SYS_OPEN_READ | SYS_OPEN_DIRECTORY, 0);
    int found = fd < 0 ? fd : 1;
    char name[SYS_NAME_MAX + 1];
    while (found > 0 && (found = sys_read_dir(state->sys, fd, name)) > 0) {
        if (str_from(name).size < FLUSH_NAME_SIZE) {
            (void)send_log(state, name, &age);
        }
    }
    if (found < 0) {
        log_warning(state->log, "cannot read the directory flush: %s", err_sentence(found));
    }
    sys_close(state->sys, fd);
}

/* A wake-up is one byte; requests begin with another one. */
static bool is_wake_up(struct stream *stream)
{
    struct str input;
    return stream_peek(stream, 1, &input) == 0 && input.data[0] == 'W';
}

static void serve(struct service_session *session)
{
    struct service *service = session->service;
    stream_set_timeout(&session->stream, conf_time_ns(service->conf, CONF_ipc_timeout));
    ipc_greeting_send(&session->stream,
                      &(struct ipc_greeting){.protocol = STR(IPC_PROTOCOL_FLUSH)});
    /* who wakes us up may be gone before it is greeted */
    if (stream_flush(&session->stream) != 0 || is_wake_up(&session->stream)) {
        refresh_all(service->state);
        return;
    }
    while (service_wait_request(session, SYS_FOREVER) == 0 && handle_request(session) == 0) {}
}

/* ---- process --------------------------------------------------------------------------------- */

static int open_state(struct service *service)
{
    struct flush_state *state = mem_alloc(sys_mem(service->sys), sizeof(*state));
    char why[TABLE_WHY_MAX];
    *state = (struct flush_state){.sys = service->sys, .conf = service->conf, .log = service->log};
    service->state = state;
    int error = match_list_open_param(state->sys, state->conf, CONF_fast_flush_domains,
                                      MATCH_LIST_DOMAINS, &state->sites, why);
    if (error != 0) {
        log_error(state->log, "%s", why);
        return error;
    }
    return queue_open(&state->queue, state->sys, state->conf);
}

static void close_state(struct service *service)
{
    struct flush_state *state = service->state;
    match_list_close(state->sites);
    queue_close(&state->queue);
}

static const struct service_options options = {
    .program = "flush",
    .open = open_state,
    .close = close_state,
    .serve = serve,
};

int flush_main(struct sys *sys, int argc, char **argv)
{
    return service_run(sys, argc, argv, &options);
}
