// SPDX-License-Identifier: ISC
#include "postilion/postilion_why_qmgr.h"

#include "conf/service_path.h"
#include "mail/service_pool.h"
#include "sys/clock.h"
#include "sys/net.h"

enum { QUESTION_BYTES_MAX = 512, STREAM_BYTES_MAX = 64 * 1024 };

#define TIMEOUT_NS (10 * SYS_SECOND_NS)

static int dial(struct sys *sys, const struct conf *conf)
{
    struct service_path path = service_path(conf, CONF_queue_service_name);
    struct sys_address address;
    int error = sys_address_unix(str_from(path.text), &address);
    return error != 0 ? error : sys_dial(sys, NULL, &address, sys_deadline(sys, TIMEOUT_NS));
}

/* Opens the stream from which the answer to the question comes. */
static int ask(struct sys *sys, const struct conf *conf, struct str question, struct stream *stream)
{
    int fd = dial(sys, conf);
    if (fd < 0) {
        return fd;
    }
    stream_open(stream, sys, sys_mem(sys), fd, STREAM_BYTES_MAX);
    stream_set_deadline(stream, sys_deadline(sys, TIMEOUT_NS));
    stream_put(stream, STR("?"));
    stream_put(stream, question);
    stream_put(stream, STR("\n"));
    int error = stream_flush(stream);
    if (error != 0) {
        stream_close(stream);
    }
    return error;
}

static int receive_state(struct stream *stream, struct arena *arena,
                         struct postilion_why_state *state)
{
    int error = ipc_qmgr_place_receive(stream, arena, &state->place);
    int more = 1;
    while (error == 0 && (more = ipc_list_more(stream)) == 1) {
        struct ipc_qmgr_hold hold;
        error = ipc_qmgr_hold_receive(stream, arena, &hold);
        if (error == 0 && state->hold_count < POSTILION_WHY_HOLDS_MAX) {
            state->holds[state->hold_count] = hold;
            state->hold_count++;
        }
    }
    return error != 0 ? error : more;
}

int postilion_why_qmgr_ask(struct sys *sys, const struct conf *conf, struct arena *arena,
                           struct str id, struct postilion_why_state *state)
{
    struct stream stream;
    *state = (struct postilion_why_state){.hold_count = 0};
    int error = ask(sys, conf, id, &stream);
    if (error == 0) {
        error = receive_state(&stream, arena, state);
        stream_close(&stream);
    }
    return error;
}

/* ---- the way of a recipient ------------------------------------------------------------------- */

static int resolve(struct sys *sys, const struct conf *conf, struct arena *arena, struct str sender,
                   struct str recipient, struct ipc_resolve_reply *reply)
{
    const struct ipc_service service = {.protocol = IPC_PROTOCOL_REWRITE, .timeout_ns = TIMEOUT_NS};
    const struct ipc_resolve_request request = {.sender = sender, .recipient = recipient};
    struct ipc_pool rewrite;
    service_pool_init(&rewrite, sys, conf, CONF_rewrite_service_name, &service);
    int error = ipc_resolve(&rewrite, arena, &request, reply);
    ipc_pool_done(&rewrite);
    if (error == 0 && (reply->status != IPC_OK || (reply->flags & IPC_RESOLVE_ERROR) != 0)) {
        error = -ERR_UNAVAILABLE;
    }
    return error;
}

static int ask_about_route(struct sys *sys, const struct conf *conf, struct arena *arena,
                           const struct ipc_qmgr_route *route, struct ipc_qmgr_hold *hold)
{
    struct stream stream;
    struct buf question;
    buf_init(&question, sys_mem(sys), QUESTION_BYTES_MAX);
    int error = ipc_qmgr_route_write(&question, route);
    error = error == 0 ? ask(sys, conf, buf_str(&question), &stream) : error;
    if (error == 0) {
        error = ipc_qmgr_hold_receive(&stream, arena, hold);
        stream_close(&stream);
    }
    buf_done(&question);
    return error;
}

int postilion_why_qmgr_route(struct sys *sys, const struct conf *conf, struct arena *arena,
                             struct str sender, struct str recipient, struct ipc_qmgr_hold *hold)
{
    struct ipc_resolve_reply reply;
    int error = resolve(sys, conf, arena, sender, recipient, &reply);
    if (error != 0) {
        return error;
    }
    const struct ipc_qmgr_route route = {
        .transport = reply.transport, .nexthop = reply.nexthop, .recipient = reply.recipient};
    return ask_about_route(sys, conf, arena, &route, hold);
}
