// SPDX-License-Identifier: ISC
#include "scenario/run_residue.h"

#include "scenario/run_fault.h"
#include "scenario/run_queue.h"
#include "world/machine.h"
#include "world/process.h"

#define SECOND_NS INT64_C(1000000000)

enum {
    NEXT_START_S = 3700, /* later: records in trace/ are old then */
    RECOVERY_S = 60,
};

static const int64_t slow_ns = 10 * SECOND_NS; /* from making the file to the end of its message */

static void check_processes(struct run *run)
{
    if (run->mta->process_count > 0) {
        const struct sys *sys = list_entry(run->mta->processes.next, struct sys, in_machine);
        failure_add(&run->failures,
                    "nothing left behind: %d processes did not end within %d s of the stop, the "
                    "first is %s[%d]",
                    run->mta->process_count, RUN_STOP_S, sys->program->file, sys->pid);
    }
}

/* ---- records --------------------------------------------------------------------------------- */

/* In which queue the records of that key of windows.records lie, and of what message. */
static enum run_queue split_key(struct str key, struct str *id)
{
    struct str directory;
    int queue = RUN_QUEUE_BOUNCE;
    *id = key;
    (void)str_next(id, '/', &directory);
    while (!str_equal(directory, str_from(run_queue_directory((enum run_queue)queue)))) {
        queue++;
    }
    return (enum run_queue)queue;
}

/* It was deleted while an agent had it, and the queue manager that would have cleaned up behind the
 * agent had ended. */
static bool was_deleted_from_agent(const struct run *run, struct str id, int64_t first_ns)
{
    const struct record_message *message = record_message_of(&run->record, id);
    int64_t taken_ns = INT64_MAX;
    bool is_deleted = false;
    for (const struct record_entry *e = message != NULL ? message->first : NULL;
         e != NULL && e->at_ns <= first_ns; e = e->next_of_message) {
        if (record_is_mail(e, MAIL_EVENT_ACTIVE)) {
            taken_ns = e->at_ns;
        }
        is_deleted |=
            record_is_mail(e, MAIL_EVENT_REMOVED) && str_equal(e->mail.program, STR("postsuper"));
    }
    return is_deleted && trouble_is_between(&run->successions, taken_ns, first_ns);
}

static bool may_be_left(const struct run *run, enum run_queue queue, struct str id,
                        int64_t first_ns)
{
    return was_deleted_from_agent(run, id, first_ns) ||
           trouble_is_between(&run->failing, first_ns - slow_ns, INT64_MAX) ||
           (queue == RUN_QUEUE_TRACE &&
            trouble_is_between(&run->trouble, first_ns - slow_ns, INT64_MAX));
}

/* Adds a failure for records without a message; with an excuse only when nothing is excused any
 * more. Returns how many are excused. */
static int count_excused(struct run *run, bool any_excuse)
{
    int excused = 0;
    for (const struct map_entry *entry = map_next(&run->windows.records, NULL); entry != NULL;
         entry = map_next(&run->windows.records, entry)) {
        char path[SYS_PATH_MAX];
        struct str id;
        enum run_queue queue = split_key(entry->key, &id);
        if (!run_queue_find(run, queue, id, path) ||
            run_queue_find(run, RUN_QUEUE_COUNT, id, path)) {
            continue;
        }
        if (any_excuse && may_be_left(run, queue, id, *(const int64_t *)entry->value)) {
            excused++;
        } else {
            failure_add(&run->failures, "nothing left behind: %.*s without a message",
                        STR_ARG(entry->key));
        }
    }
    return excused;
}

static void wait(struct run *run, int64_t seconds)
{
    run_until(run, world_now_ns(run->world) + seconds * SECOND_NS);
}

/* With nothing that fails. */
static void start_next(struct run *run)
{
    run_fault_repair(run, NULL);
    wait(run, NEXT_START_S);
    run_start_mta(run);
    wait(run, RECOVERY_S);
    struct sys *master = run_master(run);
    if (master != NULL) {
        process_signal(master, SYS_SIGNAL_TERMINATE);
        wait(run, RUN_STOP_S);
    }
}

void run_residue_check(struct run *run)
{
    check_processes(run);
    if (count_excused(run, true) > 0) {
        start_next(run);
        (void)count_excused(run, false);
    }
}
