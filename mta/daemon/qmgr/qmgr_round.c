// SPDX-License-Identifier: ISC
#include "qmgr/qmgr_round.h"

#include "qmgr/qmgr_read.h"
#include "queue/queue_expiry.h"
#include "sys/clock.h"
#include "sys/random.h"

enum { REPLY_BYTES_MAX = 64 * 1024 };

static const int64_t busy_delay_ns = 60 * SYS_SECOND_NS;

static void retry_unrecorded(struct qmgr_message *message)
{
    message->retry = true;
    message->unrecorded = true;
}

/* ---- marks -------------------------------------------------------------------------------------- */

/* The file is not kept open, since descriptors are few and messages many. */
static int open_active(struct qmgr *qmgr, struct str id)
{
    return queue_open_file(&qmgr->queue, QUEUE_ACTIVE, id, SYS_OPEN_READ | SYS_OPEN_WRITE, 0);
}

/* Reads the file through. */
static int mark(struct qmgr *qmgr, struct str id, int (*write)(struct queue_message *message))
{
    struct queue_message message;
    int error = queue_message_open(&qmgr->queue, QUEUE_ACTIVE, id, &message);
    if (error == 0) {
        error = write(&message);
        queue_message_close(&message);
    }
    return error;
}

static void mark_again(struct qmgr *qmgr, struct str id)
{
    int error = mark(qmgr, id, queue_message_mark_again);
    if (error != 0 && error != -ERR_NOT_FOUND) {
        log_warning(qmgr->log, "%.*s: cannot write its marks again: %s", STR_ARG(id),
                    err_sentence(error));
    }
}

int qmgr_round_sync_marks(struct qmgr *qmgr, struct str id)
{
    int fd = open_active(qmgr, id);
    if (fd < 0) {
        return fd;
    }
    int error = sys_fsync(qmgr->sys, fd);
    sys_close(qmgr->sys, fd);
    if (error != 0) {
        mark_again(qmgr, id);
    }
    return error;
}

static int sync_marks(struct qmgr_message *message)
{
    int error = message->marked ? qmgr_round_sync_marks(message->qmgr, message->id) : 0;
    if (error != 0 && error != -ERR_NOT_FOUND) {
        qmgr_message_warn(message, "cannot sync the marks of finished recipients", error);
    }
    return error;
}

/* ---- notices ------------------------------------------------------------------------------------ */

/* 0, or an error: there are no records, or they cannot be looked at. */
static int stat_records(struct qmgr_message *message, enum queue_name records,
                        struct sys_stat *stat)
{
    char path[QUEUE_PATH_SIZE];
    queue_path(&message->qmgr->queue, records, message->id, path);
    return sys_stat(message->qmgr->sys, SYS_HERE, path, stat);
}

static int flush_records(struct qmgr_message *message, struct ipc_pool *service)
{
    struct ipc_bounce_reply reply;
    struct arena arena;
    const struct ipc_bounce_flush_request request = {
        .queue_name = str_from(queue_directory(QUEUE_ACTIVE)),
        .queue_id = message->id,
        .encoding = message->envelope.encoding,
        .sender = message->envelope.sender,
        .envelope_id = message->envelope.envelope_id,
        .ret_flags = message->envelope.ret_flags,
        .verp_delimiters = message->envelope.verp_delimiters,
    };
    arena_init(&arena, sys_mem(message->qmgr->sys), REPLY_BYTES_MAX);
    int error = ipc_bounce_flush(service, &arena, &request, &reply);
    arena_done(&arena);
    if (error == 0 && reply.status != 0) {
        error = -ERR_UNAVAILABLE;
    }
    if (error != 0) {
        qmgr_message_warn(message, "no notice could be sent", error);
    }
    return error;
}

/* Sends what is recorded there; when that fails the message stays. */
static void report(struct qmgr_message *message, enum queue_name records, struct ipc_pool *service)
{
    struct sys_stat stat;
    int error = stat_records(message, records, &stat);
    if (error != -ERR_NOT_FOUND && (error != 0 || flush_records(message, service) != 0)) {
        retry_unrecorded(message);
    }
}

static bool is_expired(const struct qmgr_message *message)
{
    int64_t now_ns = sys_wall_ns(message->qmgr->sys);
    return now_ns >= queue_expiry_wall_ns(message->qmgr->conf, &message->envelope);
}

static void log_expired(const struct qmgr_message *message)
{
    struct buf sender;
    qmgr_read_put_sender(message, &sender);
    log_event(message->qmgr->log, expired, .queue_id = message->id, .sender = buf_str(&sender),
              .status = message->forced_expire ? STR("force-expired") : STR("expired"));
    buf_done(&sender);
}

/* Under a name that a crash brings back they would be tried again. */
static void mark_returned(struct qmgr_message *message)
{
    struct qmgr *qmgr = message->qmgr;
    int error = mark(qmgr, message->id, queue_message_mark_all);
    error = error != 0 ? error : qmgr_round_sync_marks(qmgr, message->id);
    if (error != 0 && error != -ERR_NOT_FOUND) {
        qmgr_message_warn(message, "cannot mark the recipients that were returned", error);
    }
}

/* Returns what is left of an expired message; a notice needs records that say why. */
static void return_expired(struct qmgr_message *message)
{
    struct sys_stat stat;
    if (message->unrecorded || (!message->forced_expire && !is_expired(message)) ||
        stat_records(message, QUEUE_DEFER, &stat) != 0 || stat.size == 0) {
        return;
    }
    log_expired(message);
    if (flush_records(message, &message->qmgr->defer) == 0) {
        message->retry = false;
        mark_returned(message);
    }
}

/* ---- delay -------------------------------------------------------------------------------------- */

static int send_warning(struct qmgr_message *message)
{
    struct ipc_bounce_reply reply;
    struct arena arena;
    const struct ipc_bounce_warn_request request = {
        .queue_name = str_from(queue_directory(QUEUE_ACTIVE)),
        .queue_id = message->id,
        .encoding = message->envelope.encoding,
        .sender = message->envelope.sender,
        .envelope_id = message->envelope.envelope_id,
        .ret_flags = message->envelope.ret_flags,
    };
    arena_init(&arena, sys_mem(message->qmgr->sys), REPLY_BYTES_MAX);
    int error = ipc_bounce_warn(&message->qmgr->defer, &arena, &request, &reply);
    arena_done(&arena);
    return error == 0 && reply.status != 0 ? -ERR_UNAVAILABLE : error;
}

/* Once in a message's life; a warning needs records that say why. One that cannot be sent, or noted
 * down, is sent again with the next attempt. */
static void warn_of_delay(struct qmgr_message *message)
{
    const struct queue_envelope *envelope = &message->envelope;
    struct qmgr *qmgr = message->qmgr;
    int64_t now_s = sys_wall_ns(qmgr->sys) / SYS_SECOND_NS;
    struct sys_stat stat;
    if (message->unrecorded || envelope->warn_wall_s <= 0 || now_s < envelope->warn_wall_s - 1 ||
        stat_records(message, QUEUE_DEFER, &stat) != 0 || stat.size == 0) {
        return;
    }
    int error = send_warning(message);
    if (error != 0) {
        qmgr_message_warn(message, "no notice of its delay could be sent", error);
        return;
    }
    int fd = open_active(qmgr, message->id);
    error = fd < 0 ? fd : queue_message_mark_warned(qmgr->sys, fd, envelope->warn_offset);
    sys_close(qmgr->sys, fd);
    if (error != 0) {
        qmgr_message_warn(message, "cannot note down that its delay was told", error);
    }
}

/* ---- where it goes ------------------------------------------------------------------------------ */

int64_t qmgr_round_backoff_ns(int64_t now_wall_ns, int64_t create_wall_s, int64_t minimal_ns,
                              int64_t maximal_ns)
{
    int64_t age_ns = (now_wall_ns / SYS_SECOND_NS - create_wall_s) * SYS_SECOND_NS;
    if (age_ns > maximal_ns) {
        age_ns = maximal_ns;
    }
    return age_ns < minimal_ns ? minimal_ns : age_ns;
}

/* Whole seconds, as Postfix has them in its files. */
static int64_t next_attempt_wall_ns(const struct qmgr_message *message)
{
    const struct conf *conf = message->qmgr->conf;
    int64_t now_ns = sys_wall_ns(message->qmgr->sys);
    int64_t backoff_ns = qmgr_round_backoff_ns(now_ns, message->envelope.create_wall_s,
                                               conf_time_ns(conf, CONF_minimal_backoff_time),
                                               conf_time_ns(conf, CONF_maximal_backoff_time));
    int64_t percent = conf_int(conf, CONF_backoff_jitter_percent);
    uint64_t jitter_s = (uint64_t)(backoff_ns / SYS_SECOND_NS * percent / 100);
    if (jitter_s > 0) {
        backoff_ns += (int64_t)sys_random_below(message->qmgr->sys, jitter_s + 1) * SYS_SECOND_NS;
    }
    return now_ns - now_ns % SYS_SECOND_NS + backoff_ns;
}

static void defer(struct qmgr_message *message)
{
    struct qmgr *qmgr = message->qmgr;
    int64_t due_ns = next_attempt_wall_ns(message);
    int fd = open_active(qmgr, message->id);
    int error = fd < 0 ? fd : sys_set_mtime(qmgr->sys, fd, due_ns);
    sys_close(qmgr->sys, fd);
    if (error == 0) {
        error = queue_move(&qmgr->queue, QUEUE_ACTIVE, QUEUE_DEFERRED, message->id);
    }
    if (error != 0) {
        qmgr_message_warn(message, "cannot defer", error);
    }
    qmgr_read_again(message, error == 0 ? QUEUE_DEFERRED : QUEUE_ACTIVE, due_ns);
}

/* The queue into which postsuper has put the file meanwhile, and its time; QUEUE_COUNT: none. */
static enum queue_name find_elsewhere(struct qmgr_message *message, int64_t *due_wall_ns)
{
    static const enum queue_name others[] = {QUEUE_HOLD, QUEUE_MAILDROP, QUEUE_DEFERRED,
                                             QUEUE_INCOMING};
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
        struct sys_stat stat = {.mtime_wall_ns = 0};
        if (stat_records(message, others[i], &stat) != -ERR_NOT_FOUND) {
            *due_wall_ns = stat.mtime_wall_ns;
            return others[i];
        }
    }
    return QUEUE_COUNT;
}

/* The file is no longer in active/. One that was held and released again is waited for, since a scan
 * has passed it over while it was at work. What agents have recorded of a deleted message since goes
 * too: there is nobody to tell. */
static void let_go(struct qmgr_message *message)
{
    static const enum queue_name records[] = {QUEUE_BOUNCE, QUEUE_DEFER, QUEUE_TRACE};
    int64_t due_wall_ns = 0;
    enum queue_name name = find_elsewhere(message, &due_wall_ns);
    log_info(message->qmgr->log, "%.*s: no longer in active/", STR_ARG(message->id));
    if (name == QUEUE_DEFERRED || name == QUEUE_INCOMING) {
        qmgr_read_again(message, name, due_wall_ns);
    }
    if (name != QUEUE_COUNT) {
        return;
    }
    for (size_t i = 0; i < sizeof(records) / sizeof(records[0]); i++) {
        int error = queue_remove(&message->qmgr->queue, records[i], message->id);
        if (error != 0 && error != -ERR_NOT_FOUND) {
            qmgr_message_warn(message, "cannot remove its records", error);
        }
    }
}

static void remove_message(struct qmgr_message *message)
{
    struct qmgr *qmgr = message->qmgr;
    int error = queue_remove(&qmgr->queue, QUEUE_ACTIVE, message->id);
    if (error == -ERR_NOT_FOUND) {
        let_go(message);
        return;
    }
    if (error != 0) {
        qmgr_message_warn(message, "cannot remove", error);
        qmgr_read_again(message, QUEUE_ACTIVE, sys_wall_ns(qmgr->sys) + busy_delay_ns);
        return;
    }
    log_event(qmgr->log, removed, .queue_id = message->id);
}

static void settle(struct qmgr_message *message, bool synced)
{
    report(message, QUEUE_TRACE, &message->qmgr->trace);
    if (message->retry) {
        return_expired(message);
    }
    if (message->retry) {
        warn_of_delay(message);
    }
    if (message->retry || !synced) {
        defer(message);
    } else {
        remove_message(message);
    }
}

enum qmgr_message_event qmgr_round_end(struct qmgr_message *message)
{
    struct sys_stat stat = {.mode = 0};
    int error = sync_marks(message);
    int found = message->retry ? stat_records(message, QUEUE_ACTIVE, &stat) : 0;
    if (error == -ERR_NOT_FOUND || found == -ERR_NOT_FOUND) {
        let_go(message);
        return QMGR_OVER;
    }
    report(message, QUEUE_BOUNCE, &message->qmgr->bounce);
    if (message->damaged) {
        qmgr_read_put_aside(message, QUEUE_ACTIVE);
        return QMGR_OVER;
    }
    if (!message->read_all) {
        return QMGR_MORE;
    }
    settle(message, error == 0);
    return QMGR_OVER;
}
