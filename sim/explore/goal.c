// SPDX-License-Identifier: ISC
#include "explore/goal.h"

#include <stdio.h>

#include "base/assert.h"
#include "base/number.h"
#include "world/machine.h"
#include "world/process.h"
#include "world/trace.h"
#include "world/world_state.h"

enum { IDS_MAX = 1000 * 1000 };

static const int64_t step_ns = INT64_C(1000000000); /* no drift between two lines of the log */
static const int64_t etrn_effect_ns = 60 * INT64_C(1000000000);

static const struct {
    const char *name;
    const char *sentence;
} goals[GOAL_COUNT] = {
#define GOAL(name, sentence) {#name, sentence},
#include "explore/goals.def"
#undef GOAL
};

const char *goal_name(enum goal goal)
{
    return goals[goal].name;
}

const char *goal_sentence(enum goal goal)
{
    return goals[goal].sentence;
}

/* ---- rounds of delivery -------------------------------------------------------------------- */

struct goal_round {
    uint64_t recipients;
    uint64_t done;
};

static void begin_round(struct goal_watch *watch, const struct mail_event *event)
{
    struct goal_round *round = map_get(&watch->rounds, event->id);
    if (round == NULL) {
        round = mem_alloc(watch->run->mem, sizeof(*round));
        int error = map_put(&watch->rounds, event->id, round);
        assert(error == 0);
    }
    *round = (struct goal_round){.recipients = 0};
    ptrdiff_t count = str_find_str(event->message, STR("nrcpt="));
    struct str rest = str_skip(event->message, (size_t)(count + 6));
    struct str number;
    if (count < 0 || !str_next(&rest, ' ', &number) ||
        number_parse_u64(number, INT32_MAX, &round->recipients) != 0) {
        round->recipients = 0;
    }
}

/* Its site has just asked for it. */
static bool was_asked_for(const struct goal_watch *watch, const struct mail_event *event)
{
    return str_equal(event->status, STR("sent")) && map_get(&watch->hurried, event->id) != NULL &&
           world_now_ns(watch->run->world) < watch->etrn_ns + etrn_effect_ns;
}

static void note_event(struct goal_watch *watch, struct str line)
{
    struct mail_event event;
    if (!mail_event_parse(line, &event)) {
        return;
    }
    struct goal_round *round = map_get(&watch->rounds, event.id);
    if (event.kind == MAIL_EVENT_ACTIVE) {
        begin_round(watch, &event);
    } else if (event.kind == MAIL_EVENT_RESULT && round != NULL) {
        round->done += mail_event_is_deferred(&event) ? 0 : 1;
        watch->reached[GOAL_sent_by_etrn] |= was_asked_for(watch, &event);
    } else if (event.kind == MAIL_EVENT_REMOVED) {
        mem_free(watch->run->mem, map_remove(&watch->rounds, event.id));
        int error = map_put(&watch->removed, event.id, watch);
        assert(error == 0);
    }
}

/* Work was cut off somewhere: perhaps between two recipients. */
static void note_crash(struct goal_watch *watch)
{
    for (struct map_entry *e = map_next(&watch->rounds, NULL); e != NULL;
         e = map_next(&watch->rounds, e)) {
        const struct goal_round *round = e->value;
        watch->reached[GOAL_split_by_crash] |= round->done > 0 && round->done < round->recipients;
    }
}

/* ---- observers ----------------------------------------------------------------------------- */

static bool is_in(struct str path, struct str directory)
{
    return str_starts_with(path, directory);
}

/* Not in a sub-directory: each is synced for itself. */
static bool is_right_in(struct str path, struct str directory)
{
    return is_in(path, directory) && str_find_last(path, '/') == (ptrdiff_t)directory.size - 1;
}

static bool runs(const struct sys *sys, const char *program)
{
    return str_equal(str_from(sys->program->file), str_from(program));
}

static bool has_argument(const struct sys *sys, const char *text)
{
    for (int i = 1; i < sys->argc; i++) {
        if (str_equal(str_from(sys->argv[i]), str_from(text))) {
            return true;
        }
    }
    return false;
}

static bool another_stands_still(const struct sys *sys)
{
    list_each(node, &sys->machine->processes)
    {
        if (list_entry(node, struct sys, in_machine)->suspended) {
            return true;
        }
    }
    return false;
}

static bool clock_was_set(struct goal_watch *watch)
{
    int64_t ahead_ns = machine_wall_ns(watch->run->mta) - world_now_ns(watch->run->world);
    int64_t change_ns = ahead_ns - watch->wall_ahead_ns;
    watch->wall_ahead_ns = ahead_ns;
    return change_ns > step_ns || change_ns < -step_ns;
}

static void observe_log(void *argument, struct sys *sys, struct str line)
{
    struct goal_watch *watch = argument;
    if (sys->machine != watch->run->mta) {
        return;
    }
    watch->reached[GOAL_daemon_hung] |= another_stands_still(sys);
    watch->reached[GOAL_clock_stepped] |= clock_was_set(watch) && goal_queue_has_mail(watch);
    watch->reached[GOAL_reloaded] |=
        watch->active_count > 0 && str_find_str(line, STR("]: reload -- version ")) >= 0;
    note_event(watch, line);
}

static void observe_renamed(void *argument, struct machine *machine, struct str from, struct str to)
{
    struct goal_watch *watch = argument;
    const struct str active = STR(RUN_QUEUE_DIRECTORY "/active/");
    const struct str incoming = STR(RUN_QUEUE_DIRECTORY "/incoming/");
    if (machine != watch->run->mta) {
        return;
    }
    if (is_in(from, STR(RUN_QUEUE_DIRECTORY "/deferred/")) && is_in(to, incoming)) {
        goal_queue_hurried(watch, to);
    }
    watch->active_count += (is_in(to, active) ? 1 : 0) - (is_in(from, active) ? 1 : 0);
    watch->incoming_count += (is_in(to, incoming) ? 1 : 0) - (is_in(from, incoming) ? 1 : 0);
    watch->names_since_sync += is_right_in(to, incoming) && is_in(from, incoming) ? 1 : 0;
    watch->reached[GOAL_active_queue_full] |=
        watch->active_count >= watch->active_limit && watch->incoming_count > 0;
}

static void observe_synced(void *argument, struct machine *machine, struct str path)
{
    struct goal_watch *watch = argument;
    if (machine != watch->run->mta) {
        return;
    }
    if (str_equal(path, STR(RUN_QUEUE_DIRECTORY "/incoming"))) {
        watch->reached[GOAL_group_commit] |= watch->names_since_sync > 1;
        watch->names_since_sync = 0;
    }
    goal_queue_synced(watch, path);
}

static void observe_call(void *argument, struct sys *sys, const struct fault_call *call,
                         uint64_t index)
{
    struct goal_watch *watch = argument;
    if (sys->machine != watch->run->mta) {
        return;
    }
    if (index == 0 && runs(sys, "master")) {
        note_crash(watch);
        goal_queue_begun(watch);
    } else if (index == 0 && runs(sys, "postqueue") && has_argument(sys, "-f")) {
        goal_queue_flushed(watch);
    }
    if (str_equal(str_from(call->name), STR("lock"))) {
        watch->calls_at_lock = sys->world->trace.count;
    }
}

static void observe_returned(void *argument, struct sys *sys, const struct trace_record *record)
{
    struct goal_watch *watch = argument;
    struct str call = str_from(record->call);
    if (sys->machine != watch->run->mta) {
        return;
    }
    if (str_equal(call, STR("lock"))) { /* what happened meanwhile is the sign of a wait */
        watch->reached[GOAL_lock_wait] |=
            record->result != 0 || sys->world->trace.count > watch->calls_at_lock + 1;
    } else if (str_equal(call, STR("fsync"))) {
        watch->reached[GOAL_sync_failed] |= record->result < 0;
    } else if (str_equal(call, STR("spawn"))) {
        watch->reached[GOAL_spawn_failed] |= record->result < 0;
    } else if (str_equal(call, STR("mkdir"))) {
        watch->reached[GOAL_hash_directory_made] |=
            record->result == 0 && str_starts_with(record->text, STR("incoming/"));
    } else if (str_equal(call, STR("pwrite")) && str_equal(record->text, STR("D"))) {
        goal_queue_marked(watch, sys, (int)record->numbers[0]);
    }
}

static void observe_written(void *argument, struct sys *sys, struct socket *socket, struct str data)
{
    struct goal_watch *watch = argument;
    (void)socket;
    if (sys->machine == watch->run->mta && str_equal(data, STR("250 Queuing started\r\n"))) {
        watch->etrn_ns = world_now_ns(sys->world);
    }
}

static void observe_ended(void *argument, struct sys *sys)
{
    struct goal_watch *watch = argument;
    if (sys->machine == watch->run->mta && sys->signal == process_signal_number(SYS_SIGNAL_KILL)) {
        note_crash(watch);
        watch->reached[GOAL_master_killed] |= runs(sys, "master");
    }
}

/* ---- life ---------------------------------------------------------------------------------- */

void goal_watch_begin(struct goal_watch *watch, struct run *run)
{
    *watch = (struct goal_watch){.run = run, .etrn_ns = INT64_MIN / 2};
    watch->observer = (struct observer){
        .argument = watch,
        .call = observe_call,
        .returned = observe_returned,
        .log = observe_log,
        .ended = observe_ended,
        .written = observe_written,
        .renamed = observe_renamed,
        .synced = observe_synced,
    };
    map_init(&watch->rounds, run->mem, IDS_MAX);
    map_init(&watch->removed, run->mem, IDS_MAX);
    map_init(&watch->marked, run->mem, IDS_MAX);
    map_init(&watch->hurried, run->mem, IDS_MAX);
    watch->wall_ahead_ns = machine_wall_ns(run->mta) - world_now_ns(run->world);
    struct str limit = run_parameter(run, STR("qmgr_message_active_limit"), STR("20000"));
    int error = number_parse_i64(limit, 0, INT64_MAX, &watch->active_limit);
    watch->active_limit = error == 0 ? watch->active_limit : INT64_MAX;
    observer_add(run->world, &watch->observer);
}

void goal_watch_end(struct goal_watch *watch)
{
    observer_remove(&watch->observer);
    goal_record_read(watch);
    goal_queue_done(watch);
    struct map_entry *entry;
    while ((entry = map_next(&watch->rounds, NULL)) != NULL) {
        mem_free(watch->run->mem, map_remove(&watch->rounds, entry->key));
    }
    map_done(&watch->rounds);
    map_done(&watch->removed);
    map_done(&watch->hurried);
}
