// SPDX-License-Identifier: ISC
#include "scenario/run_watch.h"

#include <stdio.h>

#include "check/residue.h"
#include "scenario/run_unsaid.h"
#include "world/machine.h"
#include "world/process.h"
#include "world/socket.h"
#include "world/world_state.h"

enum { SMTP_PORT = 25, UNSAID_MAX = 100 * 1000 };

static bool runs_program(const struct sys *sys, const char *file)
{
    return str_equal(str_from(sys->program->file), str_from(file));
}

/* ---- what is seen ---------------------------------------------------------------------------- */

/* Connections of the mail system to any address of that machine, those not yet accepted included. */
static int count_connections(const struct run *run, const struct machine *peer)
{
    int count = 0;
    list_each(node, &run->world->network.streams)
    {
        const struct socket *socket = list_entry(node, struct socket, in_network);
        count += socket->machine == run->mta && !socket->closed &&
                 socket->remote.port == SMTP_PORT &&
                 network_machine(&run->world->network, run->mta, &socket->remote) == peer;
    }
    return count;
}

static void take_report(struct run *run, struct sys *sys, const struct record_entry *report)
{
    struct str peer = record_text(report, PEER_REPORT_SLOT_PEER);
    struct str text = record_text(report, PEER_REPORT_SLOT_TEXT);
    int64_t connection = record_number(report, PEER_REPORT_SLOT_NUMBER);
    if (record_is_report(report, PEER_REPORT_OPENED)) {
        limits_connected(&run->limits, peer, count_connections(run, sys->machine));
    } else if (record_is_report(report, PEER_REPORT_COMMAND)) {
        limits_command(&run->limits, peer, connection, text);
        offers_command(&run->offers, peer, connection, text);
    } else if (record_is_report(report, PEER_REPORT_REPLY)) {
        offers_reply(&run->offers, peer, connection, text);
    }
}

static void see_log(void *argument, struct sys *sys, struct str line)
{
    struct run *run = argument;
    int64_t now_ns = world_now_ns(run->world);
    record_add(&run->record, now_ns, line);
    const struct record_entry *entry = run->record.last;
    if (sys->machine != run->mta) {
        take_report(run, sys, entry);
    } else if (entry->kind == RECORD_MAIL) {
        marks_logged(&run->marks, &entry->mail, now_ns);
        limits_logged(&run->limits, &entry->mail);
        retry_logged(&run->retry, &entry->mail, machine_wall_ns(run->mta));
        if (entry->mail.kind == MAIL_EVENT_REMOVED && runs_program(sys, "postsuper")) {
            run_unsaid_logged(run, entry->mail.id);
        }
    }
}

static void note_arrival(struct run *run, struct str path)
{
    if (str_starts_with(path, STR(RUN_MAIL_DIRECTORY "/")) &&
        str_find_str(path, STR("/new/")) > 0) {
        copies_arrived(&run->copies, path, world_now_ns(run->world));
    }
}

/* The queue is looked at again only after names changed. */
static void see_renamed(void *argument, struct machine *machine, struct str from, struct str to)
{
    struct run *run = argument;
    if (machine == run->mta) {
        run->names_changed = true;
        if (to.size == 0 && run->caller != NULL) {
            run_unsaid_removed(run, run->caller, from);
        }
        note_arrival(run, to);
        windows_named(&run->windows, to, world_now_ns(run->world));
        marks_renamed(&run->marks, from, to);
        limits_renamed(&run->limits, from, to, machine_wall_ns(run->mta));
        retry_renamed(&run->retry, from, to, machine_wall_ns(run->mta), world_now_ns(run->world));
    }
}

static bool accepts_mail(const struct sys *sys)
{
    return runs_program(sys, "smtpd") || runs_program(sys, "qmqpd") ||
           runs_program(sys, "postdrop");
}

static void see_written(void *argument, struct sys *sys, struct socket *socket, struct str data)
{
    struct run *run = argument;
    (void)socket;
    if (sys->machine == run->mta && accepts_mail(sys)) {
        durability_written(&run->durability, data);
    }
}

static void see_synced(void *argument, struct machine *machine, struct str path)
{
    struct run *run = argument;
    if (machine == run->mta) {
        durability_synced(&run->durability, path);
        marks_synced(&run->marks, path, world_now_ns(run->world));
    }
}

static void see_call(void *argument, struct sys *sys, const struct fault_call *call, uint64_t index)
{
    struct run *run = argument;
    (void)index;
    run->caller = sys;
    if (run->at_call != NULL && sys->machine == run->mta) {
        run->at_call(run, sys, call);
    }
}

/* A power cut tells for itself. */
static void see_struck(void *argument, struct sys *sys, const struct fault *fault)
{
    struct run *run = argument;
    if (sys->machine == run->mta && fault->effect != FAULT_STRIKE) {
        bool hangs = fault->effect == FAULT_HANG;
        trouble_add(&run->trouble, world_now_ns(run->world),
                    hangs ? process_standstill_ns(sys, fault->hang_ns) : 0);
        if (fault->effect == FAULT_FAIL) {
            trouble_add(&run->failing, world_now_ns(run->world), 0);
        }
    }
}

/* A command of the script, or one that such a command started. Everybody else only logs. */
static bool is_command(const struct run *run, const struct sys *sys)
{
    const struct sys *parent = process_find(run->mta, sys->parent_pid);
    if (parent != NULL) {
        return runs_program(parent, "sendmail") || runs_program(parent, "peer-submit");
    }
    return sys->parent_pid == 1 && !runs_program(sys, "master");
}

bool run_watch_command_runs(const struct run *run)
{
    list_each(node, &run->mta->processes)
    {
        if (is_command(run, list_entry(node, struct sys, in_machine))) {
            return true;
        }
    }
    return false;
}

static void see_ended(void *argument, struct sys *sys)
{
    struct run *run = argument;
    run->caller = run->caller == sys ? NULL : run->caller;
    if (runs_program(sys, "peer-talk")) {
        record_add_output(&run->record, world_now_ns(run->world), buf_str(&sys->output));
    }
    if (sys->machine != run->mta || runs_program(sys, "peer-submit")) {
        return;
    }
    residue_check(sys, &run->failures);
    run_unsaid_ended(run, sys);
    if (runs_program(sys, "qmgr")) {
        trouble_add(&run->successions, world_now_ns(run->world), 0);
        marks_queue_manager_ended(&run->marks);
        retry_interrupted(&run->retry);
        limits_queue_manager_ended(&run->limits);
    }
    if (run->supervised && sys->pid == run->master_pid && (sys->status != 0 || sys->signal != 0)) {
        run_master_died(run);
    }
    if (is_command(run, sys)) {
        record_add_output(&run->record, world_now_ns(run->world), buf_str(&sys->output));
        record_add_output(&run->record, world_now_ns(run->world), buf_str(&sys->error_output));
        record_add_exit(&run->record, world_now_ns(run->world), str_from(sys->program->file),
                        sys->status);
    }
}

/* ---- life ------------------------------------------------------------------------------------ */

static void read_rules(struct run *run)
{
    rules_init(&run->rules);
    for (const struct scenario_statement *line = run->scenario->mta->children; line != NULL;
         line = line->next) {
        const struct syntax_value *value = scenario_value(line, SCENARIO_SLOT_VALUE);
        if (line->form == SCENARIO_FORM_SET && value != NULL && value->next == NULL) {
            rules_set(&run->rules, scenario_text(line, SCENARIO_SLOT_WORD), value->text);
        }
    }
}

void run_watch_begin(struct run *run)
{
    const struct disk *disk = run->mta->disk;
    read_rules(run);
    durability_init(&run->durability, run->mem, disk, RUN_QUEUE_DIRECTORY, &run->failures);
    marks_init(&run->marks, &run->rules, run->mem, disk, RUN_QUEUE_DIRECTORY, &run->failures);
    retry_init(&run->retry, &run->rules, &run->trouble, &run->failing, run->mem, disk,
               RUN_QUEUE_DIRECTORY, &run->failures);
    windows_init(&run->windows, &run->trouble, &run->rules, run->mem, RUN_QUEUE_DIRECTORY);
    map_init(&run->unsaid, run->mem, UNSAID_MAX);
    limits_init(&run->limits, &run->rules, run->mem, disk, RUN_QUEUE_DIRECTORY, &run->failures);
    offers_init(&run->offers, run->mem, &run->failures);
    for (const struct scenario_statement *zone = run->scenario->zones; zone != NULL;
         zone = zone->next) {
        run->limits.destination_count++;
    }
    run->observer = (struct observer){
        .argument = run,
        .call = see_call,
        .struck = see_struck,
        .log = see_log,
        .ended = see_ended,
        .written = see_written,
        .renamed = see_renamed,
        .synced = see_synced,
    };
    observer_add(run->world, &run->observer);
}

void run_watch_done(struct run *run)
{
    durability_done(&run->durability);
    marks_done(&run->marks);
    retry_done(&run->retry);
    limits_done(&run->limits);
    offers_done(&run->offers);
    windows_done(&run->windows);
    map_done(&run->unsaid);
}

void run_watch_hindered(struct run *run)
{
    marks_set_hindered(&run->marks, true);
    retry_set_hindered(&run->retry, true);
}

void run_watch_action(struct run *run, const struct scenario_statement *action)
{
    int64_t step_ns;
    switch ((int)action->form) {
    case SCENARIO_FORM_SUBMIT:
        break;
    case SCENARIO_FORM_CLOCK_STEP:
        step_ns = scenario_number(action, SCENARIO_SLOT_TIME, 0);
        retry_clock_stepped(&run->retry, step_ns, machine_wall_ns(run->mta) + step_ns);
        if (step_ns < 0) {
            limits_clock_set_back(&run->limits);
        }
        break;
    case SCENARIO_FORM_CLOCK_GAIN:
    case SCENARIO_FORM_TIMER_GAIN:
        retry_clock_gains(&run->retry);
        break;
    case SCENARIO_FORM_FAIL:
    case SCENARIO_FORM_HANG:
    case SCENARIO_FORM_DISK_FULL:
    case SCENARIO_FORM_DISK_FREE:
    case SCENARIO_FORM_DISK_QUOTA:
    case SCENARIO_FORM_DISK_READ_ONLY:
    case SCENARIO_FORM_DISK_SLOW:
    case SCENARIO_FORM_DESCRIPTORS:
    case SCENARIO_FORM_MEMORY:
    case SCENARIO_FORM_OWNER: /* calls on the file fail */
        run_watch_hindered(run);
        break;
    case SCENARIO_FORM_REPAIR:
        marks_set_hindered(&run->marks, false);
        retry_set_hindered(&run->retry, false);
        trouble_end(&run->trouble, world_now_ns(run->world));
        trouble_end(&run->failing, world_now_ns(run->world));
        break;
    default: /* may have the queue manager look at all mail */
        retry_expedited(&run->retry, machine_wall_ns(run->mta));
        break;
    }
}
