// SPDX-License-Identifier: ISC
#include "qmgr/qmgr_scan.h"

#include <stdio.h>

#include "qmgr/qmgr_destination.h"
#include "qmgr/qmgr_message.h"
#include "queue/queue_scan.h"
#include "sys/clock.h"

static const int64_t tolerance_ns = SYS_SECOND_NS; /* a file this little early is due */
static const int64_t orphan_age_ns = 3600 * SYS_SECOND_NS;

/* ---- walking through a queue ------------------------------------------------------------------- */

struct visitor {
    int (*file)(struct qmgr *qmgr, enum queue_name name, struct str id);
    void (*temporary)(struct qmgr *qmgr, struct str path); /* may be NULL */
};

/* Calls the visitor for each file of the queue; an error of its own ends the walk. */
static int each_file(struct qmgr *qmgr, enum queue_name name, const struct visitor *visitor)
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
            error = visitor->file(qmgr, name, found);
        } else if (visitor->temporary != NULL) {
            visitor->temporary(qmgr, found);
        }
    }
    queue_scan_close(&scan);
    return error != 0 ? error : kind;
}

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

/* ---- recovery -------------------------------------------------------------------------------- */

/* What a cleanup that died has left: nobody holds its lock, and nobody will finish it. */
static void remove_orphan(struct qmgr *qmgr, struct str name)
{
    char path[SYS_PATH_MAX];
    struct sys_stat stat;
    snprintf(path, sizeof(path), "%.*s", STR_ARG(name));
    int fd = sys_open(qmgr->sys, SYS_HERE, path, SYS_OPEN_READ | SYS_OPEN_WRITE, 0);
    if (fd < 0) {
        return;
    }
    int error = sys_lock(qmgr->sys, fd, true, 0);
    if (error == 0) {
        error = sys_fstat(qmgr->sys, fd, &stat);
    }
    if (error == 0 && stat.mtime_wall_ns < sys_wall_ns(qmgr->sys) - orphan_age_ns) {
        warn_about(qmgr, name, "cannot remove", sys_unlink(qmgr->sys, SYS_HERE, path));
    }
    sys_close(qmgr->sys, fd);
}

/* The same file under the same id in another queue: that name goes. */
static void drop_second_name(struct qmgr *qmgr, enum queue_name name, enum queue_name other,
                             struct str id)
{
    struct sys_stat here;
    struct sys_stat there;
    if (stat_file(qmgr, other, id, &there) != 0 || stat_file(qmgr, name, id, &here) != 0 ||
        here.device != there.device || here.inode != there.inode) {
        return;
    }
    log_warning(qmgr->log, "%.*s: found in %s and %s: kept once", STR_ARG(id),
                queue_directory(name), queue_directory(other));
    warn_about(qmgr, id, "cannot remove the second name", queue_remove(&qmgr->queue, other, id));
}

/* A file that is no complete message: what was never acknowledged goes, the rest is kept aside. */
static void settle_damaged(struct qmgr *qmgr, struct str id, bool unfinished)
{
    log_warning(qmgr->log, "%.*s: %s", STR_ARG(id),
                unfinished ? "never finished and never acknowledged: removed"
                           : "damaged: moved to corrupt/");
    int error = unfinished ? queue_remove(&qmgr->queue, QUEUE_INCOMING, id)
                           : queue_move(&qmgr->queue, QUEUE_INCOMING, QUEUE_CORRUPT, id);
    warn_about(qmgr, id, "cannot do so", error);
}

/* A power cut may leave the name of a new file without all of its data. */
static int recover_incoming(struct qmgr *qmgr, enum queue_name name, struct str id)
{
    struct queue_message message;
    bool unfinished = false;
    drop_second_name(qmgr, name, QUEUE_DEFERRED, id);
    drop_second_name(qmgr, name, QUEUE_ACTIVE, id);
    int error = queue_message_open(&qmgr->queue, name, id, &message);
    if (error == -ERR_ACCESS) {
        char path[QUEUE_PATH_SIZE];
        remove_orphan(qmgr, str_from(queue_path(&qmgr->queue, name, id, path)));
    }
    if (error != 0) {
        return 0;
    }
    error = sys_lock(qmgr->sys, message.fd, true, 0);
    if (error == 0) {
        error = queue_message_verify(&message, &unfinished);
    }
    queue_message_close(&message);
    if (error == -ERR_CORRUPT) {
        settle_damaged(qmgr, id, unfinished);
    }
    return 0;
}

static int recover_active(struct qmgr *qmgr, enum queue_name name, struct str id)
{
    drop_second_name(qmgr, name, QUEUE_DEFERRED, id);
    warn_about(qmgr, id, "cannot move it back to incoming",
               queue_move(&qmgr->queue, QUEUE_ACTIVE, QUEUE_INCOMING, id));
    return 0;
}

/* A power cut may bring back the log of a message that is gone. A later message must not find it
 * under its own name. */
static int recover_log(struct qmgr *qmgr, enum queue_name name, struct str id)
{
    if (queue_has_message(&qmgr->queue, id) == 0) {
        log_warning(qmgr->log, "%.*s: found in %s without a message: removed", STR_ARG(id),
                    queue_directory(name));
        warn_about(qmgr, id, "cannot remove it", queue_remove(&qmgr->queue, name, id));
    }
    return 0;
}

int qmgr_scan_recover(struct qmgr *qmgr)
{
    static const struct visitor incoming = {recover_incoming, remove_orphan};
    static const struct visitor active = {recover_active, NULL};
    static const struct visitor log = {recover_log, NULL};
    static const struct {
        enum queue_name name;
        const struct visitor *visitor;
    } rows[] = {
        {QUEUE_INCOMING, &incoming}, {QUEUE_ACTIVE, &active}, {QUEUE_BOUNCE, &log},
        {QUEUE_DEFER, &log},         {QUEUE_TRACE, &log},
    };
    int error = 0;
    for (size_t i = 0; error == 0 && i < sizeof(rows) / sizeof(rows[0]); i++) {
        error = each_file(qmgr, rows[i].name, rows[i].visitor);
    }
    return error;
}

/* ---- what is due ----------------------------------------------------------------------------- */

/* Starts the message as soon as there is room. */
static int start(struct qmgr *qmgr, enum queue_name name, struct str id)
{
    for (;;) {
        int error = qmgr_message_start(qmgr, name, id);
        if (error != -ERR_LIMIT) {
            return 0;
        }
        error =
            sys_event_wait(qmgr->sys, &qmgr->changed, sys_deadline(qmgr->sys, 60 * SYS_SECOND_NS));
        if (error != 0 && error != -ERR_TIMEOUT) {
            return error;
        }
    }
}

static int visit_incoming(struct qmgr *qmgr, enum queue_name name, struct str id)
{
    if (map_get(&qmgr->messages, id) != NULL) {
        return 0;
    }
    struct sys_stat stat;
    if (stat_file(qmgr, name, id, &stat) != 0) {
        return 0;
    }
    int64_t now_ns = sys_wall_ns(qmgr->sys);
    if (stat.mtime_wall_ns > now_ns + tolerance_ns) {
        return qmgr_index_put(&qmgr->later, id, name, stat.mtime_wall_ns);
    }
    return start(qmgr, name, id);
}

static int visit_deferred(struct qmgr *qmgr, enum queue_name name, struct str id)
{
    struct sys_stat stat;
    if (map_get(&qmgr->messages, id) != NULL || stat_file(qmgr, name, id, &stat) != 0) {
        return 0;
    }
    return qmgr_index_put(&qmgr->later, id, name, stat.mtime_wall_ns);
}

static int start_due(struct qmgr *qmgr)
{
    int64_t now_ns = sys_wall_ns(qmgr->sys);
    for (;;) {
        const struct qmgr_waiting *first = qmgr_index_first(&qmgr->later);
        if (first == NULL || first->due_wall_ns > now_ns + tolerance_ns) {
            return 0;
        }
        char copy[QUEUE_ID_BYTES_MAX + 1];
        struct str id = str_of(copy, first->id_size);
        enum queue_name name = first->name;
        for (size_t i = 0; i < id.size; i++) {
            copy[i] = first->id[i];
        }
        qmgr_index_remove(&qmgr->later, id);
        int error = start(qmgr, name, id);
        if (error != 0) {
            return error;
        }
    }
}

/* ---- the fiber ------------------------------------------------------------------------------- */

/* When what is deferred is looked at. */
struct grid {
    int64_t start_ns;  /* runs follow each queue_run_delay from here on */
    int64_t served_ns; /* the last run */
};

/* The next run that finds something: on the grid and behind the last one, or, without a delay
 * between runs, when the first message is due. It may lie in the past. */
static int64_t next_run_ns(struct qmgr *qmgr, const struct grid *grid)
{
    const struct qmgr_waiting *first = qmgr_index_first(&qmgr->later);
    if (first == NULL) {
        return SYS_FOREVER;
    }
    int64_t delay_ns = conf_time_ns(qmgr->conf, CONF_queue_run_delay);
    int64_t now_ns = sys_now_ns(qmgr->sys);
    int64_t wall_ns = sys_wall_ns(qmgr->sys);
    int64_t due_ns = now_ns + first->due_wall_ns - wall_ns;
    if (delay_ns <= 0) {
        return due_ns;
    }
    int64_t steps = (grid->served_ns - grid->start_ns) / delay_ns + 1;
    int64_t steps_to_due = (due_ns - tolerance_ns - grid->start_ns + delay_ns - 1) / delay_ns;
    return grid->start_ns + delay_ns * (steps > steps_to_due ? steps : steps_to_due);
}

static int scan_deferred(struct qmgr *qmgr, bool ignore_times)
{
    static const struct visitor visitor = {visit_deferred, NULL};
    int error = each_file(qmgr, QUEUE_DEFERRED, &visitor);
    if (ignore_times) {
        qmgr_index_expedite(&qmgr->later, sys_wall_ns(qmgr->sys));
    }
    return error != 0 ? error : start_due(qmgr);
}

static int serve_requests(struct qmgr *qmgr)
{
    static const struct visitor visitor = {visit_incoming, NULL};
    bool incoming = qmgr->scan_incoming;
    bool deferred = qmgr->scan_deferred;
    bool ignore_times = qmgr->ignore_times;
    qmgr->scan_incoming = false;
    qmgr->scan_deferred = false;
    qmgr->ignore_times = false;
    int error = incoming ? each_file(qmgr, QUEUE_INCOMING, &visitor) : 0;
    return error == 0 && deferred ? scan_deferred(qmgr, ignore_times) : error;
}

static bool has_requests(const struct qmgr *qmgr)
{
    return qmgr->scan_incoming || qmgr->scan_deferred;
}

static void warn_if(struct qmgr *qmgr, const char *what, int error)
{
    if (error != 0 && error != -ERR_CANCELED) {
        log_warning(qmgr->log, "%s: %s", what, err_sentence(error));
    }
}

void qmgr_scan_run(struct sys *sys, void *argument)
{
    struct qmgr *qmgr = argument;
    int64_t start_ns = sys_now_ns(sys);
    struct grid grid = {.start_ns = start_ns, .served_ns = start_ns};
    qmgr->scan_incoming = true;
    qmgr->scan_deferred = true;
    while (!sys_canceled(sys)) {
        warn_if(qmgr, "cannot scan the queue", serve_requests(qmgr));
        if (has_requests(qmgr)) {
            continue;
        }
        int64_t run_ns = next_run_ns(qmgr, &grid);
        int woken = sys_event_wait(sys, &qmgr->changed, run_ns);
        if (woken != -ERR_CANCELED && sys_now_ns(sys) >= run_ns) {
            grid.served_ns = run_ns;
            qmgr_destination_drop_idle(qmgr);
            warn_if(qmgr, "cannot start what is due", start_due(qmgr));
        }
    }
}
