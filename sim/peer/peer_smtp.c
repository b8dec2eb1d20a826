// SPDX-License-Identifier: ISC
#include "peer/peer_smtp.h"

#include <stdio.h>

#include "base/arena.h"
#include "base/assert.h"
#include "peer/peer_arguments.h"
#include "peer/peer_report.h"
#include "peer/peer_script.h"
#include "peer/peer_session.h"
#include "sys/clock.h"
#include "sys/fiber.h"
#include "sys/fs.h"
#include "sys/net.h"

enum { ARENA_MAX = 16 << 20, BACKLOG = 1000, MESSAGES_MODE = 0755 };

/* One address that the peer serves. */
struct listener {
    struct peer *peer;
    struct sys_address address;
};

static void parse_rules(struct peer *peer)
{
    struct buf report;
    buf_init(&report, sys_mem(peer->sys), PEER_REPORT_MAX);
    for (int i = 0; i < peer->arguments.line_count; i++) {
        struct str text = str_from(peer->arguments.lines[i]);
        struct syntax_problems problems = {"rule", text, &report, 0};
        struct syntax_line line;
        if (!syntax_line_parse(&peer->arena, text, 1, NULL, &problems, &line) ||
            !peer_script_add(&peer->script, &line, &peer->arena, &problems)) {
            int error = sys_error_output(peer->sys, buf_str(&report));
            sys_exit(peer->sys, error == 0 ? 2 : 1);
        }
    }
    buf_done(&report);
}

static void serve(struct sys *sys, void *argument)
{
    struct peer_session *session = argument;
    peer_session_run(session);
    session->peer->session_count--;
    mem_free(sys_mem(sys), session);
}

static void start_session(struct peer *peer, int fd, const struct sys_address *client)
{
    struct peer_session *session = mem_alloc(sys_mem(peer->sys), sizeof(*session));
    session->peer = peer;
    session->fd = fd;
    session->client = *client;
    session->number = ++peer->connection_count;
    peer->session_count++;
    if (sys_fiber_start(peer->sys, &peer->sessions, serve, session) != 0) {
        sys_close(peer->sys, fd);
        peer->session_count--;
        mem_free(sys_mem(peer->sys), session);
    }
}

/* Accepts until the rules for `connect` change. False when this address can no longer be
 * served. */
static bool accept_until(struct listener *listener, int64_t deadline_ns)
{
    struct peer *peer = listener->peer;
    int fd = sys_listen(peer->sys, &listener->address, BACKLOG);
    int error = fd < 0 ? fd : 0;
    while (error == 0) {
        struct sys_address client;
        int accepted = sys_accept(peer->sys, fd, &client, deadline_ns);
        if (accepted >= 0 && peer->session_count < PEER_SMTP_SESSIONS_MAX) {
            start_session(peer, accepted, &client);
        } else if (accepted >= 0) {
            sys_close(peer->sys, accepted);
        } else {
            error = accepted;
        }
    }
    sys_close(peer->sys, fd);
    return error == -ERR_TIMEOUT;
}

/* While a `connect` rule holds, nobody listens; that packets vanish in a black hole is the
 * network's part. */
static void serve_address(struct sys *sys, void *argument)
{
    struct listener *listener = argument;
    struct peer *peer = listener->peer;
    bool going = true;
    while (going) {
        const struct peer_situation at = {
            .now_ns = peer_now_ns(sys, &peer->arguments),
            .connection = peer->connection_count + 1,
            .open_count = peer->session_count + 1,
        };
        const struct peer_rule *rule =
            peer_script_find(&peer->script, PEER_STAGE_CONNECT, STR(""), &at);
        int64_t change_ns = peer_script_next_change(&peer->script, at.now_ns);
        int64_t deadline_ns = peer_deadline(sys, &peer->arguments, change_ns);
        going = rule == NULL ? accept_until(listener, deadline_ns)
                             : sys_sleep_until(sys, deadline_ns) == 0;
    }
}

int peer_smtp_main(struct sys *sys, int argc, char **argv)
{
    struct peer *peer = mem_alloc(sys_mem(sys), sizeof(*peer));
    struct sys_group listeners;
    peer->sys = sys;
    peer_arguments_parse(sys, argc, argv, 25, &peer->arguments);
    arena_init(&peer->arena, sys_mem(sys), ARENA_MAX);
    peer_script_init(&peer->script);
    parse_rules(peer);
    sys_group_init(&peer->sessions);
    sys_group_init(&listeners);
    int error = sys_mkdir(sys, SYS_HERE, "messages", MESSAGES_MODE);
    if (error != 0 && error != -ERR_EXISTS) {
        return 1;
    }
    for (int i = 0; i < peer->arguments.address_count; i++) {
        struct listener *listener = mem_alloc(sys_mem(sys), sizeof(*listener));
        *listener = (struct listener){peer, peer->arguments.addresses[i]};
        if (sys_fiber_start(sys, &listeners, serve_address, listener) != 0) {
            return 1;
        }
    }
    sys_group_join(sys, &listeners);
    sys_group_cancel(sys, &peer->sessions);
    sys_group_join(sys, &peer->sessions);
    return 0;
}
