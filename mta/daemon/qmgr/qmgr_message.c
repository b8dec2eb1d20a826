// SPDX-License-Identifier: ISC
#include "qmgr/qmgr_message.h"

#include "proto/address.h"
#include "qmgr/qmgr_delivery.h"
#include "sys/clock.h"

enum {
    ARENA_BYTES_MAX = 256 * 1024 * 1024,
    DELIVERIES_MAX = 1000000,
    PREPARING_MAX = 100, /* a long queue is delivered from its first message on */
};

static const int64_t busy_delay_ns = 60 * SYS_SECOND_NS; /* an old agent still has the file */

struct round {
    struct qmgr *qmgr;
    struct str id;
    enum queue_name found_in;
    struct arena arena;
    struct queue_message file;
    struct queue_envelope envelope;
    int64_t active_wall_ns;
    struct list deliveries;
    struct map last_delivery; /* "transport:nexthop" -> the one that may take more recipients */
    struct list recipients_to_group;
    int recipient_count;
    int running_count;
    bool delivered; /* an agent may have written marks */
    struct qmgr_result result;
};

/* ---- taking it up ---------------------------------------------------------------------------- */

static void warn(struct round *round, const char *what, int error)
{
    log_warning(round->qmgr->log, "%.*s: %s: %s", STR_ARG(round->id), what, err_sentence(error));
}

/* The sender as the log has it. */
static void put_sender(struct round *round, struct buf *sender)
{
    buf_init(sender, sys_mem(round->qmgr->sys), 2 * ADDRESS_BYTES_MAX);
    address_write(round->envelope.sender, sender);
}

/* Damaged although it was acknowledged: kept where nothing touches it. */
static void put_aside(struct round *round, enum queue_name name)
{
    log_warning(round->qmgr->log, "%.*s: damaged: moved to corrupt/", STR_ARG(round->id));
    int error = queue_move(&round->qmgr->queue, name, QUEUE_CORRUPT, round->id);
    if (error != 0) {
        warn(round, "cannot put it aside", error);
    }
}

/* Opens and locks the file where it was found: 0, or an error; -ERR_LOCKED while somebody else
 * still writes or delivers it. */
static int open_file(struct round *round)
{
    struct qmgr *qmgr = round->qmgr;
    int error = queue_message_open(&qmgr->queue, round->found_in, round->id, &round->file);
    if (error != 0) {
        return error;
    }
    error = sys_lock(qmgr->sys, round->file.fd, true, 0);
    if (error == 0) {
        error = queue_message_envelope(&round->file, &round->arena, &round->envelope);
    }
    if (error == -ERR_CORRUPT) {
        put_aside(round, round->found_in);
    }
    if (error != 0) {
        queue_message_close(&round->file);
    }
    return error;
}

static int take_up(struct round *round)
{
    struct qmgr *qmgr = round->qmgr;
    int error = open_file(round);
    if (error != 0) {
        return error;
    }
    if (round->found_in != QUEUE_ACTIVE) {
        error = queue_move(&qmgr->queue, round->found_in, QUEUE_ACTIVE, round->id);
        if (error != 0) {
            queue_message_close(&round->file);
            return error;
        }
    }
    qmgr_index_remove(&qmgr->later, round->id);
    round->active_wall_ns = sys_wall_ns(qmgr->sys);
    error = queue_remove(&qmgr->queue, QUEUE_DEFER, round->id);
    if (error != 0 && error != -ERR_NOT_FOUND) {
        warn(round, "cannot remove the old defer log", error);
    }
    return 0;
}

/* ---- recipients ------------------------------------------------------------------------------ */

static void set_route(struct qmgr_recipient *recipient, const char *transport, struct str nexthop)
{
    recipient->transport = str_from(transport);
    recipient->nexthop = nexthop;
}

static void resolve(struct round *round, struct qmgr_recipient *recipient)
{
    struct ipc_resolve_reply reply;
    const struct ipc_resolve_request request = {.sender = round->envelope.sender,
                                                .recipient = recipient->address.address};
    int error = ipc_resolve(&round->qmgr->rewrite, &round->arena, &request, &reply);
    if (error != 0 || reply.status != IPC_OK) {
        set_route(recipient, "retry", STR("4.3.0 address resolver failure"));
    } else if ((reply.flags & IPC_RESOLVE_ERROR) != 0) {
        set_route(recipient, "error", STR("5.1.3 bad address syntax"));
    } else {
        recipient->transport = reply.transport;
        recipient->nexthop = reply.nexthop;
        recipient->address.address = reply.recipient;
    }
}

/* What comes back to the sender of double bounces ends here: never a third notice. */
static bool is_double_bounce(struct round *round, struct str address)
{
    struct address parts = address_split(address);
    return str_equal_fold(parts.local_part,
                          conf_text(round->qmgr->conf, CONF_double_bounce_sender)) &&
           str_equal_fold(parts.domain, conf_text(round->qmgr->conf, CONF_myorigin));
}

static void drop_double_bounce(struct round *round, const struct queue_recipient *address)
{
    struct qmgr *qmgr = round->qmgr;
    int error = queue_message_mark_done(qmgr->sys, round->file.fd, address->offset);
    if (error != 0) {
        warn(round, "cannot mark a recipient as done", error);
        round->result.retry = true;
        return;
    }
    round->delivered = true;
    struct buf external;
    buf_init(&external, sys_mem(qmgr->sys), 2 * ADDRESS_BYTES_MAX);
    address_write(address->address, &external);
    log_event(qmgr->log, delivery, .queue_id = round->id, .recipient = buf_str(&external),
              .relay = STR("none"), .dsn = STR("2.0.0"), .status = STR("sent"),
              .reason = STR("undeliverable postmaster notification discarded"));
    buf_done(&external);
}

static int read_recipients(struct round *round)
{
    int found;
    for (;;) {
        struct qmgr_recipient *recipient = arena_alloc(&round->arena, sizeof(*recipient));
        if (recipient == NULL) {
            return -ERR_LIMIT;
        }
        found = queue_message_recipient(&round->file, &round->arena, &recipient->address);
        if (found != 1) {
            return found;
        }
        if (recipient->address.done) {
            round->delivered = true; /* that mark may be younger than the last sync */
        } else {
            list_append(&round->recipients_to_group, &recipient->node);
            round->recipient_count++;
        }
    }
}

static struct qmgr_delivery *add_delivery(struct round *round, struct str key,
                                          const struct qmgr_recipient *recipient)
{
    struct qmgr_delivery *delivery = arena_alloc(&round->arena, sizeof(*delivery));
    if (delivery == NULL || map_put(&round->last_delivery, key, delivery) != 0) {
        return NULL;
    }
    *delivery = (struct qmgr_delivery){.qmgr = round->qmgr,
                                       .id = round->id,
                                       .envelope = &round->envelope,
                                       .active_wall_ns = round->active_wall_ns,
                                       .transport = recipient->transport,
                                       .nexthop = recipient->nexthop};
    list_init(&delivery->recipients);
    list_append(&round->deliveries, &delivery->node);
    return delivery;
}

/* The delivery of that transport and next hop that still has room, or a new one. */
static struct qmgr_delivery *find_delivery(struct round *round,
                                           const struct qmgr_recipient *recipient)
{
    int limit =
        conf_transport_int(round->qmgr->conf, recipient->transport, "_destination_recipient_limit",
                           CONF_default_destination_recipient_limit);
    struct str key = arena_printf(&round->arena, "%.*s:%.*s", STR_ARG(recipient->transport),
                                  STR_ARG(recipient->nexthop));
    if (key.data == NULL) {
        return NULL;
    }
    struct qmgr_delivery *delivery = map_get(&round->last_delivery, key);
    if (delivery != NULL && (limit <= 0 || delivery->recipient_count < limit)) {
        return delivery;
    }
    return add_delivery(round, key, recipient);
}

static void group_recipients(struct round *round)
{
    list_each(node, &round->recipients_to_group)
    {
        struct qmgr_recipient *recipient = list_entry(node, struct qmgr_recipient, node);
        list_remove(node);
        if (is_double_bounce(round, recipient->address.address)) {
            drop_double_bounce(round, &recipient->address);
            continue;
        }
        resolve(round, recipient);
        struct qmgr_delivery *delivery = find_delivery(round, recipient);
        if (delivery == NULL) {
            round->result = (struct qmgr_result){.retry = true, .unrecorded = true};
            continue;
        }
        list_append(&delivery->recipients, node);
        delivery->recipient_count++;
    }
}

/* ---- delivery -------------------------------------------------------------------------------- */

static int sync_marks(struct round *round)
{
    int error = round->delivered ? qmgr_delivery_sync_marks(round->qmgr, round->id) : 0;
    if (error != 0) {
        warn(round, "cannot sync the marks of finished recipients", error);
    }
    return error;
}

struct delivery_fiber {
    struct round *round;
    struct qmgr_delivery *delivery;
};

/* While other deliveries of the message go on, the marks of this one go to disk. */
static void run_delivery(struct sys *sys, void *argument)
{
    (void)sys;
    struct delivery_fiber *fiber = argument;
    struct round *round = fiber->round;
    qmgr_delivery_run(fiber->delivery);
    round->delivered |= fiber->delivery->result.marked;
    round->result.retry |= fiber->delivery->result.retry;
    round->result.unrecorded |= fiber->delivery->result.unrecorded;
    round->running_count--;
    if (round->running_count > 0) {
        int error = sync_marks(round);
        (void)error; /* said; the round's end tries again */
    }
}

static void run_deliveries(struct round *round)
{
    struct sys *sys = round->qmgr->sys;
    struct sys_group group;
    sys_group_init(&group);
    list_each(node, &round->deliveries)
    {
        struct delivery_fiber *fiber = arena_alloc(&round->arena, sizeof(*fiber));
        int error = -ERR_NO_MEMORY;
        if (fiber != NULL) {
            *fiber = (struct delivery_fiber){
                .round = round, .delivery = list_entry(node, struct qmgr_delivery, node)};
            error = sys_fiber_start(sys, &group, run_delivery, fiber);
        }
        if (error != 0) {
            round->result = (struct qmgr_result){.retry = true, .unrecorded = true};
        } else {
            round->running_count++;
        }
    }
    int error = sys_group_wait(sys, &group, SYS_FOREVER);
    if (error != 0) {
        sys_group_cancel(sys, &group);
    }
    sys_group_join(sys, &group);
}

/* ---- the end of a round ---------------------------------------------------------------------- */

static int flush_records(struct round *round, struct ipc_pool *service)
{
    struct ipc_bounce_reply reply;
    const struct ipc_bounce_flush_request request = {
        .queue_name = str_from(queue_directory(QUEUE_ACTIVE)),
        .queue_id = round->id,
        .encoding = round->envelope.encoding,
        .sender = round->envelope.sender,
        .envelope_id = round->envelope.envelope_id,
        .ret_flags = round->envelope.ret_flags,
    };
    int error = ipc_bounce_flush(service, &round->arena, &request, &reply);
    if (error == 0 && reply.status != 0) {
        error = -ERR_UNAVAILABLE;
    }
    if (error != 0) {
        warn(round, "no notice could be sent", error);
    }
    return error;
}

static void report_failures(struct round *round)
{
    struct qmgr *qmgr = round->qmgr;
    char path[QUEUE_PATH_SIZE];
    struct sys_stat stat;
    queue_path(&qmgr->queue, QUEUE_BOUNCE, round->id, path);
    int error = sys_stat(qmgr->sys, SYS_HERE, path, &stat);
    if (error == -ERR_NOT_FOUND) {
        return;
    }
    if (error != 0 || flush_records(round, &qmgr->bounce) != 0) {
        round->result = (struct qmgr_result){.retry = true, .unrecorded = true};
    }
}

static bool is_expired(struct round *round)
{
    const struct conf *conf = round->qmgr->conf;
    int64_t lifetime_ns = conf_time_ns(conf, CONF_maximal_queue_lifetime);
    int64_t bounce_ns = conf_time_ns(conf, CONF_bounce_queue_lifetime);
    if (round->envelope.sender.size == 0 && bounce_ns < lifetime_ns) {
        lifetime_ns = bounce_ns;
    }
    int64_t now_ns = sys_wall_ns(round->qmgr->sys);
    return now_ns >= round->envelope.create_wall_s * SYS_SECOND_NS + lifetime_ns;
}

/* A notice needs to say why. */
static bool has_records(struct round *round, enum queue_name records)
{
    char path[QUEUE_PATH_SIZE];
    struct sys_stat stat;
    queue_path(&round->qmgr->queue, records, round->id, path);
    return sys_stat(round->qmgr->sys, SYS_HERE, path, &stat) == 0 && stat.size > 0;
}

/* Returns what is left of an expired message: true when that is done. */
static bool return_expired(struct round *round)
{
    if (round->result.unrecorded || !is_expired(round) || !has_records(round, QUEUE_DEFER)) {
        return false;
    }
    struct buf sender;
    put_sender(round, &sender);
    log_event(round->qmgr->log, expired, .queue_id = round->id, .sender = buf_str(&sender));
    buf_done(&sender);
    return flush_records(round, &round->qmgr->defer) == 0;
}

int64_t qmgr_message_backoff_ns(int64_t now_wall_ns, int64_t create_wall_s, int64_t minimal_ns,
                                int64_t maximal_ns)
{
    int64_t age_ns = (now_wall_ns / SYS_SECOND_NS - create_wall_s) * SYS_SECOND_NS;
    if (age_ns > maximal_ns) {
        age_ns = maximal_ns;
    }
    return age_ns < minimal_ns ? minimal_ns : age_ns;
}

static void remember(struct qmgr *qmgr, struct str id, enum queue_name name, int64_t due_wall_ns)
{
    if (qmgr_index_put(&qmgr->later, id, name, due_wall_ns) != 0) {
        log_warning(qmgr->log, "%.*s: too much mail waits; a later scan finds it", STR_ARG(id));
    }
}

static void defer(struct round *round)
{
    struct qmgr *qmgr = round->qmgr;
    int64_t now_ns = sys_wall_ns(qmgr->sys);
    int64_t due_ns = now_ns - now_ns % SYS_SECOND_NS +
                     qmgr_message_backoff_ns(now_ns, round->envelope.create_wall_s,
                                             conf_time_ns(qmgr->conf, CONF_minimal_backoff_time),
                                             conf_time_ns(qmgr->conf, CONF_maximal_backoff_time));
    int fd = qmgr_delivery_open_active(qmgr, round->id);
    int error = fd < 0 ? fd : sys_set_mtime(qmgr->sys, fd, due_ns);
    sys_close(qmgr->sys, fd);
    if (error == 0) {
        error = queue_move(&qmgr->queue, QUEUE_ACTIVE, QUEUE_DEFERRED, round->id);
    }
    if (error != 0) {
        warn(round, "cannot defer", error);
    }
    remember(qmgr, round->id, error == 0 ? QUEUE_DEFERRED : QUEUE_ACTIVE, due_ns);
}

static void end_round(struct round *round)
{
    struct qmgr *qmgr = round->qmgr;
    bool synced = sync_marks(round) == 0;
    report_failures(round);
    if (round->result.retry && return_expired(round)) {
        round->result.retry = false;
    }
    round->result.retry |= !synced;
    if (round->result.retry) {
        defer(round);
        return;
    }
    int error = queue_remove(&qmgr->queue, QUEUE_ACTIVE, round->id);
    if (error != 0) {
        warn(round, "cannot remove", error);
        remember(qmgr, round->id, QUEUE_ACTIVE, sys_wall_ns(qmgr->sys) + busy_delay_ns);
        return;
    }
    log_event(qmgr->log, removed, .queue_id = round->id);
}

/* ---- the fiber ------------------------------------------------------------------------------- */

static void log_active(struct round *round)
{
    struct buf sender;
    put_sender(round, &sender);
    log_event(round->qmgr->log, queue_active, .queue_id = round->id, .sender = buf_str(&sender),
              .size = round->envelope.size.message_bytes,
              .recipient_count = round->recipient_count);
    buf_done(&sender);
}

/* With the file open and locked: what it says, and what can be settled at once. */
static int prepare(struct round *round)
{
    int error = read_recipients(round);
    if (error == 0) {
        log_active(round);
        group_recipients(round);
    }
    return error;
}

/* Makes room for the next message to be taken up. */
static void end_preparing(struct qmgr *qmgr)
{
    qmgr->preparing_count--;
    sys_event_wake_all(qmgr->sys, &qmgr->changed);
}

static void work(struct round *round)
{
    struct qmgr *qmgr = round->qmgr;
    int error = prepare(round);
    end_preparing(qmgr);
    queue_message_close(&round->file);
    if (error == -ERR_CORRUPT) {
        put_aside(round, QUEUE_ACTIVE);
        return;
    }
    if (error != 0) {
        warn(round, "cannot read the recipients", error);
        round->result = (struct qmgr_result){.retry = true, .unrecorded = true};
        defer(round);
        return;
    }
    run_deliveries(round);
    if (!sys_canceled(qmgr->sys)) { /* else the next queue manager finds it in active/ */
        end_round(round);
    }
}

/* Left where it is, to be looked at again; what has gone, or is not ready, needs nothing. A locked
 * file is one that cleanup has not finished, which announces it then, or one that an agent of an
 * earlier queue manager still delivers. */
static void postpone(struct round *round, int error)
{
    struct qmgr *qmgr = round->qmgr;
    if (error == -ERR_NOT_FOUND || error == -ERR_CORRUPT || error == -ERR_ACCESS) {
        return;
    }
    if (error != -ERR_LOCKED) {
        warn(round, "cannot take it up", error);
    }
    remember(qmgr, round->id, round->found_in, sys_wall_ns(qmgr->sys) + busy_delay_ns);
}

static void run_round(struct sys *sys, void *argument)
{
    struct round *round = argument;
    struct qmgr *qmgr = round->qmgr;
    struct mem *mem = sys_mem(sys);
    arena_init(&round->arena, mem, ARENA_BYTES_MAX);
    list_init(&round->deliveries);
    map_init(&round->last_delivery, mem, DELIVERIES_MAX);
    list_init(&round->recipients_to_group);
    int error = take_up(round);
    if (error == 0) {
        work(round);
    } else {
        end_preparing(qmgr);
        postpone(round, error);
    }
    map_done(&round->last_delivery);
    arena_done(&round->arena);
    map_remove(&qmgr->messages, round->id);
    sys_event_wake_all(sys, &qmgr->changed);
    mem_free(mem, (char *)(uintptr_t)round->id.data);
    mem_free(mem, round);
}

int qmgr_message_start(struct qmgr *qmgr, enum queue_name found_in, struct str id)
{
    if (map_get(&qmgr->messages, id) != NULL) {
        return -ERR_EXISTS;
    }
    if (qmgr->preparing_count >= PREPARING_MAX ||
        qmgr->messages.count >= (size_t)conf_int(qmgr->conf, CONF_qmgr_message_active_limit)) {
        return -ERR_LIMIT;
    }
    struct mem *mem = sys_mem(qmgr->sys);
    struct round *round = mem_alloc(mem, sizeof(*round));
    *round = (struct round){.qmgr = qmgr, .found_in = found_in};
    round->id = str_of(mem_copy_str(mem, id), id.size);
    int error = map_put(&qmgr->messages, round->id, round);
    if (error == 0) {
        error = sys_fiber_start(qmgr->sys, &qmgr->service->background, run_round, round);
        if (error != 0) {
            map_remove(&qmgr->messages, round->id);
        }
    }
    if (error != 0) {
        mem_free(mem, (char *)(uintptr_t)round->id.data);
        mem_free(mem, round);
        return -ERR_LIMIT;
    }
    qmgr->preparing_count++;
    return 0;
}
