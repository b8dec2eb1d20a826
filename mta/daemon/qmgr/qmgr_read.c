// SPDX-License-Identifier: ISC
#include "qmgr/qmgr_read.h"

#include <string.h>

#include "proto/address.h"
#include "qmgr/qmgr_destination.h"
#include "qmgr/qmgr_route.h"
#include "qmgr/qmgr_work.h"
#include "sys/clock.h"

enum {
    BATCH_BYTES_MAX = 256 * 1024 * 1024,
    CLOGGED_PART = 5, /* of qmgr_message_active_limit, for one destination */
};

static const int64_t busy_delay_ns = 60 * SYS_SECOND_NS; /* an old agent still has the file */
static const int64_t tolerance_ns = SYS_SECOND_NS;       /* a file this little early is due */

void qmgr_read_put_sender(const struct qmgr_message *message, struct buf *sender)
{
    buf_init(sender, sys_mem(message->qmgr->sys), 2 * ADDRESS_BYTES_MAX);
    address_write(message->envelope.sender, sender);
}

void qmgr_read_again(struct qmgr_message *message, enum queue_name name, int64_t due_wall_ns)
{
    struct qmgr *qmgr = message->qmgr;
    if (qmgr_index_put(&qmgr->later, message->id, name, due_wall_ns) != 0) {
        log_warning(qmgr->log, "%.*s: too much mail waits; a later scan finds it",
                    STR_ARG(message->id));
    }
}

void qmgr_read_put_aside(struct qmgr_message *message, enum queue_name name)
{
    struct qmgr *qmgr = message->qmgr;
    int error = queue_put_aside(&qmgr->queue, name, message->id);
    if (error == 0) {
        log_warning(qmgr->log, "%.*s: damaged: moved to corrupt/", STR_ARG(message->id));
        return;
    }
    qmgr_message_warn(message, "damaged, and cannot be moved to corrupt/", error);
    qmgr_read_again(message, name, sys_wall_ns(qmgr->sys) + busy_delay_ns);
}

/* ---- taking it up ------------------------------------------------------------------------------- */

typedef int open_message(struct queue *queue, enum queue_name name, struct str id,
                         struct queue_message *message);

static int open_file(struct qmgr_message *message, enum queue_name name, open_message *open)
{
    struct qmgr *qmgr = message->qmgr;
    struct queue_message *file = mem_alloc(sys_mem(qmgr->sys), sizeof(*file));
    int error = open(&qmgr->queue, name, message->id, file);
    if (error != 0) {
        mem_free(sys_mem(qmgr->sys), file);
        return error;
    }
    message->file = file;
    return 0;
}

/* The bits of its mode that say what is to be done once. */
static int take_requests(struct qmgr_message *message)
{
    uint32_t mode = message->file->stat.mode;
    message->forced_expire = (mode & QUEUE_MODE_EXPIRE) != 0;
    message->unthrottles = (mode & QUEUE_MODE_UNTHROTTLE) != 0;
    if (!message->unthrottles) {
        return 0;
    }
    return sys_chmod(message->qmgr->sys, message->file->fd,
                     mode & ~(uint32_t)QUEUE_MODE_UNTHROTTLE);
}

/* Sound and in active/: 0, or why not. -ERR_TIMEOUT: it is not due. */
static int take(struct qmgr_message *message)
{
    struct qmgr *qmgr = message->qmgr;
    int64_t now_ns = sys_wall_ns(qmgr->sys);
    if (!message->ignores_time && message->file->stat.mtime_wall_ns > now_ns + tolerance_ns) {
        return -ERR_TIMEOUT;
    }
    int error = queue_message_envelope(message->file, &message->arena, &message->envelope);
    if (error == -ERR_CORRUPT) {
        qmgr_read_put_aside(message, message->found_in);
    }
    if (error == 0) {
        error = take_requests(message);
    }
    if (error == 0 && message->found_in != QUEUE_ACTIVE) {
        error = queue_move(&qmgr->queue, message->found_in, QUEUE_ACTIVE, message->id);
    }
    return error;
}

/* Left where it is, to be looked at again; what has gone, or is not ready, needs nothing. A locked
 * file is one that cleanup has not finished, which announces it then, or one that an agent of an
 * earlier queue manager still delivers. */
static void leave(struct qmgr_message *message, int error, int64_t due_wall_ns)
{
    if (error == -ERR_NOT_FOUND || error == -ERR_CORRUPT || error == -ERR_UNAVAILABLE ||
        error == -ERR_CANCELED) {
        return;
    }
    if (error == -ERR_TIMEOUT) {
        qmgr_read_again(message, message->found_in, due_wall_ns);
        return;
    }
    if (error != -ERR_LOCKED) {
        qmgr_message_warn(message, "cannot take it up", error);
    }
    if (error == -ERR_ACCESS) {
        return; /* until somebody gives it back, and a scan finds it */
    }
    qmgr_read_again(message, message->found_in, sys_wall_ns(message->qmgr->sys) + busy_delay_ns);
}

static void begin_round(struct qmgr_message *message)
{
    struct qmgr *qmgr = message->qmgr;
    qmgr_index_remove(&qmgr->later, message->id);
    message->active_wall_ns = sys_wall_ns(qmgr->sys);
    message->load.unread_count = message->envelope.size.recipient_count + 1;
    message->position = message->file->position;
    int error = queue_remove(&qmgr->queue, QUEUE_DEFER, message->id);
    if (error != 0 && error != -ERR_NOT_FOUND) {
        qmgr_message_warn(message, "cannot remove the old defer log", error);
        message->retry = true; /* nobody is told of what it says: some may be finished by now */
        message->unrecorded = true;
    }
}

enum qmgr_message_event qmgr_read_take_up(struct qmgr_message *message)
{
    int64_t due_wall_ns = 0;
    int error = open_file(message, message->found_in, queue_message_open_alone);
    if (error == 0) {
        due_wall_ns = message->file->stat.mtime_wall_ns;
        error = take(message);
    }
    if (error != 0) {
        qmgr_message_close_file(message);
        leave(message, error, due_wall_ns);
        return QMGR_LEFT;
    }
    begin_round(message);
    return QMGR_TAKEN;
}

/* ---- recipients --------------------------------------------------------------------------------- */

struct batch {
    struct qmgr_message *message;
    struct arena arena;     /* of all that is needed until the schedule has it */
    struct list recipients; /* of struct batch_recipient */
    int64_t room;
    int count;
    bool has_done; /* a recipient was finished in an earlier round */
};

struct batch_recipient {
    struct list node;
    struct queue_recipient address;
    struct qmgr_route route;
};

/* What comes back to the sender of double bounces ends here: never a third notice. */
static bool is_double_bounce(const struct qmgr *qmgr, struct str address)
{
    struct address parts = address_split(address);
    return str_equal_fold(parts.local_part, conf_text(qmgr->conf, CONF_double_bounce_sender)) &&
           str_equal_fold(parts.domain, conf_text(qmgr->conf, CONF_myorigin));
}

static void drop_double_bounce(struct qmgr_message *message, const struct queue_recipient *address)
{
    struct qmgr *qmgr = message->qmgr;
    struct buf external;
    int fd =
        queue_open_file(&qmgr->queue, QUEUE_ACTIVE, message->id, SYS_OPEN_READ | SYS_OPEN_WRITE, 0);
    int error = fd < 0 ? fd : queue_message_mark_done(qmgr->sys, fd, address->offset);
    sys_close(qmgr->sys, fd);
    if (error != 0) {
        qmgr_message_warn(message, "cannot mark a recipient as done", error);
        message->retry = true;
        return;
    }
    message->marked = true;
    buf_init(&external, sys_mem(qmgr->sys), 2 * ADDRESS_BYTES_MAX);
    address_write(address->address, &external);
    log_event(qmgr->log, delivery, .queue_id = message->id, .recipient = buf_str(&external),
              .relay = STR("none"), .dsn = STR("2.0.0"), .status = STR("sent"),
              .reason = STR("undeliverable postmaster notification discarded"));
    buf_done(&external);
}

/* 1: there are more behind it, 0: that was the last one, or an error. */
static int read_recipient(struct batch *batch)
{
    struct qmgr_message *message = batch->message;
    struct batch_recipient *recipient = arena_alloc(&batch->arena, sizeof(*recipient));
    if (recipient == NULL) {
        return -ERR_LIMIT;
    }
    int found = queue_message_recipient(message->file, &batch->arena, &recipient->address);
    if (found != 1) {
        return found;
    }
    if (recipient->address.done) {
        batch->has_done = true;
        message->marked = true; /* that mark may be younger than the last sync */
    } else {
        list_append(&batch->recipients, &recipient->node);
        batch->count++;
    }
    return 1;
}

static int read_recipients(struct batch *batch)
{
    struct qmgr_message *message = batch->message;
    int found = 1;
    while (found == 1 && batch->count < batch->room) {
        found = read_recipient(batch);
    }
    message->position = message->file->position;
    message->read_all = found != 1;
    int64_t unread = message->load.unread_count - batch->count;
    message->load.unread_count = message->read_all ? 0 : unread > 1 ? unread : 1;
    return found < 0 ? found : 0;
}

/* A redirect takes the place of all recipients: the first of them carries it, so that once its mark
 * is set there is nothing left for the others. */
static void redirect(struct batch *batch)
{
    struct qmgr_message *message = batch->message;
    bool is_carried = batch->has_done;
    if (message->envelope.redirect.size == 0) {
        return;
    }
    list_each(node, &batch->recipients)
    {
        struct batch_recipient *recipient = list_entry(node, struct batch_recipient, node);
        recipient->address.address = message->envelope.redirect;
        if (is_carried) {
            list_remove(node);
        }
        is_carried = true;
    }
    message->read_all = true;
    message->load.unread_count = 0;
}

static void route_recipients(struct batch *batch)
{
    struct qmgr_message *message = batch->message;
    redirect(batch);
    list_each(node, &batch->recipients)
    {
        struct batch_recipient *recipient = list_entry(node, struct batch_recipient, node);
        int error = 0;
        if (is_double_bounce(message->qmgr, recipient->address.address)) {
            drop_double_bounce(message, &recipient->address);
            list_remove(node);
            continue;
        }
        error =
            qmgr_route_find(message, &batch->arena, recipient->address.address, &recipient->route);
        if (error != 0) {
            message->retry = true;
            message->unrecorded = true;
            list_remove(node);
        }
    }
}

static struct str put_text(char **space, struct str text)
{
    struct str copy = str_of(*space, text.size);
    if (text.size > 0) {
        memcpy(*space, text.data, text.size);
    }
    *space += text.size;
    return copy;
}

/* confirm_delay_cleared: who was told of a delay hears of its end, too. */
static int notify_flags(const struct qmgr_message *message, int asked)
{
    const struct queue_envelope *envelope = &message->envelope;
    bool was_told = envelope->warn_offset > 0 && envelope->warn_wall_s < 0 &&
                    (asked == 0 || (asked & QUEUE_NOTIFY_DELAY) != 0);
    if (!was_told || !conf_bool(message->qmgr->conf, CONF_confirm_delay_cleared)) {
        return asked;
    }
    int by_default = QUEUE_NOTIFY_FAILURE | QUEUE_NOTIFY_DELAY;
    return (asked == 0 ? by_default : asked) | QUEUE_NOTIFY_SUCCESS;
}

static struct qmgr_recipient *make_recipient(struct qmgr_message *message,
                                             const struct batch_recipient *from)
{
    const struct queue_recipient *address = &from->address;
    size_t size = from->route.address.size + address->original.size + address->dsn_orig_rcpt.size;
    struct qmgr_recipient *recipient =
        mem_alloc(sys_mem(message->qmgr->sys), sizeof(*recipient) + size);
    char *space = (char *)(recipient + 1);
    recipient->address = put_text(&space, from->route.address);
    recipient->original = put_text(&space, address->original);
    recipient->dsn_orig_rcpt = put_text(&space, address->dsn_orig_rcpt);
    recipient->notify_flags = notify_flags(message, address->notify_flags);
    recipient->offset = address->offset;
    return recipient;
}

static void unthrottle(const struct qmgr_route *route)
{
    struct qmgr_destination *destination = map_get(&route->transport->destinations, route->name);
    if (route->transport->condition == QMGR_DEAD) {
        qmgr_transport_revive(route->transport);
    }
    if (destination != NULL && destination->condition == QMGR_DEAD) {
        qmgr_destination_revive(destination);
    }
}

/* All at once: nothing is delivered before the batch is complete. */
static void schedule_recipients(struct batch *batch)
{
    struct qmgr_message *message = batch->message;
    list_each(node, &batch->recipients)
    {
        const struct batch_recipient *from = list_entry(node, struct batch_recipient, node);
        struct qmgr_recipient *recipient = make_recipient(message, from);
        if (message->unthrottles) {
            unthrottle(&from->route);
        }
        int error = qmgr_schedule_add(&message->load, from->route.transport, from->route.name,
                                      from->route.nexthop, recipient);
        if (error != 0) {
            mem_free(sys_mem(message->qmgr->sys), recipient);
            message->retry = true;
            message->unrecorded = true;
        }
    }
    message->unthrottles = false;
    message->load.waiting_since_ns = sys_now_ns(message->qmgr->sys);
}

/* ---- clogging ----------------------------------------------------------------------------------- */

static void warn_if_clogged(struct qmgr *qmgr, struct qmgr_destination *destination)
{
    int64_t pause_ns = conf_time_ns(qmgr->conf, CONF_qmgr_clog_warn_time);
    int active_max = conf_int(qmgr->conf, CONF_qmgr_message_active_limit);
    int64_t now_ns = sys_now_ns(qmgr->sys);
    int count = destination->todo_count + destination->busy_count;
    bool was_told =
        destination->clog_warned_ns != 0 && now_ns < destination->clog_warned_ns + pause_ns;
    if (pause_ns == 0 || count <= active_max / CLOGGED_PART || was_told) {
        return;
    }
    destination->clog_warned_ns = now_ns;
    log_warning(qmgr->log,
                "mail for %.*s is using up %d of %d active queue entries: other mail may be "
                "delayed; shorter timeouts, longer backoff times, or a transport of its own for "
                "it help",
                STR_ARG(destination->nexthop), count, (int)qmgr->messages.count);
}

static void warn_about_clogs(struct qmgr_message *message)
{
    list_each(node, &message->load.jobs)
    {
        const struct qmgr_job *job = list_entry(node, struct qmgr_job, of_load);
        list_each(peer, &job->peers)
        {
            warn_if_clogged(message->qmgr, list_entry(peer, struct qmgr_peer, of_job)->destination);
        }
    }
}

/* ---- a batch ------------------------------------------------------------------------------------ */

static void log_active(const struct qmgr_message *message, int64_t recipient_count)
{
    struct buf sender;
    qmgr_read_put_sender(message, &sender);
    log_event(message->qmgr->log, queue_active, .queue_id = message->id, .sender = buf_str(&sender),
              .size = message->envelope.size.message_bytes, .recipient_count = recipient_count);
    buf_done(&sender);
}

/* The file as it was left behind the last batch. */
static int reopen(struct qmgr_message *message)
{
    if (message->file != NULL) {
        return 0;
    }
    int error = open_file(message, QUEUE_ACTIVE, queue_message_open);
    if (error == 0) {
        message->file->size = message->envelope.size;
        message->file->position = message->position;
    }
    return error;
}

/* Recipients that the batch has no room for; unread_count has one more, until the end is seen. */
static int64_t behind_batch(const struct qmgr_message *message)
{
    return message->read_all ? 0 : message->load.unread_count - 1;
}

static int read_and_route(struct batch *batch)
{
    struct qmgr_message *message = batch->message;
    bool is_first = message->file != NULL;
    int error = reopen(message);
    if (error == 0) {
        error = read_recipients(batch);
    }
    if (error != 0) {
        return error;
    }
    if (is_first) {
        log_active(message, batch->count + behind_batch(message));
    }
    route_recipients(batch);
    return 0;
}

/* The rest of the recipients is out of reach for this round. */
static enum qmgr_message_event give_up(struct qmgr_message *message, int error)
{
    message->read_all = true;
    message->load.unread_count = 0;
    message->retry = true;
    message->unrecorded = true;
    if (error == -ERR_CORRUPT) {
        message->damaged = true;
    } else {
        qmgr_message_warn(message, "cannot read the recipients", error);
    }
    return QMGR_NOTHING;
}

enum qmgr_message_event qmgr_read_batch(struct qmgr_message *message)
{
    enum qmgr_message_event event;
    struct batch batch = {.message = message, .room = qmgr_work_take_room(message)};
    arena_init(&batch.arena, sys_mem(message->qmgr->sys), BATCH_BYTES_MAX);
    list_init(&batch.recipients);
    int error = read_and_route(&batch);
    qmgr_message_close_file(message);
    qmgr_work_give_room(message, batch.room);
    if (error != 0) {
        event = give_up(message, error);
    } else {
        int entries_before = message->load.entry_count;
        schedule_recipients(&batch);
        warn_about_clogs(message);
        event = message->load.entry_count > entries_before ? QMGR_READ : QMGR_NOTHING;
    }
    arena_done(&batch.arena);
    qmgr_work_check_invariants(message->qmgr);
    return event;
}
