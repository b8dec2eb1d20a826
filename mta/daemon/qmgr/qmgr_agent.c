// SPDX-License-Identifier: ISC
#include "qmgr/qmgr_agent.h"

#include <stdio.h>
#include <string.h>

#include "mail/deliver.h"
#include "qmgr/qmgr_message.h"
#include "qmgr/qmgr_round.h"
#include "sys/clock.h"
#include "sys/net.h"

enum { REPLY_BYTES_MAX = 64 * 1024 };

static const int64_t longest_tick_ns = SYS_SECOND_NS; /* of the times of files */

struct call { /* of an agent */
    struct qmgr *qmgr;
    struct qmgr_transport *transport;
    struct stream stream;
    struct arena arena; /* of greeting and reply */
};

/* ---- the call --------------------------------------------------------------------------------- */

static int greet(struct call *call)
{
    struct ipc_greeting greeting;
    stream_set_deadline(&call->stream, SYS_FOREVER);
    stream_set_timeout(&call->stream, conf_time_ns(call->qmgr->conf, CONF_daemon_timeout));
    int error = ipc_greeting_receive(&call->stream, &call->arena, &greeting);
    if (error == 0 && !str_equal(greeting.protocol, STR(IPC_PROTOCOL_DELIVER))) {
        error = -ERR_PROTOCOL;
    }
    return error;
}

/* The stream is open when it returns 0. */
static int reach(struct call *call)
{
    struct qmgr *qmgr = call->qmgr;
    char path[SYS_PATH_MAX];
    struct sys_address address;
    snprintf(path, sizeof(path), "private/%.*s", STR_ARG(call->transport->name));
    int error = sys_address_unix(str_from(path), &address);
    if (error != 0) {
        return error;
    }
    int64_t timeout_ns = conf_time_ns(qmgr->conf, CONF_qmgr_ipc_timeout);
    int fd = sys_dial(qmgr->sys, NULL, &address, sys_deadline(qmgr->sys, timeout_ns));
    if (fd < 0) {
        return fd;
    }
    stream_open(&call->stream, qmgr->sys, sys_mem(qmgr->sys), fd, IPC_MESSAGE_MAX);
    error = greet(call);
    if (error != 0) {
        stream_close(&call->stream);
    }
    return error;
}

/* ---- the request ------------------------------------------------------------------------------ */

static int flags_of(const struct qmgr_entry *entry)
{
    return (entry->loads_connection ? DELIVER_CONNECTION_LOAD : 0) |
           (entry->stores_connection ? DELIVER_CONNECTION_STORE : 0);
}

/* What the message needs, and what those recipients do. */
static int64_t smtputf8_of(const struct queue_envelope *envelope, const struct qmgr_entry *entry)
{
    int64_t options = envelope->size.send_options & QUEUE_SMTPUTF8_ALL;
    list_each(node, &entry->recipients)
    {
        if (!str_is_ascii(list_entry(node, struct qmgr_recipient, node)->address)) {
            options |= QUEUE_SMTPUTF8_RECIPIENT;
        }
    }
    return options;
}

static void send_head(struct stream *stream, const struct qmgr_message *message,
                      const struct qmgr_entry *entry)
{
    const struct queue_envelope *envelope = &message->envelope;
    const struct ipc_deliver_request request = {
        .flags = flags_of(entry),
        .queue_name = str_from(queue_directory(QUEUE_ACTIVE)),
        .queue_id = message->id,
        .data_offset = envelope->size.content_offset,
        .data_size = envelope->size.file_content_bytes,
        .nexthop = entry->destination->nexthop,
        .encoding = envelope->encoding,
        .sender = envelope->sender,
        .envelope_id = envelope->envelope_id,
        .ret_flags = envelope->ret_flags,
        .smtputf8 = smtputf8_of(envelope, entry),
        .arrival_wall_ns = envelope->arrival_wall_ns,
        .active_wall_ns = message->active_wall_ns,
        .log_client_name = envelope->client_name,
        .log_client_address = envelope->client_address,
        .log_protocol_name = envelope->protocol_name,
        .log_helo_name = envelope->helo_name,
        .recipient_count = entry->recipient_count,
    };
    ipc_deliver_request_send(stream, &request);
}

static void send_request(struct stream *stream, const struct qmgr_entry *entry)
{
    send_head(stream, qmgr_message_of(entry->job->load), entry);
    list_each(node, &entry->recipients)
    {
        const struct qmgr_recipient *recipient = list_entry(node, struct qmgr_recipient, node);
        const struct ipc_deliver_recipient part = {
            .original_recipient = recipient->original,
            .recipient = recipient->address,
            .offset = recipient->offset,
            .dsn_orig_rcpt = recipient->dsn_orig_rcpt,
            .notify_flags = recipient->notify_flags,
        };
        ipc_deliver_recipient_send(stream, &part);
    }
}

/* ---- marks ------------------------------------------------------------------------------------ */

static void sync_marks(struct qmgr *qmgr, struct str id)
{
    int error = qmgr_round_sync_marks(qmgr, id);
    if (error != 0 && error != -ERR_NOT_FOUND) { /* a deleted message needs no marks */
        log_warning(qmgr->log, "%.*s: cannot sync the marks of finished recipients: %s",
                    STR_ARG(id), err_sentence(error));
    }
}

/* Syncs the file when it has been written to since *synced_ns; the agent's marks change its time,
 * unless they come within the same tick of the file system as the one before. */
static void sync_if_changed(struct qmgr *qmgr, struct str id, int64_t *synced_ns)
{
    char path[QUEUE_PATH_SIZE];
    struct sys_stat stat;
    queue_path(&qmgr->queue, QUEUE_ACTIVE, id, path);
    int error = sys_stat(qmgr->sys, SYS_HERE, path, &stat);
    if (error == 0 && stat.mtime_wall_ns != *synced_ns) {
        bool may_stay = sys_wall_ns(qmgr->sys) - stat.mtime_wall_ns < longest_tick_ns;
        *synced_ns = may_stay ? -1 : stat.mtime_wall_ns;
        sync_marks(qmgr, id);
    }
}

/* Syncs marks until the agent says something, for it may mark its last recipient long before: a
 * remote host can take its time to end a conversation. Without a delay agents sync themselves. */
static int keep_synced(struct call *call, const struct qmgr_entry *entry)
{
    struct qmgr *qmgr = call->qmgr;
    int64_t period_ns = conf_time_ns(qmgr->conf, CONF_delivery_mark_sync_time);
    int64_t deadline_ns = sys_deadline(qmgr->sys, conf_time_ns(qmgr->conf, CONF_daemon_timeout));
    int64_t synced_ns = -1;
    int error = 0;
    if (period_ns == 0) {
        return 0;
    }
    do {
        int64_t next_ns = sys_deadline(qmgr->sys, period_ns);
        error = sys_readable(qmgr->sys, call->stream.fd, next_ns);
        if (error == -ERR_TIMEOUT) {
            sync_if_changed(qmgr, qmgr_message_of(entry->job->load)->id, &synced_ns);
        }
    } while (error == -ERR_TIMEOUT && sys_now_ns(qmgr->sys) < deadline_ns);
    return error;
}

/* The agent may have finished some recipients before it was lost: the file knows which. */
static void drop_marked(struct qmgr *qmgr, struct qmgr_entry *entry)
{
    struct str id = qmgr_message_of(entry->job->load)->id;
    int fd = queue_open_file(&qmgr->queue, QUEUE_ACTIVE, id, SYS_OPEN_READ, 0);
    list_each(node, &entry->recipients)
    {
        struct qmgr_recipient *recipient = list_entry(node, struct qmgr_recipient, node);
        char type = '\0';
        long count = fd < 0 ? 0 : sys_pread(qmgr->sys, fd, &type, 1, recipient->offset);
        if (count == 1 && type == QUEUE_RECORD_DONE) {
            qmgr_entry_drop(entry, recipient);
        }
    }
    sys_close(qmgr->sys, fd);
}

/* ---- the reply -------------------------------------------------------------------------------- */

static void take_reply(struct qmgr *qmgr, struct qmgr_entry *entry,
                       const struct ipc_deliver_reply *reply)
{
    struct qmgr_message *message = qmgr_message_of(entry->job->load);
    bool is_left = reply->status != IPC_DELIVERED;
    int64_t now_ns = sys_now_ns(qmgr->sys);
    message->retry |= is_left;
    message->marked |= !is_left || entry->recipient_count > 1;
    message->unrecorded |= reply->status == IPC_UNRECORDED;
    message->damaged |= reply->status == IPC_DAMAGED;
    if (reply->reason.size > 0) {
        qmgr_schedule_failed(entry, reply->dsn_status, reply->reason, now_ns);
    } else {
        qmgr_schedule_succeeded(entry, now_ns);
    }
}

/* The entry is over; marks go to disk when the message stays longer. */
static void finish(struct qmgr *qmgr, struct qmgr_entry *entry)
{
    struct qmgr_message *message = qmgr_message_of(entry->job->load);
    char copy[QUEUE_ID_BYTES_MAX];
    struct str id = str_of(copy, message->id.size);
    bool stays = message->load.entry_count > 1;
    memcpy(copy, message->id.data, message->id.size);
    qmgr_entry_free(entry);
    qmgr_message_delivered(message);
    qmgr_agent_dispatch(qmgr);
    if (stays) {
        sync_marks(qmgr, id);
    }
}

static void take_loss(struct call *call, struct qmgr_entry *entry, int error)
{
    struct qmgr *qmgr = call->qmgr;
    struct qmgr_message *message = qmgr_message_of(entry->job->load);
    log_warning(qmgr->log, "%.*s: transport %.*s: %s", STR_ARG(message->id),
                STR_ARG(call->transport->name), err_sentence(error));
    message->marked = true;
    drop_marked(qmgr, entry);
    if (entry->recipient_count == 0) {
        finish(qmgr, entry);
        return;
    }
    sync_marks(qmgr, message->id); /* the rest may have to wait for long */
    qmgr_schedule_lost(entry, sys_now_ns(qmgr->sys));
    qmgr_agent_dispatch(qmgr);
}

static void deliver(struct call *call, struct qmgr_entry *entry)
{
    struct ipc_deliver_reply reply;
    send_request(&call->stream, entry);
    int error = stream_flush(&call->stream);
    if (error == 0) {
        error = keep_synced(call, entry);
    }
    if (error == 0) {
        error = ipc_deliver_reply_receive(&call->stream, &call->arena, &reply);
    }
    if (error == -ERR_CANCELED) { /* the next queue manager finds the message in active/ */
        qmgr_entry_free(entry);
    } else if (error != 0) {
        take_loss(call, entry, error);
    } else {
        take_reply(call->qmgr, entry, &reply);
        finish(call->qmgr, entry);
    }
}

/* ---- the fiber -------------------------------------------------------------------------------- */

static void take_answer(struct call *call, int error)
{
    struct qmgr *qmgr = call->qmgr;
    struct qmgr_transport *transport = call->transport;
    if (error == -ERR_CANCELED) {
        qmgr_schedule_hung_up(transport);
        return;
    }
    if (error != 0) {
        log_warning(qmgr->log, "transport %.*s cannot be reached: %s", STR_ARG(transport->name),
                    err_sentence(error));
        qmgr_schedule_unreachable(transport, sys_now_ns(qmgr->sys));
        qmgr_agent_dispatch(qmgr);
        return;
    }
    struct qmgr_entry *entry = qmgr_schedule_answered(transport, sys_now_ns(qmgr->sys));
    qmgr_agent_dispatch(qmgr); /* there may be more for other agents */
    if (entry != NULL) {
        deliver(call, entry);
    }
    stream_close(&call->stream);
}

static void run_call(struct sys *sys, void *argument)
{
    struct call *call = argument;
    arena_init(&call->arena, sys_mem(sys), REPLY_BYTES_MAX);
    take_answer(call, reach(call));
    arena_done(&call->arena);
    mem_free(sys_mem(sys), call);
}

static int start_call(struct qmgr *qmgr, struct qmgr_transport *transport)
{
    struct call *call = mem_alloc(sys_mem(qmgr->sys), sizeof(*call));
    *call = (struct call){.qmgr = qmgr, .transport = transport};
    int error = sys_fiber_start(qmgr->sys, &qmgr->service->background, run_call, call);
    if (error != 0) {
        mem_free(sys_mem(qmgr->sys), call);
    }
    return error;
}

/* No agent and no retry service: the recipients stay, without a record that says why. */
static void end_abandoned(struct qmgr *qmgr)
{
    struct qmgr_entry *entry;
    while ((entry = qmgr_schedule_abandoned(&qmgr->schedule)) != NULL) {
        struct qmgr_message *message = qmgr_message_of(entry->job->load);
        message->retry = true;
        message->unrecorded = true;
        qmgr_entry_free(entry);
        qmgr_message_delivered(message);
    }
}

/* Who has other calls under way looks again when the next of them ends: false then. */
static bool take_refusal(struct qmgr *qmgr, struct qmgr_transport *transport, int error)
{
    log_warning(qmgr->log, "transport %.*s: no room for another delivery: %s",
                STR_ARG(transport->name), err_sentence(error));
    if (transport->busy_count + transport->calling_count > 1) {
        qmgr_schedule_hung_up(transport);
        return false;
    }
    qmgr_schedule_unreachable(transport, sys_now_ns(qmgr->sys));
    return true;
}

void qmgr_agent_dispatch(struct qmgr *qmgr)
{
    bool goes_on = true;
    while (goes_on) {
        end_abandoned(qmgr);
        struct qmgr_transport *transport = qmgr_schedule_call(&qmgr->schedule);
        int error = transport != NULL ? start_call(qmgr, transport) : 0;
        goes_on = transport != NULL && (error == 0 || take_refusal(qmgr, transport, error));
    }
    sys_event_wake_all(qmgr->sys, &qmgr->changed);
}
