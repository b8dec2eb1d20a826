// SPDX-License-Identifier: ISC
#include "pickup/pickup_message.h"

#include "pickup/pickup_copy.h"
#include "sys/clock.h"

enum { MODE_OTHERS_READ = 0004, ARENA_MAX = 32 * 1024 };

/* A file under work. */
struct task {
    struct pickup *pickup;
    struct str id;
    struct queue_message file;
    struct sys_stat stat;
    bool is_requeued;
};

static void warn(struct task *task, const char *what, int error)
{
    log_warning(task->pickup->log, "maildrop/%.*s: %s: %s", STR_ARG(task->id), what,
                err_sentence(error));
}

/* ---- the file goes ----------------------------------------------------------------------------- */

/* The delays of a requeued message are told under its new id from now on. */
static void remove_record(struct task *task)
{
    int error = queue_remove(&task->pickup->queue, QUEUE_DEFER, task->id);
    if (error != 0 && error != -ERR_NOT_FOUND) {
        warn(task, "cannot remove its record in defer", error);
    }
}

/* Durably, since a power cut may bring back an older name, in active/ say, of the same file: whoever
 * finds it has nothing to deliver. */
static void mark_requeued(struct task *task)
{
    struct queue_message message;
    int error = queue_message_open(&task->pickup->queue, QUEUE_MAILDROP, task->id, &message);
    if (error == 0) {
        error = queue_message_mark_all(&message);
        error = error != 0 ? error : sys_fsync(task->pickup->sys, message.fd);
        queue_message_close(&message);
    }
    if (error != 0) {
        warn(task, "cannot mark its recipients", error);
    }
}

/* Durably, or the message would come once more after a power cut. */
static void remove_file(struct task *task)
{
    struct queue *queue = &task->pickup->queue;
    int error = queue_remove(queue, QUEUE_MAILDROP, task->id);
    error = error != 0 ? error : queue_sync(queue, QUEUE_MAILDROP, task->id);
    if (error != 0) {
        warn(task, "cannot remove it", error);
    }
}

static void put_aside(struct task *task, struct str why)
{
    log_warning(task->pickup->log, "maildrop/%.*s: uid=%u: %.*s: moved to corrupt/",
                STR_ARG(task->id), task->stat.uid, STR_ARG(why));
    int error = queue_move(&task->pickup->queue, QUEUE_MAILDROP, QUEUE_CORRUPT, task->id);
    if (error != 0) {
        warn(task, "cannot move it", error);
    }
}

static void remove_unfinished(struct task *task)
{
    log_warning(task->pickup->log,
                "maildrop/%.*s: uid=%u: never finished and never acknowledged: removed",
                STR_ARG(task->id), task->stat.uid);
    remove_file(task);
}

/* ---- to cleanup ---------------------------------------------------------------------------------- */

/* What cleanup said decides about the file. */
static void settle(struct task *task, int64_t status, struct str reason)
{
    const int64_t refused = CLEANUP_BAD | CLEANUP_SIZE | CLEANUP_HOPS | CLEANUP_CONTENT;
    if (task->is_requeued && (status == CLEANUP_OK || status == CLEANUP_RECIPIENTS)) {
        mark_requeued(task);
        remove_record(task);
    }
    if (status == CLEANUP_OK) {
        remove_file(task);
        return;
    }
    struct str why = reason.size > 0 ? reason : cleanup_status_outcome(status).text;
    if (status == CLEANUP_RECIPIENTS) {
        log_info(task->pickup->log, "maildrop/%.*s: no recipient is left: removed",
                 STR_ARG(task->id));
        remove_file(task);
    } else if ((status & ~refused) == 0) {
        put_aside(task, why);
    } else {
        log_warning(task->pickup->log, "maildrop/%.*s: not queued yet: %.*s", STR_ARG(task->id),
                    STR_ARG(why));
    }
}

static void hand_over(struct task *task, struct cleanup_message *message)
{
    struct arena arena;
    struct str reason;
    struct pickup_copy copy = {
        .pickup = task->pickup,
        .from = &task->file,
        .to = message,
        .id = task->id,
        .stat = task->stat,
        .is_requeued = task->is_requeued,
    };
    int error = pickup_copy(&copy);
    if (error == -ERR_CORRUPT && task->file.cut && !task->is_requeued) {
        remove_unfinished(task);
    } else if (error == -ERR_CORRUPT || error == -ERR_NOT_PERMITTED) {
        put_aside(task, str_from(copy.why));
    } else if (error != 0) {
        warn(task, "cannot read it", error);
    } else {
        arena_init(&arena, sys_mem(task->pickup->sys), ARENA_MAX);
        int64_t status = cleanup_client_end(message, &arena, &reason);
        settle(task, status, reason);
        arena_done(&arena);
    }
}

static void send(struct task *task)
{
    struct cleanup_message message;
    int64_t utf8 = task->is_requeued ? 0 : cleanup_client_utf8_flag(task->pickup->conf, "sendmail");
    int error = cleanup_client_begin(&task->pickup->cleanup, CLEANUP_FLAG_LOCAL | utf8, &message);
    if (error != 0) {
        warn(task, "cannot hand it to cleanup", error);
        return;
    }
    hand_over(task, &message);
    cleanup_client_abort(&message);
}

/* ---- the file ------------------------------------------------------------------------------------ */

/* A power cut while postsuper requeued may leave the old name too: the message is where it was. */
static bool has_second_name(struct task *task)
{
    static const enum queue_name others[] = {QUEUE_DEFERRED, QUEUE_ACTIVE, QUEUE_INCOMING,
                                             QUEUE_HOLD};
    struct queue *queue = &task->pickup->queue;
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
        char path[QUEUE_PATH_SIZE];
        struct sys_stat other;
        queue_path(queue, others[i], task->id, path);
        if (sys_stat(queue->sys, SYS_HERE, path, &other) == 0 &&
            other.device == task->stat.device && other.inode == task->stat.inode) {
            log_warning(task->pickup->log, "%.*s: found in maildrop and %s: kept once",
                        STR_ARG(task->id), queue_directory(others[i]));
            return true;
        }
    }
    return false;
}

static bool is_ready(const struct sys_stat *stat)
{
    return stat->kind == SYS_FILE_REGULAR && stat->link_count > 0 &&
           (stat->mode & QUEUE_MODE_READY) != 0;
}

/* Others may read what is submitted, and write none of it; a requeued file may still be in the
 * hands of a delivery agent. A postdrop that had the lock may have taken its file back. */
static int open_file(struct task *task)
{
    struct pickup *pickup = task->pickup;
    unsigned access = task->is_requeued ? SYS_OPEN_READ | SYS_OPEN_WRITE : SYS_OPEN_READ;
    int fd = queue_open_file(&pickup->queue, QUEUE_MAILDROP, task->id, access, 0);
    if (fd < 0) {
        return fd;
    }
    queue_message_adopt(&pickup->queue, fd, &(struct queue_record_size){.content_offset = 0},
                        &task->file);
    int error = sys_lock(pickup->sys, fd, task->is_requeued, 0);
    error = error != 0 ? error : sys_fstat(pickup->sys, fd, &task->stat);
    if (error == 0 && !is_ready(&task->stat)) {
        error = -ERR_NOT_FOUND;
    }
    if (error != 0) {
        queue_message_close(&task->file);
    }
    return error;
}

static int stat_file(struct task *task)
{
    char path[QUEUE_PATH_SIZE];
    queue_path(&task->pickup->queue, QUEUE_MAILDROP, task->id, path);
    int error = sys_stat(task->pickup->sys, SYS_HERE, path, &task->stat);
    task->is_requeued = task->stat.uid == sys_effective_uid(task->pickup->sys) &&
                        (task->stat.mode & MODE_OTHERS_READ) == 0;
    return error;
}

void pickup_message_take(struct pickup *pickup, struct str id)
{
    struct task task = {.pickup = pickup, .id = id};
    int error = stat_file(&task);
    if (error != 0 || !is_ready(&task.stat)) {
        return;
    }
    error = open_file(&task);
    if (error == -ERR_LOCKED || error == -ERR_NOT_FOUND) {
        return;
    }
    if (error != 0) {
        warn(&task, "cannot open it", error);
        return;
    }
    if (task.is_requeued && has_second_name(&task)) {
        remove_file(&task);
    } else {
        send(&task);
    }
    queue_message_close(&task.file);
}
