// SPDX-License-Identifier: ISC
#include "qmgr/qmgr_scan.h"

#include <string.h>

#include "qmgr/qmgr_agent.h"
#include "qmgr/qmgr_message.h"
#include "queue/queue_scan.h"
#include "sys/clock.h"

static const int64_t tolerance_ns = SYS_SECOND_NS; /* a file this little early is due */

struct walk { /* through one queue */
    struct queue_scan scan;
    bool is_open;
    bool ignores_times;
    bool flushes;
};

struct scanner {
    struct qmgr *qmgr;
    struct walk incoming;
    struct walk deferred;
    bool flushes;        /* what is due now was flushed */
    bool run;            /* a point of the grid was reached: what is due then is taken */
    int64_t run_wall_ns; /* ... that is what was due at this time */
    int64_t recheck_ns;  /* when deferred/ is read again */
};

static void warn_if(struct qmgr *qmgr, const char *what, int error)
{
    if (error < 0 && error != -ERR_CANCELED) {
        log_warning(qmgr->log, "%s: %s", what, err_sentence(error));
    }
}

/* ---- walks -------------------------------------------------------------------------------------- */

static void begin_walk(struct qmgr *qmgr, struct walk *walk, enum queue_name name)
{
    if (walk->is_open) {
        queue_scan_close(&walk->scan);
    }
    int error = queue_scan_open(&qmgr->queue, name, &walk->scan);
    walk->is_open = error == 0;
    warn_if(qmgr, "cannot scan the queue", error);
}

/* The next id; false at the end, where the walk is closed. */
static bool next_id(struct qmgr *qmgr, struct walk *walk, struct str *id)
{
    int kind = QUEUE_FOUND_TEMPORARY;
    while (kind == QUEUE_FOUND_TEMPORARY) {
        kind = queue_scan_next(&walk->scan, id);
    }
    if (kind == QUEUE_FOUND_ID) {
        return true;
    }
    warn_if(qmgr, "cannot scan the queue", kind);
    queue_scan_close(&walk->scan);
    walk->is_open = false;
    return false;
}

static void remember(struct qmgr *qmgr, enum queue_name name, struct str id, int64_t due_wall_ns)
{
    if (qmgr_index_put(&qmgr->later, id, name, due_wall_ns) != 0) {
        log_warning(qmgr->log, "%.*s: too much mail waits; a later scan finds it", STR_ARG(id));
    }
}

/* The file's time, unless the message is at work or has gone. */
static bool find_time(struct qmgr *qmgr, enum queue_name name, struct str id, int64_t *due_wall_ns)
{
    char path[QUEUE_PATH_SIZE];
    struct sys_stat stat;
    if (map_get(&qmgr->messages, id) != NULL ||
        sys_stat(qmgr->sys, SYS_HERE, queue_path(&qmgr->queue, name, id, path), &stat) != 0) {
        return false;
    }
    *due_wall_ns = stat.mtime_wall_ns;
    return map_get(&qmgr->messages, id) == NULL;
}

/* ---- one turn ----------------------------------------------------------------------------------- */

/* Each of these does one step: true when it did something. */

static bool take_incoming(struct scanner *scanner)
{
    struct qmgr *qmgr = scanner->qmgr;
    struct walk *walk = &scanner->incoming;
    struct str id;
    int64_t due_wall_ns;
    if (!walk->is_open || !qmgr_message_is_room(qmgr)) {
        return false;
    }
    if (!next_id(qmgr, walk, &id) || !find_time(qmgr, QUEUE_INCOMING, id, &due_wall_ns)) {
        return true;
    }
    const struct qmgr_finding finding = {QUEUE_INCOMING, walk->ignores_times, walk->flushes};
    if (!walk->ignores_times && due_wall_ns > sys_wall_ns(qmgr->sys) + tolerance_ns) {
        remember(qmgr, QUEUE_INCOMING, id, due_wall_ns);
    } else if (qmgr_message_find(qmgr, &finding, id) == -ERR_LIMIT) {
        qmgr->requests.incoming = true; /* the room was taken meanwhile */
    }
    return true;
}

static bool read_deferred(struct scanner *scanner)
{
    struct qmgr *qmgr = scanner->qmgr;
    struct walk *walk = &scanner->deferred;
    struct str id;
    int64_t due_wall_ns;
    if (!walk->is_open) {
        return false;
    }
    if (next_id(qmgr, walk, &id)) {
        if (find_time(qmgr, QUEUE_DEFERRED, id, &due_wall_ns)) {
            remember(qmgr, QUEUE_DEFERRED, id, due_wall_ns);
        }
        return true;
    }
    /* What was asked for is taken as soon as all of it is known. */
    scanner->run = true;
    scanner->run_wall_ns = sys_wall_ns(qmgr->sys);
    scanner->flushes = walk->flushes;
    if (walk->ignores_times) {
        qmgr_index_expedite(&qmgr->later, INT64_MIN);
    }
    return true;
}

static int64_t earliest(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static bool take_due(struct scanner *scanner)
{
    struct qmgr *qmgr = scanner->qmgr;
    struct qmgr_waiting first;
    if (!scanner->run || qmgr->ends || !qmgr_message_is_room(qmgr)) {
        return false;
    }
    /* The clock may have been set back while there was no room. */
    int64_t until_ns = earliest(scanner->run_wall_ns, sys_wall_ns(qmgr->sys)) + tolerance_ns;
    if (!qmgr_index_first(&qmgr->later, &first) || first.due_wall_ns > until_ns) {
        scanner->run = false;
        return false;
    }
    struct str id = str_from(first.id);
    qmgr_index_remove(&qmgr->later, id);
    const struct qmgr_finding finding = {first.name, first.due_wall_ns == INT64_MIN,
                                         scanner->flushes};
    int error = qmgr_message_find(qmgr, &finding, id);
    (void)error; /* there was room, and who is at work needs nothing */
    return true;
}

/* ---- requests ----------------------------------------------------------------------------------- */

static void begin_requested(struct scanner *scanner)
{
    struct qmgr *qmgr = scanner->qmgr;
    struct qmgr_requests requests = qmgr->requests;
    qmgr->requests = (struct qmgr_requests){.incoming = false};
    if (requests.incoming) {
        scanner->incoming.ignores_times = requests.ignores_times;
        scanner->incoming.flushes = requests.flushes;
        begin_walk(qmgr, &scanner->incoming, QUEUE_INCOMING);
    }
    if (requests.deferred) {
        scanner->deferred.ignores_times = requests.ignores_times;
        scanner->deferred.flushes = requests.flushes;
        begin_walk(qmgr, &scanner->deferred, QUEUE_DEFERRED);
        scanner->recheck_ns =
            sys_deadline(qmgr->sys, conf_time_ns(qmgr->conf, CONF_deferred_recheck_time));
    }
}

/* A scan that is asked for during a scan begins at its end. */
static bool take_requests(struct scanner *scanner)
{
    const struct qmgr_requests *requests = &scanner->qmgr->requests;
    bool waits = (requests->incoming && scanner->incoming.is_open) ||
                 (requests->deferred && scanner->deferred.is_open);
    if (waits || (!requests->incoming && !requests->deferred)) {
        return false;
    }
    begin_requested(scanner);
    return true;
}

/* ---- time --------------------------------------------------------------------------------------- */

int64_t qmgr_scan_run_ns(const struct qmgr *qmgr, int64_t due_wall_ns)
{
    const struct qmgr_runs *runs = &qmgr->runs;
    int64_t delay_ns = conf_time_ns(qmgr->conf, CONF_queue_run_delay);
    int64_t now_ns = sys_now_ns(qmgr->sys);
    int64_t wall_ns = sys_wall_ns(qmgr->sys);
    int64_t due_ns = due_wall_ns == INT64_MIN ? now_ns : now_ns + due_wall_ns - wall_ns;
    if (delay_ns <= 0) {
        return due_ns;
    }
    int64_t steps = (runs->served_ns - runs->start_ns) / delay_ns + 1;
    int64_t steps_to_due = (due_ns - tolerance_ns - runs->start_ns + delay_ns - 1) / delay_ns;
    return runs->start_ns + delay_ns * (steps > steps_to_due ? steps : steps_to_due);
}

/* The next run that finds something. It may lie in the past. */
static int64_t next_run_ns(const struct scanner *scanner)
{
    struct qmgr *qmgr = scanner->qmgr;
    struct qmgr_waiting first;
    if (scanner->run || qmgr->ends || !qmgr_index_first(&qmgr->later, &first)) {
        return SYS_FOREVER;
    }
    return qmgr_scan_run_ns(qmgr, first.due_wall_ns);
}

static void serve_times(struct scanner *scanner, int64_t run_ns)
{
    struct qmgr *qmgr = scanner->qmgr;
    int64_t now_ns = sys_now_ns(qmgr->sys);
    if (now_ns >= run_ns) {
        qmgr_schedule_check_invariants(&qmgr->schedule);
        scanner->qmgr->runs.served_ns = run_ns;
        scanner->run = true;
        scanner->flushes = false;
        scanner->run_wall_ns = sys_wall_ns(qmgr->sys);
    }
    if (now_ns >= scanner->recheck_ns) {
        qmgr->requests.deferred = true;
        scanner->recheck_ns = SYS_FOREVER; /* until it begins */
    }
    if (now_ns >= qmgr_schedule_wake_ns(&qmgr->schedule)) {
        qmgr_schedule_tick(&qmgr->schedule, now_ns);
        qmgr_agent_dispatch(qmgr);
    }
}

static void wait_for_something(struct scanner *scanner)
{
    struct qmgr *qmgr = scanner->qmgr;
    int64_t run_ns = next_run_ns(scanner);
    int64_t wake_ns = earliest(qmgr_schedule_wake_ns(&qmgr->schedule), scanner->recheck_ns);
    int error = sys_event_wait(qmgr->sys, &qmgr->changed, earliest(run_ns, wake_ns));
    if (error != -ERR_CANCELED) {
        serve_times(scanner, run_ns);
    }
}

/* ---- the fiber ---------------------------------------------------------------------------------- */

static bool turn(struct scanner *scanner)
{
    bool did = take_requests(scanner);
    did |= take_incoming(scanner);
    did |= take_due(scanner);
    did |= read_deferred(scanner);
    return did;
}

static void close_walk(struct walk *walk)
{
    if (walk->is_open) {
        queue_scan_close(&walk->scan);
    }
}

void qmgr_scan_run(struct sys *sys, void *argument)
{
    struct qmgr *qmgr = argument;
    struct scanner *scanner = mem_alloc(sys_mem(sys), sizeof(*scanner));
    int64_t start_ns = sys_now_ns(sys);
    *scanner = (struct scanner){.qmgr = qmgr, .recheck_ns = SYS_FOREVER};
    qmgr->runs = (struct qmgr_runs){.start_ns = start_ns, .served_ns = start_ns};
    qmgr->requests = (struct qmgr_requests){.incoming = true, .deferred = true};
    while (!sys_canceled(sys)) {
        if (!turn(scanner)) {
            wait_for_something(scanner);
        }
    }
    close_walk(&scanner->incoming);
    close_walk(&scanner->deferred);
    mem_free(sys_mem(sys), scanner);
}
