// SPDX-License-Identifier: ISC
#include "qmgr/qmgr_delivery.h"

#include <stdio.h>

#include "qmgr/qmgr_destination.h"
#include "sys/clock.h"

enum { REPLY_BYTES_MAX = 64 * 1024 };

/* ---- the request --------------------------------------------------------------------------------- */

static void send_recipient(const struct queue_recipient *address, struct stream *stream)
{
    const struct ipc_deliver_recipient recipient = {
        .original_recipient = address->original,
        .recipient = address->address,
        .offset = address->offset,
        .dsn_orig_rcpt = address->dsn_orig_rcpt,
        .notify_flags = address->notify_flags,
    };
    ipc_deliver_recipient_send(stream, &recipient);
}

static void send_request(struct qmgr_delivery *delivery, struct str nexthop, struct stream *stream)
{
    const struct queue_envelope *envelope = delivery->envelope;
    const struct ipc_deliver_request request = {
        .queue_name = str_from(queue_directory(QUEUE_ACTIVE)),
        .queue_id = delivery->id,
        .data_offset = envelope->size.content_offset,
        .data_size = envelope->size.file_content_bytes,
        .nexthop = nexthop,
        .encoding = envelope->encoding,
        .sender = envelope->sender,
        .envelope_id = envelope->envelope_id,
        .ret_flags = envelope->ret_flags,
        .arrival_wall_ns = envelope->arrival_wall_ns,
        .active_wall_ns = delivery->active_wall_ns,
        .log_client_name = envelope->client_name,
        .log_client_address = envelope->client_address,
        .log_protocol_name = envelope->protocol_name,
        .log_helo_name = envelope->helo_name,
        .recipient_count = delivery->recipient_count,
    };
    ipc_deliver_request_send(stream, &request);
    list_each(node, &delivery->recipients)
    {
        send_recipient(&list_entry(node, struct qmgr_recipient, node)->address, stream);
    }
}

/* ---- marks ------------------------------------------------------------------------------------- */

int qmgr_delivery_open_active(struct qmgr *qmgr, struct str id)
{
    return queue_open_file(&qmgr->queue, QUEUE_ACTIVE, id, SYS_OPEN_READ | SYS_OPEN_WRITE, 0);
}

int qmgr_delivery_sync_marks(struct qmgr *qmgr, struct str id)
{
    int fd = qmgr_delivery_open_active(qmgr, id);
    int error = fd < 0 ? fd : sys_fsync(qmgr->sys, fd);
    sys_close(qmgr->sys, fd);
    return error;
}

/* Syncs the file when it has been written to since *synced_ns; the agent's marks change its time. */
static int sync_if_changed(struct qmgr *qmgr, struct str id, int64_t *synced_ns)
{
    char path[QUEUE_PATH_SIZE];
    struct sys_stat stat;
    queue_path(&qmgr->queue, QUEUE_ACTIVE, id, path);
    int error = sys_stat(qmgr->sys, SYS_HERE, path, &stat);
    if (error == 0 && stat.mtime_wall_ns != *synced_ns) {
        *synced_ns = stat.mtime_wall_ns;
        error = qmgr_delivery_sync_marks(qmgr, id);
    }
    return error;
}

/* Body of a fiber beside a delivery, until it is canceled. */
static void keep_synced(struct sys *sys, void *argument)
{
    struct qmgr_delivery *delivery = argument;
    struct qmgr *qmgr = delivery->qmgr;
    int64_t period_ns = conf_time_ns(qmgr->conf, CONF_delivery_mark_sync_time);
    int64_t synced_ns = -1;
    while (sys_sleep_until(sys, sys_deadline(sys, period_ns)) == 0) {
        int error = sync_if_changed(qmgr, delivery->id, &synced_ns);
        if (error != 0) {
            log_warning(qmgr->log, "%.*s: cannot sync the marks of finished recipients: %s",
                        STR_ARG(delivery->id), err_sentence(error));
        }
    }
}

/* A single recipient's mark is followed by the reply at once; without a delay agents sync
 * themselves. */
static int start_keeping_synced(struct qmgr_delivery *delivery, struct sys_group *group)
{
    bool needed = delivery->recipient_count > 1 &&
                  conf_time_ns(delivery->qmgr->conf, CONF_delivery_mark_sync_time) > 0;
    return needed ? sys_fiber_start(delivery->qmgr->sys, group, keep_synced, delivery) : 0;
}

/* ---- the conversation ---------------------------------------------------------------------------- */

/* Waits for the agent's reply, syncing marks meanwhile. */
static int await_reply(struct qmgr_delivery *delivery, struct stream *stream, struct arena *arena,
                       struct ipc_deliver_reply *reply)
{
    struct sys *sys = delivery->qmgr->sys;
    struct sys_group group;
    sys_group_init(&group);
    int error = start_keeping_synced(delivery, &group);
    if (error == 0) {
        error = ipc_deliver_reply_receive(stream, arena, reply);
    }
    sys_group_cancel(sys, &group);
    sys_group_join(sys, &group);
    return error;
}

/* One request and its reply: 0, -ERR_UNAVAILABLE when no agent could be reached, or another error
 * when one was lost on the way. */
static int converse(struct qmgr_delivery *delivery, struct qmgr_transport *transport,
                    struct str nexthop, struct arena *arena, struct ipc_deliver_reply *reply)
{
    struct ipc_connection *connection;
    int error = qmgr_transport_take(delivery->qmgr, transport);
    if (error != 0) {
        return error;
    }
    error = ipc_pool_take(&transport->pool, false, &connection);
    if (error != 0) {
        qmgr_transport_give(delivery->qmgr, transport);
        return error == -ERR_CANCELED ? error : -ERR_UNAVAILABLE;
    }
    stream_set_deadline(&connection->stream, SYS_FOREVER);
    stream_set_timeout(&connection->stream,
                       conf_time_ns(delivery->qmgr->conf, CONF_daemon_timeout));
    send_request(delivery, nexthop, &connection->stream);
    error = await_reply(delivery, &connection->stream, arena, reply);
    if (error == 0) {
        ipc_pool_give(&transport->pool, connection);
    } else {
        ipc_pool_drop(&transport->pool, connection);
    }
    qmgr_transport_give(delivery->qmgr, transport);
    return error;
}

/* Has the retry service write the reason into the defer log. */
static void defer(struct qmgr_delivery *delivery, const char *reason)
{
    struct ipc_deliver_reply reply;
    struct arena arena;
    struct qmgr_transport *retry = qmgr_transport_get(delivery->qmgr, STR("retry"));
    arena_init(&arena, sys_mem(delivery->qmgr->sys), REPLY_BYTES_MAX);
    delivery->result.retry = true;
    if (retry == NULL || converse(delivery, retry, str_from(reason), &arena, &reply) != 0) {
        delivery->result.unrecorded = true;
    }
    arena_done(&arena);
}

static void take_reply(struct qmgr_delivery *delivery, struct qmgr_destination *destination,
                       const struct ipc_deliver_reply *reply)
{
    delivery->result.retry = reply->status != IPC_DELIVERED;
    delivery->result.marked = !delivery->result.retry || delivery->recipient_count > 1;
    delivery->result.unrecorded = reply->status == IPC_UNRECORDED;
    if (reply->reason.size > 0) {
        qmgr_destination_failed(delivery->qmgr, destination, reply->dsn_status, reply->reason);
    } else {
        qmgr_destination_succeeded(delivery->qmgr, destination);
    }
}

/* The request did not come back as it should have. */
static void take_failure(struct qmgr_delivery *delivery, struct qmgr_transport *transport,
                         int error)
{
    struct qmgr *qmgr = delivery->qmgr;
    if (error == -ERR_UNAVAILABLE) {
        log_warning(qmgr->log, "%.*s: transport %.*s cannot be reached", STR_ARG(delivery->id),
                    STR_ARG(delivery->transport));
        qmgr_transport_failed(qmgr, transport);
        defer(delivery, "4.3.0 mail transport unavailable");
        return;
    }
    if (error != -ERR_CANCELED) {
        log_warning(qmgr->log, "%.*s: transport %.*s: %s", STR_ARG(delivery->id),
                    STR_ARG(delivery->transport), err_sentence(error));
    }
    /* The agent may have finished some recipients; the file knows which. */
    delivery->result = (struct qmgr_result){.marked = true, .retry = true, .unrecorded = true};
}

static void deliver(struct qmgr_delivery *delivery, struct qmgr_destination *destination)
{
    struct qmgr *qmgr = delivery->qmgr;
    struct ipc_deliver_reply reply;
    struct arena arena;
    struct qmgr_transport *transport = qmgr_transport_get(qmgr, delivery->transport);
    const char *why = transport == NULL ? "4.3.0 mail transport unavailable"
                                        : qmgr_transport_why_dead(qmgr, transport);
    if (why != NULL) {
        defer(delivery, why);
        return;
    }
    arena_init(&arena, sys_mem(qmgr->sys), REPLY_BYTES_MAX);
    int error = converse(delivery, transport, delivery->nexthop, &arena, &reply);
    if (error == 0) {
        take_reply(delivery, destination, &reply);
    } else {
        take_failure(delivery, transport, error);
    }
    arena_done(&arena);
}

void qmgr_delivery_run(struct qmgr_delivery *delivery)
{
    struct qmgr_destination *destination;
    int error =
        qmgr_destination_take(delivery->qmgr, delivery->transport, delivery->nexthop, &destination);
    if (error == 0) {
        deliver(delivery, destination);
    } else if (error == -ERR_UNAVAILABLE) {
        char reason[QMGR_REASON_MAX];
        snprintf(reason, sizeof(reason), "%s", destination->reason);
        defer(delivery, reason);
    } else {
        delivery->result = (struct qmgr_result){.retry = true, .unrecorded = true};
    }
    if (destination != NULL) {
        qmgr_destination_give(delivery->qmgr, destination, error == 0);
    }
}
