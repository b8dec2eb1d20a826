// SPDX-License-Identifier: ISC
#include "mail/deliver.h"

#include "base/assert.h"
#include "mail/flush_client.h"
#include "mail/service_pool.h"
#include "proto/address.h"
#include "sys/clock.h"
#include "sys/fs.h"
#include "sys/net.h"
#include "table/match_list.h"

enum { CONNECTIONS_KEPT = 4 };

#define LOCK_TIMEOUT_NS (5 * SYS_SECOND_NS)

/* ---- agent ----------------------------------------------------------------------------------- */

static void open_service(struct deliver_agent *agent, struct ipc_pool *pool,
                         const struct conf *conf, enum conf_param name)
{
    const struct ipc_service service = {
        .protocol = IPC_PROTOCOL_BOUNCE,
        .idle_max = CONNECTIONS_KEPT, /* a record written twice counts once */
    };
    service_pool_init(pool, agent->sys, conf, name, &service);
}

/* Without the list no mail is found before its time, but it is delivered. */
static void open_flush_sites(struct deliver_agent *agent)
{
    char why[TABLE_WHY_MAX];
    int error = match_list_open_param(agent->sys, agent->conf, CONF_fast_flush_domains,
                                      MATCH_LIST_DOMAINS, &agent->flush_sites, why);
    if (error != 0) {
        log_warning(agent->log, "%s", why);
    }
}

void deliver_agent_init(struct deliver_agent *agent, struct sys *sys, struct log *log,
                        struct queue *queue, const struct conf *conf)
{
    *agent = (struct deliver_agent){
        .sys = sys,
        .log = log,
        .queue = queue,
        .conf = conf,
        .syncs_marks = conf_time_ns(conf, CONF_delivery_mark_sync_time) == 0,
        .soft_bounce = conf_bool(conf, CONF_soft_bounce),
    };
    open_service(agent, &agent->bounce, conf, CONF_bounce_service_name);
    open_service(agent, &agent->defer, conf, CONF_defer_service_name);
    open_service(agent, &agent->trace, conf, CONF_trace_service_name);
    open_flush_sites(agent);
}

void deliver_agent_done(struct deliver_agent *agent)
{
    ipc_pool_done(&agent->bounce);
    ipc_pool_done(&agent->defer);
    ipc_pool_done(&agent->trace);
    match_list_close(agent->flush_sites);
}

/* ---- request --------------------------------------------------------------------------------- */

void deliver_greet(struct stream *stream)
{
    const struct ipc_greeting greeting = {.protocol = STR(IPC_PROTOCOL_DELIVER)};
    ipc_greeting_send(stream, &greeting);
}

static int receive_recipients(struct deliver_request *request)
{
    size_t count = (size_t)request->head.recipient_count;
    request->recipients = arena_alloc(request->arena, count * sizeof *request->recipients);
    if (request->recipients == NULL) {
        return -ERR_LIMIT;
    }
    for (size_t i = 0; i < count; i++) {
        int error = ipc_deliver_recipient_receive(request->stream, request->arena,
                                                  &request->recipients[i].address);
        if (error != 0) {
            return error;
        }
    }
    request->recipient_count = (int)count;
    return 0;
}

/* postsuper may have moved the file while we did not have its lock yet. */
static int check_name(struct deliver_agent *agent, const struct queue_message *message,
                      struct str id)
{
    char path[QUEUE_PATH_SIZE];
    struct sys_stat stat;
    queue_path(agent->queue, message->name, id, path);
    int error = sys_stat(agent->sys, SYS_HERE, path, &stat);
    return error == 0 && stat.inode != message->stat.inode ? -ERR_NOT_FOUND : error;
}

/* A file that is gone, or that somebody else has: all of it is left to retry. */
static int open_message(struct deliver_request *request)
{
    struct deliver_agent *agent = request->agent;
    struct queue_message *message = &request->message;
    enum queue_name name;
    if (!queue_find(request->head.queue_name, &name) ||
        !queue_id_is_valid(request->head.queue_id)) {
        return -ERR_INVALID;
    }
    int error = queue_message_open(agent->queue, name, request->head.queue_id, message);
    if (error != 0) {
        return error;
    }
    error = sys_lock(agent->sys, message->fd, false, sys_deadline(agent->sys, LOCK_TIMEOUT_NS));
    error = error != 0 ? error : check_name(agent, message, request->head.queue_id);
    if (error != 0) {
        queue_message_close(message);
        return error;
    }
    message->size.content_offset = request->head.data_offset;
    message->size.file_content_bytes = request->head.data_size;
    return 0;
}

static void answer(struct deliver_request *request)
{
    const struct dsn *site = &request->site;
    const struct ipc_deliver_reply reply = {
        .status = request->is_damaged   ? IPC_DAMAGED
                  : request->unrecorded ? IPC_UNRECORDED
                  : request->retry      ? IPC_LEFT
                                        : IPC_DELIVERED,
        .dsn_status = site->status,
        .dsn_action = site->action,
        .diag_type = site->diag_type,
        .diag_text = site->diag_text,
        .mta_type = site->mta_type,
        .mta_mname = site->mta_name,
        .reason = site->reason,
    };
    ipc_deliver_reply_send(request->stream, &reply);
    arena_reset(request->arena);
}

int deliver_receive(struct deliver_agent *agent, struct stream *stream, struct arena *arena,
                    struct deliver_request *request)
{
    for (;;) {
        *request = (struct deliver_request){.agent = agent, .stream = stream, .arena = arena};
        int error = ipc_deliver_request_receive(stream, arena, &request->head);
        if (error == 0) {
            error = receive_recipients(request);
        }
        if (error != 0) {
            return error;
        }
        request->begin_wall_ns = sys_wall_ns(agent->sys);
        request->connected_wall_ns = request->begin_wall_ns;
        error = open_message(request);
        if (error == 0) {
            return 0;
        }
        log_warning(agent->log, "%.*s: cannot open the queue file: %s",
                    STR_ARG(request->head.queue_id), err_sentence(error));
        request->unrecorded = true;
        answer(request);
    }
}

static void sync_marks(struct deliver_request *request)
{
    struct sys *sys = request->agent->sys;
    request->marked = false;
    int error = sys_fsync(sys, request->message.fd);
    if (error != 0) {
        log_warning(request->agent->log, "%.*s: cannot sync the marks of finished recipients: %s",
                    STR_ARG(request->head.queue_id), err_sentence(error));
    }
}

struct queue_message *deliver_content(struct deliver_request *request)
{
    queue_message_content(&request->message);
    return &request->message;
}

void deliver_damaged(struct deliver_request *request)
{
    request->is_damaged = true;
}

/* Marks are the queue manager's to sync, unless it has ended. It says nothing before it has its
 * reply: what can be read is its end. */
static void sync_marks_of_nobody(struct deliver_request *request)
{
    const struct stream *stream = request->stream;
    if (request->marked && sys_readable(stream->sys, stream->fd, 0) == 0) {
        sync_marks(request);
    }
}

void deliver_finish(struct deliver_request *request)
{
    for (int i = 0; i < request->recipient_count; i++) {
        assert(request->recipients[i].ended);
    }
    sync_marks_of_nobody(request);
    queue_message_close(&request->message);
    answer(request);
}

/* ---- log ------------------------------------------------------------------------------------- */

static int64_t span(int64_t from_ns, int64_t to_ns)
{
    return to_ns > from_ns ? to_ns - from_ns : 0;
}

static void log_outcome(struct deliver_request *request, const struct deliver_recipient *recipient,
                        const char *status, struct str relay, const struct dsn *dsn)
{
    const struct ipc_deliver_request *head = &request->head;
    const struct ipc_deliver_recipient *address = &recipient->address;
    int64_t now_ns = sys_wall_ns(request->agent->sys);
    struct buf external;
    buf_init(&external, sys_mem(request->agent->sys), 4 * ADDRESS_BYTES_MAX);
    address_write(address->recipient, &external);
    size_t recipient_size = external.size;
    bool has_original = address->original_recipient.size > 0 &&
                        !str_equal(address->original_recipient, address->recipient);
    if (has_original) {
        address_write(address->original_recipient, &external);
    }
    struct str text = buf_str(&external);
    struct str original = has_original ? str_skip(text, recipient_size) : (struct str){NULL, 0};
    log_event(request->agent->log, delivery, .queue_id = head->queue_id,
              .recipient = str_first(text, recipient_size), .original_recipient = original,
              .relay = relay, .delay = span(head->arrival_wall_ns, now_ns),
              .delay_before_queue = span(head->arrival_wall_ns, head->active_wall_ns),
              .delay_in_queue = span(head->active_wall_ns, request->begin_wall_ns),
              .delay_connection = span(request->begin_wall_ns, request->connected_wall_ns),
              .delay_transmission = span(request->connected_wall_ns, now_ns), .dsn = dsn->status,
              .status = str_from(status), .reason = dsn->reason);
    buf_done(&external);
}

/* ---- outcomes -------------------------------------------------------------------------------- */

/* This may take long, when the service does not come up. */
static int append_record(struct deliver_request *request, struct ipc_pool *service,
                         const struct deliver_recipient *recipient, const char *action,
                         const struct dsn *dsn)
{
    sync_marks_of_nobody(request);
    const struct ipc_deliver_recipient *address = &recipient->address;
    const struct ipc_bounce_append_request record = {
        .queue_id = request->head.queue_id,
        .original_recipient = address->original_recipient,
        .recipient = address->recipient,
        .offset = address->offset,
        .dsn_orig_rcpt = address->dsn_orig_rcpt,
        .notify_flags = address->notify_flags,
        .dsn_status = dsn->status,
        .dsn_action = dsn->action.size > 0 ? dsn->action : str_from(action),
        .diag_type = dsn->diag_type,
        .diag_text = dsn->diag_text,
        .mta_type = dsn->mta_type,
        .mta_mname = dsn->mta_name,
        .reason = dsn->reason,
    };
    struct ipc_bounce_reply reply;
    int error = ipc_bounce_append(service, request->arena, &record, &reply);
    return error != 0 ? error : reply.status == 0 ? 0 : -ERR_IO;
}

static void trace(struct deliver_request *request, const struct deliver_recipient *recipient,
                  const char *action, const struct dsn *dsn)
{
    if (append_record(request, &request->agent->trace, recipient, action, dsn) != 0) {
        log_warning(request->agent->log, "%.*s: trace service failure",
                    STR_ARG(request->head.queue_id));
    }
}

static bool is_traced(const struct deliver_request *request)
{
    return (request->head.flags & DELIVER_TRACE) != 0;
}

/* A report of success says who took the message, for there is no reply to show when a mailbox
 * did. */
static void trace_sent(struct deliver_request *request, const struct deliver_recipient *recipient,
                       struct str relay, const struct dsn *dsn)
{
    bool wants_success = (recipient->address.notify_flags & QUEUE_NOTIFY_SUCCESS) != 0;
    if (is_traced(request) || (wants_success && !recipient->passed_on)) {
        struct dsn told = *dsn;
        told.reason = arena_printf(request->arena, "delivery via %.*s: %.*s", STR_ARG(relay),
                                   STR_ARG(dsn->reason));
        trace(request, recipient, "delivered", &told);
    }
}

/* Final: the recipient is not tried again. An unwritten mark means another attempt, no loss. */
static void mark_done(struct deliver_request *request, struct deliver_recipient *recipient)
{
    struct sys *sys = request->agent->sys;
    int error = queue_message_mark_done(sys, request->message.fd, recipient->address.offset);
    request->marked |= error == 0;
    if (error == 0 && request->agent->syncs_marks) {
        sync_marks(request);
    }
    if (error != 0) {
        log_warning(request->agent->log, "%.*s: cannot mark a recipient as done: %s",
                    STR_ARG(request->head.queue_id), err_sentence(error));
        request->unrecorded = true;
    }
}

static void end(struct deliver_recipient *recipient)
{
    assert(!recipient->ended);
    recipient->ended = true;
}

void deliver_sent(struct deliver_request *request, struct deliver_recipient *recipient,
                  struct str relay, const struct dsn *dsn)
{
    end(recipient);
    trace_sent(request, recipient, relay, dsn);
    log_outcome(request, recipient, "sent", relay, dsn);
    mark_done(request, recipient);
}

/* So that the flush service finds the message when its site asks. */
static void tell_flush_service(struct deliver_request *request,
                               const struct deliver_recipient *recipient)
{
    struct deliver_agent *agent = request->agent;
    struct str address = recipient->address.recipient;
    struct str site = str_skip(address, (size_t)(str_find_last(address, '@') + 1));
    if (agent->flush_sites == NULL || site.size == address.size ||
        str_equal_fold(site, request->flush_site)) {
        return;
    }
    request->flush_site = site;
    int listed = match_list_has_name(agent->flush_sites, site);
    int status = listed > 0
                     ? flush_client_add(agent->sys, agent->conf, site, request->head.queue_id)
                     : listed;
    if (status != FLUSH_OK) {
        log_warning(agent->log, "%.*s: flush service failure", STR_ARG(request->head.queue_id));
    }
}

/* The recipient stays to do; the log says it by the word in status. */
static void defer(struct deliver_request *request, struct deliver_recipient *recipient,
                  const char *status, struct str relay, const struct dsn *dsn)
{
    end(recipient);
    request->retry = true;
    if (append_record(request, &request->agent->defer, recipient, "delayed", dsn) != 0) {
        request->unrecorded = true;
        log_warning(request->agent->log, "%.*s: defer service failure",
                    STR_ARG(request->head.queue_id));
    }
    if (is_traced(request)) {
        trace(request, recipient, "delayed", dsn);
    }
    tell_flush_service(request, recipient);
    log_outcome(request, recipient, status, relay, dsn);
}

void deliver_deferred(struct deliver_request *request, struct deliver_recipient *recipient,
                      struct str relay, const struct dsn *dsn)
{
    defer(request, recipient, "deferred", relay, dsn);
}

/* For tests of a configuration: what would bounce waits. */
static void bounce_softly(struct deliver_request *request, struct deliver_recipient *recipient,
                          struct str relay, const struct dsn *dsn)
{
    struct dsn soft = *dsn;
    soft.status = arena_printf(request->arena, "4%.*s", STR_ARG(str_skip(dsn->status, 1)));
    soft.action = STR("delayed");
    defer(request, recipient, "SOFTBOUNCE", relay, &soft);
}

void deliver_bounced(struct deliver_request *request, struct deliver_recipient *recipient,
                     struct str relay, const struct dsn *dsn)
{
    if (request->agent->soft_bounce) {
        bounce_softly(request, recipient, relay, dsn);
        return;
    }
    if (append_record(request, &request->agent->bounce, recipient, "failed", dsn) != 0) {
        struct dsn deferred = *dsn;
        deferred.status = STR("4.3.0");
        deferred.action = STR("delayed");
        deferred.reason = STR("bounce service failure");
        deliver_deferred(request, recipient, relay, &deferred);
        return;
    }
    end(recipient);
    if (is_traced(request)) {
        trace(request, recipient, "failed", dsn);
    }
    log_outcome(request, recipient, "bounced", relay, dsn);
    mark_done(request, recipient);
}

void deliver_ended(struct deliver_request *request, struct deliver_recipient *recipient,
                   struct str relay, const struct dsn *dsn)
{
    switch (dsn->status.size > 0 ? dsn->status.data[0] : '4') {
    case '2':
        deliver_sent(request, recipient, relay, dsn);
        break;
    case '5':
        deliver_bounced(request, recipient, relay, dsn);
        break;
    default:
        deliver_deferred(request, recipient, relay, dsn);
        break;
    }
}

void deliver_rest(struct deliver_request *request, struct str relay, const struct dsn *dsn)
{
    for (int i = 0; i < request->recipient_count; i++) {
        if (!request->recipients[i].ended) {
            deliver_ended(request, &request->recipients[i], relay, dsn);
        }
    }
}

void deliver_site_failed(struct deliver_request *request, const struct dsn *dsn)
{
    request->site = *dsn;
}
