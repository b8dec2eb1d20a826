// SPDX-License-Identifier: ISC
#include "scenario/run_script.h"

#include "base/assert.h"
#include "scenario/run_damage.h"
#include "scenario/run_fault.h"
#include "scenario/run_process.h"
#include "scenario/run_queue.h"
#include "scenario/run_submit.h"
#include "scenario/run_watch.h"
#include "world/machine.h"
#include "world/process.h"

enum { INPUT_BYTES_MAX = 1 << 20 };

/* ---- what will happen ---------------------------------------------------------------------- */

static void add_sample(struct run *run, const struct scenario_statement *expectation)
{
    struct run_sample *sample = arena_alloc(&run->arena, sizeof(*sample));
    assert(sample != NULL);
    sample->expectation = expectation;
    sample->at_ns = scenario_number(expectation, SCENARIO_SLOT_TIME, 0);
    struct run_sample **place = &run->samples;
    while (*place != NULL && (*place)->at_ns <= sample->at_ns) {
        place = &(*place)->next;
    }
    sample->next = *place;
    *place = sample;
}

void run_script_prepare(struct run *run)
{
    for (const struct scenario_statement *e = run->scenario->expectations; e != NULL; e = e->next) {
        if (e->form == SCENARIO_FORM_EXPECT_QUEUE_COUNT || e->form == SCENARIO_FORM_EXPECT_FILES ||
            e->form == SCENARIO_FORM_EXPECT_QUEUE_EMPTY) {
            add_sample(run, e);
        }
    }
    for (const struct scenario_statement *a = run->scenario->actions; a != NULL; a = a->next) {
        if (a->form == SCENARIO_FORM_SUBMIT) {
            run_submit_prepare(run, a);
        }
    }
    run->next_action = run->scenario->actions;
    run->next_sample = run->samples;
}

/* ---- actions ------------------------------------------------------------------------------- */

/* -c CONFIG_DIRECTORY stands right behind the name, as every command but one takes it. */
static void begin_command(struct run_process *process, struct run *run, const char *program)
{
    bool is_sendmail = str_equal(str_from(program), STR("sendmail"));
    run_process_init(process, run, run->mta, program);
    run_process_argument(process, is_sendmail ? "-C" : "-c");
    run_process_argument(process, RUN_CONFIG_DIRECTORY);
}

static void flush(struct run *run, const struct scenario_statement *action)
{
    struct run_process process;
    (void)action;
    begin_command(&process, run, "postqueue");
    run_process_argument(&process, "-f");
    run_process_start(&process);
}

static const struct machine_user *user_of(struct run *run, const struct scenario_statement *action)
{
    const struct syntax_value *user = scenario_value(action, SCENARIO_SLOT_USER);
    return machine_find_user(run->mta, user != NULL ? user->text : STR("root"));
}

static void start_command(struct run *run, const struct scenario_statement *action,
                          struct str input)
{
    struct run_process process;
    const struct syntax_value *word = scenario_value(action, SCENARIO_SLOT_VALUE);
    if (world_program_find(run->world, word->text) == NULL) {
        run_fail(run, action, "seen: the mail system has no such command");
        return;
    }
    const struct machine_user *user = user_of(run, action);
    if (user == NULL) {
        run_fail(run, action, "seen: the machine has no place for such a user");
        return;
    }
    begin_command(&process, run, word->text.data);
    process.user = &user->user;
    process.input = input;
    for (word = word->next; word != NULL; word = word->next) {
        run_process_argument(&process, "%.*s", STR_ARG(run_word(run, action, word->text)));
    }
    run_process_start(&process);
}

/* Of a client's, to the mail system's SMTP server. */
static void talk(struct run *run, const struct scenario_statement *action)
{
    struct run_process process;
    run_process_init(&process, run, run->client, "peer-talk");
    run_process_argument(&process, "talk");
    run_process_zero(&process);
    run_process_option(&process, "-a", scenario_text(run->scenario->mta, SCENARIO_SLOT_IP));
    run_process_argument(&process, "--");
    for (const struct syntax_value *line = scenario_value(action, SCENARIO_SLOT_TEXT); line != NULL;
         line = line->next) {
        run_process_argument(&process, "%.*s", STR_ARG(line->text));
    }
    run_process_start(&process);
}

static void command(struct run *run, const struct scenario_statement *action)
{
    start_command(run, action, STR(""));
}

static void feed(struct run *run, const struct scenario_statement *action)
{
    struct buf input;
    buf_init(&input, run->mem, INPUT_BYTES_MAX);
    for (const struct syntax_value *line = scenario_value(action, SCENARIO_SLOT_TEXT); line != NULL;
         line = line->next) {
        buf_put(&input, run_word(run, action, line->text));
        buf_put_char(&input, '\n');
    }
    start_command(run, action, buf_str(&input));
    buf_done(&input);
}

static void signal_master(struct run *run, enum sys_signal signal)
{
    struct sys *master = run_master(run);
    if (master != NULL) {
        process_signal(master, signal);
    }
}

static void reload(struct run *run, const struct scenario_statement *action)
{
    (void)action;
    signal_master(run, SYS_SIGNAL_HANGUP);
}

static void stop(struct run *run, const struct scenario_statement *action)
{
    (void)action;
    signal_master(run, SYS_SIGNAL_TERMINATE);
    run->master_pid = 0;
}

static void start(struct run *run, const struct scenario_statement *action)
{
    (void)action;
    if (run_master(run) == NULL) {
        run_start_mta(run);
    }
}

static const struct {
    enum scenario_form form;
    void (*run)(struct run *run, const struct scenario_statement *action);
} rows[] = {
    {SCENARIO_FORM_SUBMIT, run_submit},
    {SCENARIO_FORM_FLUSH, flush},
    {SCENARIO_FORM_RELOAD, reload},
    {SCENARIO_FORM_STOP, stop},
    {SCENARIO_FORM_START, start},
    {SCENARIO_FORM_COMMAND, command},
    {SCENARIO_FORM_FEED, feed},
    {SCENARIO_FORM_TALK, talk},
    {SCENARIO_FORM_PLANT, run_damage_plant},
    {SCENARIO_FORM_PLANT_UNFINISHED, run_damage_plant},
    {SCENARIO_FORM_PLANT_DIRECTORY, run_damage_plant_directory},
    {SCENARIO_FORM_TRUNCATE, run_damage_truncate},
    {SCENARIO_FORM_ZERO, run_damage_zero},
    {SCENARIO_FORM_OVERWRITE, run_damage_overwrite},
    {SCENARIO_FORM_LINK, run_damage_link},
    {SCENARIO_FORM_MOVE, run_damage_move},
    {SCENARIO_FORM_DATE, run_damage_date},
    {SCENARIO_FORM_MODE, run_damage_mode},
    {SCENARIO_FORM_OWNER, run_damage_owner},
    {SCENARIO_FORM_POWER_CUT, run_fault_power_cut},
    {SCENARIO_FORM_FAIL, run_fault_fail},
    {SCENARIO_FORM_KILL, run_fault_kill},
    {SCENARIO_FORM_HANG, run_fault_hang},
    {SCENARIO_FORM_DISK_FULL, run_fault_disk_full},
    {SCENARIO_FORM_DISK_FREE, run_fault_disk_free},
    {SCENARIO_FORM_DISK_QUOTA, run_fault_disk_quota},
    {SCENARIO_FORM_DISK_READ_ONLY, run_fault_disk_read_only},
    {SCENARIO_FORM_DISK_SLOW, run_fault_disk_slow},
    {SCENARIO_FORM_DESCRIPTORS, run_fault_descriptors},
    {SCENARIO_FORM_MEMORY, run_fault_memory},
    {SCENARIO_FORM_CLOCK_STEP, run_fault_clock_step},
    {SCENARIO_FORM_CLOCK_GAIN, run_fault_clock_gain},
    {SCENARIO_FORM_TIMER_GAIN, run_fault_timer_gain},
    {SCENARIO_FORM_TIME_ZONE, run_fault_time_zone},
    {SCENARIO_FORM_REPAIR, run_fault_repair},
};

/* The line is meant for a message in a queue, and none has it. */
static bool lacks_message(struct run *run, const struct scenario_statement *action,
                          enum scenario_slot slot)
{
    enum run_queue queue =
        (enum run_queue)scenario_number(action, SCENARIO_SLOT_QUEUE, RUN_QUEUE_COUNT);
    for (const struct syntax_value *word = scenario_value(action, slot); word != NULL;
         word = word->next) {
        struct scenario_id id;
        char path[SYS_PATH_MAX];
        if (scenario_names_id(word->text, &id) && id.may_be_missing) {
            struct str name = record_message(&run->record, id.label, id.copy)->id;
            return name.data == NULL || !run_queue_find(run, queue, name, path);
        }
    }
    return false;
}

static void act(struct run *run, const struct scenario_statement *action)
{
    if (lacks_message(run, action, SCENARIO_SLOT_WORD) ||
        lacks_message(run, action, SCENARIO_SLOT_VALUE)) {
        return;
    }
    run_watch_action(run, action);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (rows[i].form == action->form) {
            rows[i].run(run, action);
            return;
        }
    }
    unreachable(); /* every form below `at` is an action */
}

/* ---- steps --------------------------------------------------------------------------------- */

static bool take_earlier(int64_t candidate_ns, int64_t *at_ns)
{
    if (candidate_ns < *at_ns) {
        *at_ns = candidate_ns;
    }
    return true;
}

bool run_script_next(struct run *run, int64_t *at_ns)
{
    *at_ns = INT64_MAX;
    bool more = !run->mta_was_started && take_earlier(run->scenario->mta_started_ns, at_ns);
    more |= run->next_action != NULL && take_earlier(run->next_action->at_ns, at_ns);
    more |= run->next_sample != NULL && take_earlier(run->next_sample->at_ns, at_ns);
    return more;
}

/* At one time: the start of the mail system, then the actions, then, once these had their
 * effect, the look at the queue. */
void run_script_step(struct run *run)
{
    int64_t now_ns = world_now_ns(run->world);
    bool acted = false;
    if (!run->mta_was_started && run->scenario->mta_started_ns <= now_ns) {
        run->mta_was_started = true;
        run_start_mta(run);
        acted = true;
    }
    while (run->next_action != NULL && run->next_action->at_ns <= now_ns) {
        act(run, run->next_action);
        run->next_action = run->next_action->next;
        acted = true;
    }
    if (acted) {
        return; /* the world runs at this instant again before the queue is looked at */
    }
    while (run->next_sample != NULL && run->next_sample->at_ns <= now_ns) {
        run_queue_count(run, &run->next_sample->queues);
        run->next_sample->taken = true;
        run->next_sample = run->next_sample->next;
    }
}
