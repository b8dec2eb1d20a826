// SPDX-License-Identifier: ISC
#include "scenario/run.h"

#include <stdio.h>

#include "base/assert.h"
#include "scenario/run_process.h"
#include "scenario/run_queue.h"
#include "scenario/run_residue.h"
#include "scenario/run_script.h"
#include "scenario/run_unsaid.h"
#include "scenario/run_watch.h"
#include "sys/process.h"
#include "world/machine.h"
#include "world/process.h"
#include "world/socket.h"

#define SECOND_NS INT64_C(1000000000)

enum {
    ARENA_MAX = 1 << 30,
    QUIET_S = 30, /* after the last thing to be done: conversations end */
    MASTER_DEATHS_MAX = 10,
    BACK_S = 1, /* after a power cut, or the death of a supervised master */
    STATEMENT_MAX = 3000,
};

/* ---- life ---------------------------------------------------------------------------------- */

struct run *run_new(const struct run_options *options, struct mem *mem)
{
    struct run *run = mem_alloc(mem, sizeof(*run));
    run->scenario = options->scenario;
    run->options = *options;
    run->mem = mem;
    run->settled_ns = INT64_MAX;
    run->names_changed = true;
    arena_init(&run->arena, mem, ARENA_MAX);
    record_init(&run->record, mem);
    failure_init(&run->failures, mem);
    copies_init(&run->copies, &run->arena);
    trouble_init(&run->trouble, &run->arena);
    trouble_init(&run->failing, &run->arena);
    trouble_init(&run->successions, &run->arena);
    run_setup(run);
    run_watch_begin(run);
    return run;
}

void run_free(struct run *run)
{
    if (run == NULL) {
        return;
    }
    world_destroy(run->world);
    run_watch_done(run);
    copies_done(&run->copies);
    failure_done(&run->failures);
    record_done(&run->record);
    arena_done(&run->arena);
    mem_free(run->mem, run);
}

void run_fail(struct run *run, const struct scenario_statement *expectation, const char *format,
              ...)
{
    char text[STATEMENT_MAX];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);
    failure_add(&run->failures, "%s:%d: %.*s\n    %s", run->scenario->file,
                expectation->line.number, STR_ARG(expectation->text), text);
}

const struct syntax_value *run_parameter_words(const struct run *run, struct str name)
{
    for (const struct scenario_statement *line = run->scenario->mta->children; line != NULL;
         line = line->next) {
        if (line->form == SCENARIO_FORM_SET &&
            str_equal(scenario_text(line, SCENARIO_SLOT_WORD), name)) {
            return scenario_value(line, SCENARIO_SLOT_VALUE);
        }
    }
    return NULL;
}

struct str run_parameter(const struct run *run, struct str name, struct str otherwise)
{
    const struct syntax_value *word = run_parameter_words(run, name);
    return word == NULL ? otherwise : word->text;
}

struct str run_word(struct run *run, const struct scenario_statement *action, struct str word)
{
    struct scenario_id id;
    if (!scenario_names_id(word, &id)) {
        return word;
    }
    struct str name = record_message(&run->record, id.label, id.copy)->id;
    if (name.data == NULL) {
        run_fail(run, action, "seen: %.*s is in no queue file yet", STR_ARG(word));
        return STR("");
    }
    return name;
}

/* ---- the mail system ----------------------------------------------------------------------- */

struct sys *run_master(const struct run *run)
{
    return run->master_pid == 0 ? NULL : process_find(run->mta, run->master_pid);
}

void run_start_mta(struct run *run)
{
    struct run_process process;
    run_process_init(&process, run, run->mta, "master");
    run_process_argument(&process, "-c");
    run_process_argument(&process, RUN_CONFIG_DIRECTORY);
    run->master_pid = run_process_start(&process);
}

static void start_again(struct event *event)
{
    struct run *run = list_entry(event, struct run, master_start);
    run->master_is_due = false;
    run_start_mta(run);
}

static void start_later(struct run *run)
{
    run->master_pid = 0;
    run->master_is_due = true;
    event_remove(run->world, &run->master_start);
    event_add(run->world, &run->master_start, world_now_ns(run->world) + BACK_S * SECOND_NS,
              start_again);
}

void run_master_died(struct run *run)
{
    if (++run->master_death_count < MASTER_DEATHS_MAX) {
        start_later(run);
    } else {
        world_stop(run->world, WORLD_FAULT_CHECK,
                   "the mail system does not come up again: master ended %d times",
                   MASTER_DEATHS_MAX);
    }
}

void run_power_cut(struct run *run, int image)
{
    machine_power_cut(run->mta, image);
    marks_queue_manager_ended(&run->marks);
    retry_interrupted(&run->retry);
    limits_queue_manager_ended(&run->limits);
    run->caller = NULL;
    run_unsaid_power_cut(run);
    trouble_add(&run->trouble, world_now_ns(run->world), 0);
    run->names_changed = true;
    start_later(run);
}

/* ---- playing ------------------------------------------------------------------------------- */

static bool has_work(struct run *run)
{
    if (run->names_changed) {
        struct run_queues queues;
        run_queue_count(run, &queues);
        run->mail_count = run_queue_mail_count(&queues);
        run->names_changed = false;
    }
    return run->mail_count > 0 || run->client->process_count > 0 || run->master_is_due ||
           run_watch_command_runs(run);
}

/* True while clients are at work or mail is in the queue, and for a moment after that, as long as
 * something happens: conversations end. Nothing is learned any more from a run that has failed in
 * so many ways that they are only counted. */
static bool is_busy(void *argument)
{
    struct run *run = argument;
    if (run->failures.count > FAILURES_MAX) {
        return false;
    }
    if (has_work(run)) {
        run->settled_ns = INT64_MAX;
        return true;
    }
    if (run->settled_ns == INT64_MAX) {
        run->settled_ns = world_now_ns(run->world);
    }
    return world_next_event_ns(run->world) <= run->settled_ns + QUIET_S * SECOND_NS;
}

static void wake_up(struct event *event)
{
    (void)event; /* that time moves up to here is all */
}

enum world_end run_until(struct run *run, int64_t until_ns)
{
    event_add(run->world, &run->alarm, until_ns, wake_up);
    return world_run_until(run->world, until_ns);
}

static void play_script(struct run *run)
{
    int64_t until_ns;
    while (run_script_next(run, &until_ns)) {
        if (run_until(run, until_ns) == WORLD_STOPPED) {
            return;
        }
        run_script_step(run);
    }
}

static void check_fault(struct run *run)
{
    static const char *const names[] = {
        [WORLD_FAULT_CHECK] = "a promise was broken",
        [WORLD_FAULT_ASSERTION] = "assertion failed in a simulated process",
        [WORLD_FAULT_BUSY_LOOP] = "busy loop",
        [WORLD_FAULT_NO_END] = "a run without end",
    };
    enum world_fault fault = world_stopped(run->world);
    if (fault != WORLD_FAULT_NONE) {
        failure_add(&run->failures, "%s: %s", names[fault], world_stop_text(run->world));
    }
}

static void stop_mta(struct run *run)
{
    struct sys *master = run_master(run);
    run->ran_at_end = master != NULL;
    if (master == NULL) {
        return;
    }
    run->at_call = NULL; /* the story is over: a sweep ends here, and what hangs goes on */
    run->supervised = false;
    list_each(node, &run->mta->processes)
    {
        process_resume(list_entry(node, struct sys, in_machine));
    }
    process_signal(master, SYS_SIGNAL_TERMINATE);
    if (run_until(run, world_now_ns(run->world) + RUN_STOP_S * SECOND_NS) != WORLD_STOPPED) {
        run_residue_check(run);
    }
}

void run_play(struct run *run)
{
    run_script_prepare(run);
    play_script(run);
    if (world_stopped(run->world) == WORLD_FAULT_NONE) {
        world_run_while(run->world, is_busy, run, run->scenario->limit_ns);
    }
    run->end_ns = world_now_ns(run->world);
    run_queue_count(run, &run->end_queues);
    if (world_stopped(run->world) == WORLD_FAULT_NONE) {
        stop_mta(run);
    }
    check_fault(run);
}
