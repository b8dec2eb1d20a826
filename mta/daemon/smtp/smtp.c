// SPDX-License-Identifier: ISC
#include "smtp/smtp.h"

#include "mail/own_addresses.h"
#include "service/service.h"
#include "smtp/smtp_failure.h"
#include "smtp/smtp_hosts.h"
#include "smtp/smtp_session.h"
#include "smtp/smtp_transfer.h"
#include "sys/clock.h"

enum {
    SMTP_SESSION_BYTES_MAX = 64 * 1024 * 1024,
    SMTP_SESSION_DESCRIPTORS = 5, /* the request, the queue file, the host, bounce, defer */
};

/* ---- one destination --------------------------------------------------------------------------- */

/* True when the session counts towards smtp_mx_session_limit. */
static bool try_host(struct smtp_delivery *delivery, const struct smtp_host *host)
{
    struct smtp_session session;
    smtp_failure_log_pending(delivery);
    if (smtp_session_open(delivery, host, &session) == 0) {
        delivery->request->connected_wall_ns = sys_wall_ns(delivery->state->sys);
        smtp_transfer(&session);
    }
    bool counts = session.has_greeted;
    smtp_session_close(&session);
    return counts;
}

static void try_hosts(struct smtp_delivery *delivery, const struct smtp_hosts *hosts)
{
    const struct conf *conf = delivery->state->conf;
    int address_limit = conf_int(conf, CONF_smtp_mx_address_limit);
    int session_limit = conf_int(conf, CONF_smtp_mx_session_limit);
    int session_count = 0;
    for (int i = 0; i < hosts->count; i++) {
        if (address_limit > 0 && i == address_limit) {
            return;
        }
        session_count += try_host(delivery, &hosts->list[i]) ? 1 : 0;
        if (!smtp_failure_left(delivery) || (session_limit > 0 && session_count == session_limit)) {
            return;
        }
    }
}

/* Tries one destination. True when no other one may be tried after it: we are one of its mail
 * exchangers ourselves. */
static bool try_nexthop(struct smtp_delivery *delivery, struct str text)
{
    struct smtp_nexthop nexthop;
    struct smtp_hosts hosts;
    const struct smtp_failure *failure;
    if (smtp_nexthop_parse(text, delivery->state->port, &nexthop) != 0) {
        smtp_failure_wait(delivery, smtp_failure_make(delivery, STR("none"), "4.3.5",
                                                      "bad destination \"%.*s\"", STR_ARG(text)));
        return false;
    }
    if (smtp_hosts_find(delivery, &nexthop, &hosts, &failure) != 0) {
        smtp_failure_wait(delivery, failure);
        return hosts.includes_us;
    }
    try_hosts(delivery, &hosts);
    return hosts.includes_us;
}

/* ---- one request ------------------------------------------------------------------------------- */

/* It cannot be helped, and it is no answer of a host. */
static bool is_unreachable(const struct smtp_failure *failure)
{
    return smtp_failure_is_final(failure) && str_equal(failure->relay, STR("none"));
}

/* A relay of our own configuration that does not exist is our mistake, not the mail's. */
static void forgive(struct smtp_delivery *delivery, const char *parameter)
{
    const struct smtp_failure *forgiven_from = NULL;
    const struct smtp_failure *forgiven = NULL;
    for (int i = 0; i < delivery->request->recipient_count; i++) {
        const struct smtp_failure *failure = delivery->pending[i];
        if (delivery->request->recipients[i].ended || !is_unreachable(failure)) {
            continue;
        }
        if (failure != forgiven_from) {
            log_warning(delivery->state->log, "%s configuration problem", parameter);
            forgiven_from = failure;
            forgiven = smtp_failure_with_status(delivery, failure, "4.3.5");
        }
        delivery->pending[i] = forgiven;
    }
}

/* True when the search is over. */
static bool try_list(struct smtp_delivery *delivery, struct str list, bool *was_tried)
{
    struct str text;
    while (smtp_nexthop_next(&list, &text)) {
        *was_tried = true;
        if (try_nexthop(delivery, text) || !smtp_failure_left(delivery)) {
            return true;
        }
    }
    return false;
}

static void deliver(struct smtp_state *state, struct deliver_request *request)
{
    size_t count = (size_t)request->recipient_count;
    struct smtp_delivery delivery = {
        .state = state,
        .request = request,
        .pending = arena_alloc(request->arena, count * sizeof(*delivery.pending)),
    };
    if (delivery.pending == NULL) {
        log_fatal(state->log, "no memory left for the recipients of one request");
    }
    struct str nexthop = request->head.nexthop;
    bool nexthop_was_tried = false;
    bool fallback_was_tried = false;
    if (!try_list(&delivery, nexthop, &nexthop_was_tried)) {
        (void)try_list(&delivery, conf_text(state->conf, CONF_smtp_fallback_relay),
                       &fallback_was_tried);
    }
    if (!nexthop_was_tried) {
        smtp_failure_wait(
            &delivery, smtp_failure_make(&delivery, STR("none"), "4.3.5", "the next hop is empty"));
    }
    if (fallback_was_tried) {
        forgive(&delivery, "smtp_fallback_relay");
    } else if (str_equal(nexthop, conf_text(state->conf, CONF_relayhost))) {
        forgive(&delivery, "relayhost");
    }
    smtp_failure_end(&delivery);
}

static void serve(struct service_session *session)
{
    struct smtp_state *state = session->service->state;
    struct deliver_request request;
    deliver_greet(&session->stream);
    while (service_wait_request(session, SYS_FOREVER) == 0 &&
           deliver_receive(&state->agent, &session->stream, &session->arena, &request) == 0) {
        deliver(state, &request);
        deliver_finish(&request);
    }
}

/* ---- one process ------------------------------------------------------------------------------- */

static int open_state(struct service *service)
{
    struct smtp_state *state = mem_alloc(sys_mem(service->sys), sizeof(*state));
    char why[TABLE_WHY_MAX];
    *state = (struct smtp_state){.sys = service->sys, .conf = service->conf, .log = service->log};
    service->state = state;
    deliver_agent_init(&state->agent, service->sys, service->log, &state->queue, service->conf);
    cleanup_client_init(&state->cleanup, service->sys, service->conf);
    int error = queue_open(&state->queue, service->sys, service->conf);
    if (error != 0) {
        log_error(service->log, "cannot open the queue: %s", err_sentence(error));
        return error;
    }
    state->dns = dns_open(service->sys);
    struct str port = conf_text(service->conf, CONF_smtp_tcp_port);
    error = smtp_nexthop_port(port, &state->port);
    if (error != 0) {
        log_error(service->log, "smtp_tcp_port: bad port \"%.*s\"", STR_ARG(port));
        return error;
    }
    error = own_addresses_open(service->sys, service->conf, &state->own_addresses, why);
    if (error != 0) {
        log_error(service->log, "inet_interfaces, proxy_interfaces: %s", why);
    }
    return error;
}

static void close_state(struct service *service)
{
    struct smtp_state *state = service->state;
    deliver_agent_done(&state->agent);
    cleanup_client_done(&state->cleanup);
    match_list_close(state->own_addresses);
    dns_close(state->dns);
    queue_close(&state->queue);
    mem_free(sys_mem(service->sys), state);
}

static const struct service_options options = {
    .program = "smtp",
    .session_bytes_max = SMTP_SESSION_BYTES_MAX,
    .session_descriptors = SMTP_SESSION_DESCRIPTORS,
    .open = open_state,
    .close = close_state,
    .serve = serve,
};

int smtp_main(struct sys *sys, int argc, char **argv)
{
    return service_run(sys, argc, argv, &options);
}
