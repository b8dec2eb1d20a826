// SPDX-License-Identifier: ISC
#include "qmgr/qmgr_recover.h"

#include <stdio.h>

#include "queue/queue_scan.h"
#include "sys/clock.h"

static const int64_t orphan_age_ns = 3600 * SYS_SECOND_NS;

/* ---- names -------------------------------------------------------------------------------------- */

static int stat_file(struct qmgr *qmgr, enum queue_name name, struct str id, struct sys_stat *stat)
{
    char path[QUEUE_PATH_SIZE];
    return sys_stat(qmgr->sys, SYS_HERE, queue_path(&qmgr->queue, name, id, path), stat);
}

static void warn_about(struct qmgr *qmgr, struct str id, const char *what, int error)
{
    if (error != 0) {
        log_warning(qmgr->log, "%.*s: %s: %s", STR_ARG(id), what, err_sentence(error));
    }
}

static bool is_old(struct qmgr *qmgr, const struct sys_stat *stat)
{
    return stat->mtime_wall_ns < sys_wall_ns(qmgr->sys) - orphan_age_ns;
}

/* What a cleanup that died has left: nobody holds its lock, and nobody will finish it. What was queued
 * waits for its mode. */
static void remove_orphan(struct qmgr *qmgr, struct str name, const char *path)
{
    struct sys_stat stat;
    int fd = sys_open(qmgr->sys, SYS_HERE, path, SYS_OPEN_READ | SYS_OPEN_WRITE, 0);
    if (fd < 0) {
        return;
    }
    int error = sys_lock(qmgr->sys, fd, true, 0);
    if (error == 0) {
        error = sys_fstat(qmgr->sys, fd, &stat);
    }
    if (error == 0 && is_old(qmgr, &stat) && (stat.mode & QUEUE_MODE_GROUP) == 0) {
        log_info(qmgr->log, "%.*s: never finished: removed", STR_ARG(name));
        warn_about(qmgr, name, "cannot remove", sys_unlink(qmgr->sys, SYS_HERE, path));
    }
    sys_close(qmgr->sys, fd);
}

/* The same file under the same id in another queue: that name goes. True when there was one. */
static bool drop_second_name(struct qmgr *qmgr, enum queue_name name, enum queue_name other,
                             struct str id)
{
    struct sys_stat here;
    struct sys_stat there;
    if (stat_file(qmgr, other, id, &there) != 0 || stat_file(qmgr, name, id, &here) != 0 ||
        here.device != there.device || here.inode != there.inode) {
        return false;
    }
    log_warning(qmgr->log, "%.*s: found in %s and %s: kept once", STR_ARG(id),
                queue_directory(name), queue_directory(other));
    warn_about(qmgr, id, "cannot remove the second name", queue_remove(&qmgr->queue, other, id));
    return true;
}

/* ---- contents ----------------------------------------------------------------------------------- */

static void settle_damaged(struct qmgr *qmgr, enum queue_name name, struct str id, bool unfinished)
{
    log_warning(qmgr->log, "%.*s: %s", STR_ARG(id),
                unfinished ? "never finished and never acknowledged: removed"
                           : "damaged: moved to corrupt/");
    int error =
        unfinished ? queue_remove(&qmgr->queue, name, id) : queue_put_aside(&qmgr->queue, name, id);
    warn_about(qmgr, id, "cannot do so", error);
}

/* True when it is whole, or when an agent still has it. was_queued: it had left incoming/ before. */
static bool is_sound(struct qmgr *qmgr, enum queue_name name, struct str id,
                     struct queue_message *message, bool was_queued)
{
    bool unfinished = false;
    int error = sys_lock(qmgr->sys, message->fd, true, 0);
    if (error == 0) {
        error = queue_message_verify(message, &unfinished);
    }
    if (error != -ERR_CORRUPT) {
        return true;
    }
    was_queued |= (message->stat.mode & QUEUE_MODE_GROUP) != 0;
    settle_damaged(qmgr, name, id, unfinished && !was_queued);
    return false;
}

/* A power cut may leave the name of a new file without all of its data. */
static int recover_incoming(struct qmgr *qmgr, enum queue_name name, struct str id)
{
    struct queue_message message;
    bool was_deferred = drop_second_name(qmgr, name, QUEUE_DEFERRED, id);
    bool was_active = drop_second_name(qmgr, name, QUEUE_ACTIVE, id);
    int error = queue_message_open(&qmgr->queue, name, id, &message);
    if (error == -ERR_UNAVAILABLE) {
        char path[QUEUE_PATH_SIZE];
        remove_orphan(qmgr, id, queue_path(&qmgr->queue, name, id, path));
    }
    if (error == 0) {
        is_sound(qmgr, name, id, &message, was_deferred || was_active);
        queue_message_close(&message);
    }
    return error == -ERR_CANCELED ? error : 0;
}

/* Its round starts again at the first queue run; nobody looks into active/ by itself. */
static void leave_in_active(struct qmgr *qmgr, struct str id)
{
    warn_about(qmgr, id, "cannot note that it waits in active/",
               qmgr_index_put(&qmgr->later, id, QUEUE_ACTIVE, sys_wall_ns(qmgr->sys)));
}

static int recover_active(struct qmgr *qmgr, enum queue_name name, struct str id)
{
    struct queue_message message;
    drop_second_name(qmgr, name, QUEUE_DEFERRED, id);
    int error = queue_message_open(&qmgr->queue, name, id, &message);
    if (error == 0 && !is_sound(qmgr, name, id, &message, true)) {
        queue_message_close(&message);
        return 0;
    }
    if (error == 0) {
        warn_about(qmgr, id, "cannot set its mode",
                   sys_chmod(qmgr->sys, message.fd, message.stat.mode | QUEUE_MODE_WAS_QUEUED));
        queue_message_close(&message);
    }
    if (error == -ERR_UNAVAILABLE) {
        log_warning(qmgr->log, "%.*s: somebody took its mode: it waits for chmod u+x", STR_ARG(id));
        queue_mark_queued(&qmgr->queue, name, id);
    }
    error = queue_move(&qmgr->queue, name, QUEUE_INCOMING, id);
    warn_about(qmgr, id, "cannot move it back to incoming", error);
    if (error != 0) {
        leave_in_active(qmgr, id);
    }
    return 0;
}

/* A message that is on hold, and in a queue from which it is delivered, is not on hold. */
static int recover_hold(struct qmgr *qmgr, enum queue_name name, struct str id)
{
    static const enum queue_name others[] = {QUEUE_INCOMING, QUEUE_ACTIVE, QUEUE_DEFERRED};
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
        drop_second_name(qmgr, others[i], name, id);
    }
    return 0;
}

/* A power cut may bring back the log of a message that is gone. A later message must not find it
 * under its own name. */
static int recover_log(struct qmgr *qmgr, enum queue_name name, struct str id)
{
    struct sys_stat stat;
    bool is_deferred = stat_file(qmgr, QUEUE_DEFERRED, id, &stat) == 0; /* as nearly all are */
    if (!is_deferred && queue_has_message(&qmgr->queue, id) == 0) {
        log_warning(qmgr->log, "%.*s: found in %s without a message: removed", STR_ARG(id),
                    queue_directory(name));
        warn_about(qmgr, id, "cannot remove it", queue_remove(&qmgr->queue, name, id));
    }
    return 0;
}

/* cleanup writes a record in trace/ before the message has its name. */
static int recover_trace(struct qmgr *qmgr, enum queue_name name, struct str id)
{
    struct sys_stat stat;
    bool may_belong = stat_file(qmgr, name, id, &stat) != 0 || !is_old(qmgr, &stat);
    return may_belong ? 0 : recover_log(qmgr, name, id);
}

/* ---- queues ------------------------------------------------------------------------------------- */

static void remove_temporary(struct qmgr *qmgr, struct str name)
{
    char path[SYS_PATH_MAX];
    snprintf(path, sizeof(path), "%s/%.*s", queue_directory(QUEUE_INCOMING), STR_ARG(name));
    remove_orphan(qmgr, name, path);
}

static int each_file(struct qmgr *qmgr, enum queue_name name,
                     int (*recover)(struct qmgr *qmgr, enum queue_name name, struct str id))
{
    struct queue_scan scan;
    struct str found;
    int kind = queue_scan_open(&qmgr->queue, name, &scan);
    if (kind != 0) {
        return kind;
    }
    int error = 0;
    while (error == 0 && (kind = queue_scan_next(&scan, &found)) > QUEUE_FOUND_END) {
        if (kind == QUEUE_FOUND_ID) {
            error = recover(qmgr, name, found);
        } else if (name == QUEUE_INCOMING) {
            remove_temporary(qmgr, found);
        }
    }
    queue_scan_close(&scan);
    return error != 0 ? error : kind;
}

int qmgr_recover(struct qmgr *qmgr)
{
    static const struct {
        enum queue_name name;
        int (*recover)(struct qmgr *qmgr, enum queue_name name, struct str id);
    } rows[] = {
        {QUEUE_INCOMING, recover_incoming}, {QUEUE_ACTIVE, recover_active},
        {QUEUE_HOLD, recover_hold},         {QUEUE_BOUNCE, recover_log},
        {QUEUE_DEFER, recover_log},         {QUEUE_TRACE, recover_trace},
    };
    int error = 0;
    for (size_t i = 0; error == 0 && i < sizeof(rows) / sizeof(rows[0]); i++) {
        error = each_file(qmgr, rows[i].name, rows[i].recover);
        if (error != 0 && error != -ERR_CANCELED) {
            log_error(qmgr->log, "cannot recover %s: %s", queue_directory(rows[i].name),
                      err_sentence(error));
        }
    }
    return error;
}
