// SPDX-License-Identifier: ISC
#include "trivial_rewrite/trivial_rewrite.h"

#include "ipc/ipc.h"
#include "service/service.h"
#include "trivial_rewrite/resolve.h"
#include "trivial_rewrite/rewrite.h"

enum { ADDRESS_MAX = 2 * IPC_ADDRESS_MAX };

/* Which completion a client asks for. */
static const struct {
    struct str name;
    bool is_local;
} rules_known[] = {
    {STR_INIT("local"), true},   /* with our own domain */
    {STR_INIT("remote"), false}, /* with remote_header_rewrite_domain, if there is one */
};

static int open_state(struct service *service)
{
    struct resolver *resolver = mem_alloc(sys_mem(service->sys), sizeof(*resolver));
    service->state = resolver;
    return resolve_open(resolver, service->sys, service->conf, service->log);
}

static void close_state(struct service *service)
{
    if (service->state != NULL) {
        resolve_close(service->state);
        mem_free(sys_mem(service->sys), service->state);
    }
}

static struct rewrite_rules make_rules(const struct conf *conf, bool is_local)
{
    struct rewrite_rules rules = {
        .swap_bangpath = conf_bool(conf, CONF_swap_bangpath),
        .allow_percent_hack = conf_bool(conf, CONF_allow_percent_hack),
    };
    bool appends_origin = conf_bool(conf, CONF_append_at_myorigin);
    bool appends_domain = conf_bool(conf, CONF_append_dot_mydomain);
    if (!is_local) {
        rules.origin = conf_text(conf, CONF_remote_header_rewrite_domain);
        rules.dot_domain = rules.origin;
        return rules;
    }
    rules.origin = appends_origin ? conf_text(conf, CONF_myorigin) : (struct str){0};
    rules.dot_domain = appends_domain ? conf_text(conf, CONF_mydomain) : (struct str){0};
    return rules;
}

static int find_rule(struct str name)
{
    for (size_t i = 0; i < sizeof(rules_known) / sizeof(rules_known[0]); i++) {
        if (str_equal(name, rules_known[i].name)) {
            return (int)i;
        }
    }
    return -ERR_NOT_FOUND;
}

static int handle_rewrite(struct service_session *session)
{
    struct ipc_rewrite_request request;
    int error = ipc_rewrite_request_receive(&session->stream, &session->arena, &request);
    if (error != 0) {
        return error;
    }
    int rule = find_rule(request.rule);
    if (rule < 0) {
        log_warning(session->service->log, "unknown rewriting rule \"%.*s\"",
                    STR_ARG(request.rule));
        return -ERR_PROTOCOL;
    }
    struct rewrite_rules rules = make_rules(session->service->conf, rules_known[rule].is_local);
    struct buf full;
    buf_init(&full, sys_mem(session->sys), ADDRESS_MAX);
    rewrite_address(&rules, request.address, &full);
    bool fits = buf_error(&full) == 0 && full.size <= IPC_ADDRESS_MAX;
    ipc_rewrite_reply_send(
        &session->stream,
        &(struct ipc_rewrite_reply){.status = IPC_OK,
                                    .address = fits ? buf_str(&full) : request.address});
    buf_done(&full);
    return 0;
}

static int handle_resolve(struct service_session *session)
{
    struct ipc_resolve_request request;
    struct ipc_resolve_reply reply;
    int error = ipc_resolve_request_receive(&session->stream, &session->arena, &request);
    if (error != 0) {
        return error;
    }
    resolve_recipient(session->service->state, &session->arena, request.sender, request.recipient,
                      &reply);
    ipc_resolve_reply_send(&session->stream, &reply);
    return 0;
}

static const struct {
    struct str kind;
    int (*handle)(struct service_session *session);
} requests[] = {
    {STR_INIT("rewrite"), handle_rewrite},
    {STR_INIT("resolve"), handle_resolve},
};

/* Reads one request and answers it; an error ends the session. */
static int handle_request(struct service_session *session)
{
    struct str kind;
    int error = ipc_request_wait(&session->stream, &kind);
    if (error != 0) {
        return error;
    }
    for (size_t i = 0; i < sizeof(requests) / sizeof(requests[0]); i++) {
        if (str_equal(kind, requests[i].kind)) {
            error = requests[i].handle(session);
            arena_reset(&session->arena);
            return error;
        }
    }
    log_warning(session->service->log, "unknown request \"%.*s\"", STR_ARG(kind));
    return -ERR_PROTOCOL;
}

static void serve(struct service_session *session)
{
    stream_set_timeout(&session->stream, conf_time_ns(session->service->conf, CONF_ipc_timeout));
    ipc_greeting_send(&session->stream,
                      &(struct ipc_greeting){.protocol = STR(IPC_PROTOCOL_REWRITE)});
    while (service_wait_request(session, SYS_FOREVER) == 0 && handle_request(session) == 0) {}
}

static const struct service_options options = {
    .program = "trivial-rewrite",
    .open = open_state,
    .close = close_state,
    .serve = serve,
};

int trivial_rewrite_main(struct sys *sys, int argc, char **argv)
{
    return service_run(sys, argc, argv, &options);
}
