// SPDX-License-Identifier: ISC
#include "qmgr/qmgr_delivery.h"

#include <stdio.h>

#include "qmgr/qmgr_destination.h"
#include "qmgr/qmgr_message.h"
#include "sys/clock.h"

enum { PATH_SIZE = 80 };

/* How long a transport's socket may be missing, as it is while master restarts. */
#define DIAL_NS (5 * SYS_SECOND_NS)

/* ---- talking to the agent -------------------------------------------------------------------- */

static void send_recipient(struct stream *stream, const struct queue_recipient *recipient)
{
    ipc_deliver_recipient_send(stream, &(struct ipc_deliver_recipient){
                                           .original_recipient = recipient->original,
                                           .recipient = recipient->address,
                                           .offset = recipient->offset,
                                           .dsn_orig_rcpt = recipient->dsn_orig_rcpt,
                                           .notify_flags = recipient->notify_flags,
                                       });
}

static void send_request(struct stream *stream, const struct qmgr_entry *entry)
{
    const struct qmgr_message *message = entry->message;
    const struct queue_envelope *envelope = &message->envelope;
    const struct ipc_deliver_request request = {
        .queue_name = str_from(queue_directory(QUEUE_ACTIVE)),
        .queue_id = str_from(message->id),
        .data_offset = envelope->size.content_offset,
        .data_size = envelope->size.file_content_bytes,
        .nexthop = entry->destination->nexthop,
        .encoding = envelope->encoding,
        .sender = envelope->sender,
        .envelope_id = envelope->envelope_id,
        .ret_flags = envelope->ret_flags,
        .arrival_wall_ns = envelope->arrival_wall_ns,
        .active_wall_ns = message->active_wall_ns,
        .log_client_name = envelope->client_name,
        .log_client_address = envelope->client_address,
        .log_protocol_name = envelope->protocol_name,
        .log_helo_name = envelope->helo_name,
        .recipient_count = entry->recipient_count,
    };
    ipc_deliver_request_send(stream, &request);
    for (const struct qmgr_recipient *recipient = entry->recipients; recipient != NULL;
         recipient = recipient->next) {
        send_recipient(stream, &recipient->address);
    }
}

static int receive_greeting(struct stream *stream, struct arena *arena)
{
    struct ipc_greeting greeting;
    int error = ipc_greeting_receive(stream, arena, &greeting);
    if (error == 0 && !str_equal(greeting.protocol, STR(IPC_PROTOCOL_DELIVER))) {
        error = -ERR_PROTOCOL;
    }
    return error;
}

/* An agent that has greeted us, or an error: nothing was asked of it then. */
static int open_agent(const struct qmgr_entry *entry, struct stream *stream, struct arena *arena)
{
    struct qmgr *qmgr = entry->message->qmgr;
    struct sys *sys = qmgr->sys;
    char path[PATH_SIZE];
    struct str name = entry->destination->transport->name;
    int size = snprintf(path, sizeof path, "private/%.*s", STR_ARG(name));
    int fd = size < PATH_SIZE ? ipc_dial(sys, path, sys_deadline(sys, DIAL_NS)) : -ERR_NOT_FOUND;
    stream_open(stream, sys, sys_mem(sys), fd, IPC_MESSAGE_MAX);
    if (fd < 0) {
        return fd;
    }
    stream_set_deadline(stream, sys_deadline(sys, conf_time_ns(qmgr->conf, CONF_daemon_timeout)));
    return receive_greeting(stream, arena);
}

/* ---- what came of it ------------------------------------------------------------------------- */

static void warn(const struct qmgr_entry *entry, int error)
{
    struct qmgr *qmgr = entry->message->qmgr;
    log_warning(qmgr->log, "private/%.*s: %s", STR_ARG(entry->destination->transport->name),
                err_sentence(error));
}

static void take_reply(struct qmgr_entry *entry, const struct ipc_deliver_reply *reply)
{
    entry->message->retry |= reply->status != 0;
    const struct dsn site = {.status = reply->dsn_status, .reason = reply->reason};
    qmgr_destination_ended(entry, &site);
}

/* The agent may have finished some of the recipients, or all. */
static void lose_reply(struct qmgr_entry *entry, int error)
{
    const struct dsn healthy = {.reason = STR("")};
    warn(entry, error);
    entry->message->retry = true;
    entry->message->unrecorded = true;
    qmgr_destination_ended(entry, &healthy);
}

/* True when the entry is back, false when it waits elsewhere or the process ends. */
static bool deliver(struct qmgr_entry *entry, struct arena *arena)
{
    struct sys *sys = entry->message->qmgr->sys;
    struct stream stream;
    struct ipc_deliver_reply reply;
    int error = open_agent(entry, &stream, arena);
    bool asked = error == 0;
    if (asked) {
        send_request(&stream, entry);
        entry->message->unsynced = true;
        error = ipc_deliver_reply_receive(&stream, arena, &reply);
    }
    stream_close(&stream);
    if (error != 0 && sys_canceled(sys)) {
        return false;
    }
    if (!asked) {
        warn(entry, error);
        qmgr_destination_unavailable(entry);
        return false;
    }
    if (error == 0) {
        take_reply(entry, &reply);
    } else {
        lose_reply(entry, error);
    }
    return true;
}

static void run(struct sys *sys, void *argument)
{
    struct qmgr_entry *entry = argument;
    struct qmgr_message *message = entry->message;
    struct qmgr *qmgr = message->qmgr;
    struct arena arena;
    arena_init(&arena, sys_mem(sys), 2 * IPC_MESSAGE_MAX);
    bool is_back = deliver(entry, &arena);
    arena_done(&arena);
    if (sys_canceled(sys)) {
        return;
    }
    qmgr_destination_dispatch(qmgr);
    if (is_back) {
        qmgr_message_entry_back(message);
    }
}

int qmgr_delivery_start(struct qmgr_entry *entry)
{
    struct qmgr *qmgr = entry->message->qmgr;
    return sys_fiber_start(qmgr->sys, &qmgr->service->background, run, entry);
}
