// SPDX-License-Identifier: ISC
#include "qmgr/qmgr_scan.h"

#include "qmgr/qmgr_message.h"
#include "queue/queue_scan.h"
#include "sys/clock.h"

static const int64_t tolerance_ns = SYS_SECOND_NS; /* a file this little early is due */

/* ---- walking through a queue ------------------------------------------------------------------- */

/* Calls visit for each id of the queue. */
static int each_file(struct qmgr *qmgr, enum queue_name name,
                     int (*visit)(struct qmgr *qmgr, enum queue_name name, struct str id))
{
    struct queue_scan scan;
    struct str id;
    int found = queue_scan_open(&qmgr->queue, name, &scan);
    if (found != 0) {
        return found;
    }
    int error = 0;
    while (error == 0 && (found = queue_scan_next(&scan, &id)) > QUEUE_FOUND_END) {
        if (found == QUEUE_FOUND_ID) {
            error = visit(qmgr, name, id);
        }
    }
    queue_scan_close(&scan);
    return error != 0 ? error : found;
}

static int stat_file(struct qmgr *qmgr, enum queue_name name, struct str id, struct sys_stat *stat)
{
    char path[QUEUE_PATH_SIZE];
    return sys_stat(qmgr->sys, SYS_HERE, queue_path(&qmgr->queue, name, id, path), stat);
}

/* ---- recovery -------------------------------------------------------------------------------- */

/* The same file under the same id in another queue: that name goes. */
static int drop_second_name(struct qmgr *qmgr, enum queue_name name, enum queue_name other,
                            struct str id)
{
    struct sys_stat here;
    struct sys_stat there;
    if (stat_file(qmgr, other, id, &there) != 0 || stat_file(qmgr, name, id, &here) != 0 ||
        here.device != there.device || here.inode != there.inode) {
        return 0;
    }
    log_warning(qmgr->log, "%.*s: found in %s and %s: kept once", STR_ARG(id),
                queue_directory(name), queue_directory(other));
    return queue_remove(&qmgr->queue, other, id);
}

static int recover_active(struct qmgr *qmgr, enum queue_name name, struct str id)
{
    int error = drop_second_name(qmgr, name, QUEUE_DEFERRED, id);
    return error != 0 ? error : queue_move(&qmgr->queue, QUEUE_ACTIVE, QUEUE_INCOMING, id);
}

static int recover_incoming(struct qmgr *qmgr, enum queue_name name, struct str id)
{
    return drop_second_name(qmgr, name, QUEUE_DEFERRED, id);
}

int qmgr_scan_recover(struct qmgr *qmgr)
{
    int error = each_file(qmgr, QUEUE_ACTIVE, recover_active);
    return error != 0 ? error : each_file(qmgr, QUEUE_INCOMING, recover_incoming);
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
    if (stat.mtime_wall_ns > now_ns + tolerance_ns && !qmgr->ignore_times) {
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

static int serve_requests(struct qmgr *qmgr)
{
    int error = 0;
    bool ignore_times = qmgr->ignore_times;
    if (qmgr->scan_incoming) {
        qmgr->scan_incoming = false;
        error = each_file(qmgr, QUEUE_INCOMING, visit_incoming);
    }
    if (error == 0 && qmgr->scan_deferred) {
        qmgr->scan_deferred = false;
        error = each_file(qmgr, QUEUE_DEFERRED, visit_deferred);
        if (ignore_times) {
            qmgr_index_expedite(&qmgr->later, sys_wall_ns(qmgr->sys));
        }
        if (error == 0) {
            error = start_due(qmgr);
        }
    }
    qmgr->ignore_times = false;
    return error;
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
            warn_if(qmgr, "cannot start what is due", start_due(qmgr));
        }
    }
}
