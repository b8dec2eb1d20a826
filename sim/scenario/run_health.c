// SPDX-License-Identifier: ISC
#include "scenario/run_health.h"

#include "base/assert.h"
#include "world/machine.h"

#define SECOND_NS INT64_C(1000000000)

enum { TEXT_MAX = 1 << 20, CNAMES_MAX = 4 };

/* ---- when changes end ---------------------------------------------------------------------- */

static void note_change(struct run_health *health, int64_t at_ns)
{
    if (at_ns != INT64_MAX && at_ns > health->changes_end_ns) {
        health->changes_end_ns = at_ns;
    }
}

static void note_rule(struct run_health *health, const struct peer_rule *rule)
{
    if (!rule->from_first && rule->from_ns > 0) {
        note_change(health, rule->from_ns);
    }
    if (!rule->until_first) {
        note_change(health, rule->until_ns);
        return;
    }
    health->patience_rules++;
    if (rule->until_ns > health->patience_ns) {
        health->patience_ns = rule->until_ns;
    }
}

static void note_changes(struct run_health *health)
{
    const struct run *run = health->run;
    for (const struct scenario_statement *a = run->scenario->actions; a != NULL; a = a->next) {
        note_change(health, a->at_ns);
        note_change(health, a->at_ns + scenario_number(a, SCENARIO_SLOT_PERIOD, 0));
    }
    for (const struct run_peer *peer = run->peers; peer != NULL; peer = peer->next) {
        for (const struct peer_rule *rule = peer->script.rules; rule != NULL; rule = rule->next) {
            note_rule(health, rule);
        }
    }
    for (const struct zone *zone = health->zones; zone != NULL; zone = zone->next) {
        for (const struct zone_record *r = zone->records; r != NULL; r = r->next) {
            note_change(health, r->from_ns);
            note_change(health, r->until_ns);
        }
    }
}

/* As the scenario's parser has seen them already. */
static void read_zones(struct run_health *health)
{
    struct run *run = health->run;
    struct buf report;
    buf_init(&report, run->mem, TEXT_MAX);
    struct syntax_problems problems = {"", STR(""), &report, 0};
    for (const struct scenario_statement *block = run->scenario->zones; block != NULL;
         block = block->next) {
        struct zone *zone =
            zone_add(&health->zones, scenario_text(block, SCENARIO_SLOT_HOST), &run->arena);
        assert(zone != NULL);
        for (const struct scenario_statement *r = block->children; r != NULL; r = r->next) {
            bool good = zone_add_record(zone, &r->line, &run->arena, &problems);
            assert(good);
        }
    }
    buf_done(&report);
}

void run_health_init(struct run_health *health, struct run *run)
{
    *health = (struct run_health){.run = run};
    health->bounces_softly =
        str_equal(run_parameter(run, STR("soft_bounce"), STR("no")), STR("yes"));
    read_zones(health);
    note_changes(health);
}

/* ---- hosts --------------------------------------------------------------------------------- */

static bool holds_at_end(const struct run_health *health, const struct peer_rule *rule)
{
    return rule->until_ns > health->changes_end_ns && !rule->until_first;
}

/* A rule that delays nothing for long and leaves every command with an answer that is final. */
static bool is_harmless(const struct run_health *health, const struct peer_rule *rule)
{
    if (rule->stage >= PEER_STAGE_RSET) {
        return true;
    }
    if (rule->from_first || rule->delay_ns > 0 || rule->byte_interval_ns > 0) {
        return false;
    }
    if (rule->action == PEER_ACTION_OFFER) {
        return true;
    }
    bool may_refuse = rule->stage == PEER_STAGE_EHLO ||
                      (rule->stage >= PEER_STAGE_MAIL && !health->bounces_softly);
    return rule->action == PEER_ACTION_REPLY && rule->code != 421 &&
           (rule->code < 400 || (rule->code >= 500 && may_refuse));
}

static bool is_healthy(const struct run_health *health, const struct run_peer *peer)
{
    for (const struct peer_rule *rule = peer->script.rules; rule != NULL; rule = rule->next) {
        if (holds_at_end(health, rule) && !is_harmless(health, rule)) {
            return false;
        }
    }
    return true;
}

/* Whatever it says to EHLO in the end. */
static bool offers_smtputf8(const struct run_health *health, const struct run_peer *peer)
{
    const struct peer_rule *rule = peer->script.rules;
    while (rule != NULL && (rule->stage != PEER_STAGE_EHLO || !holds_at_end(health, rule))) {
        rule = rule->next;
    }
    bool offers = false;
    for (int i = 0; rule != NULL && rule->action == PEER_ACTION_OFFER && i < rule->line_count;
         i++) {
        offers |= str_equal(rule->lines[i], STR("SMTPUTF8"));
    }
    return offers;
}

static bool has_address(const struct machine *machine, const struct sys_address *address)
{
    int i = 0;
    while (i < machine->address_count && !sys_address_equal_ip(&machine->addresses[i], address)) {
        i++;
    }
    return i < machine->address_count;
}

static const struct run_peer *find_peer(const struct run_health *health,
                                        const struct sys_address *address)
{
    for (const struct run_peer *peer = health->run->peers; peer != NULL; peer = peer->next) {
        if (has_address(peer->machine, address)) {
            return peer;
        }
    }
    return NULL;
}

/* ---- the way to a host --------------------------------------------------------------------- */

/* The hosts of one preference. */
struct group {
    int preference;
    int healthy;
    int broken;
    bool needs_smtputf8; /* the message, and no host may lack it */
    bool lacks_smtputf8; /* one of them */
};

static bool look_up(const struct run_health *health, struct str name, enum zone_type type,
                    struct zone_answer *answer)
{
    for (int i = 0; i < CNAMES_MAX; i++) {
        zone_find(health->zones, name, type, health->changes_end_ns + 1, answer);
        if (answer->failure != ZONE_NO_FAILURE && answer->failure != ZONE_TRUNCATE) {
            return false;
        }
        if (answer->count == 0 || answer->records[0]->type != ZONE_CNAME) {
            return answer->failure == ZONE_NO_FAILURE;
        }
        name = answer->records[0]->target;
    }
    return false;
}

/* A name that cannot be looked up counts as a host that is broken. */
static void add_host(const struct run_health *health, struct str name, struct group *group)
{
    struct zone_answer answer;
    if (!look_up(health, name, ZONE_A, &answer) || answer.count == 0) {
        group->broken++;
        return;
    }
    for (int i = 0; i < answer.count; i++) {
        const struct run_peer *peer = find_peer(health, &answer.records[i]->address);
        bool healthy = peer != NULL && is_healthy(health, peer);
        group->healthy += healthy ? 1 : 0;
        group->broken += healthy ? 0 : 1;
        group->lacks_smtputf8 |= peer != NULL && !offers_smtputf8(health, peer);
    }
}

/* Adds the hosts of the lowest preference above the group's; false when there are none. */
static bool next_group(const struct run_health *health, const struct zone_answer *mx,
                       struct group *group)
{
    int preference = INT32_MAX;
    for (int i = 0; i < mx->count; i++) {
        int other = mx->records[i]->preference;
        preference = other > group->preference && other < preference ? other : preference;
    }
    group->preference = preference;
    for (int i = 0; i < mx->count; i++) {
        if (mx->records[i]->preference == preference) {
            add_host(health, mx->records[i]->target, group);
        }
    }
    return preference != INT32_MAX;
}

/* Broken hosts before the first healthy one, however those of one preference are mixed; all of
 * them must be within the limits of one attempt. */
static bool is_reached(const struct run_health *health, const struct group *group)
{
    const struct rules *rules = &health->run->rules;
    return group->healthy > 0 && !(group->needs_smtputf8 && group->lacks_smtputf8) &&
           (rules->sessions_max == 0 || group->broken < rules->sessions_max) &&
           (rules->addresses_max == 0 || group->broken < rules->addresses_max);
}

static struct str domain_of(struct str address)
{
    return str_skip(address, (size_t)(str_find_last(address, '@') + 1));
}

static bool has_beyond_ascii(const struct ledger_submission *submission)
{
    bool is_ascii = str_is_ascii(submission->message.sender);
    for (const struct ledger_recipient *to = submission->recipients; to != NULL; to = to->next) {
        is_ascii = is_ascii && str_is_ascii(to->given) && str_is_ascii(to->address);
    }
    return !is_ascii;
}

static bool is_reachable(const struct run_health *health,
                         const struct ledger_submission *submission, struct str address)
{
    struct str domain = domain_of(address);
    struct zone_answer mx;
    struct group group = {
        .preference = -1,
        /* Where a host without it returns the mail, that settles it. */
        .needs_smtputf8 = health->bounces_softly && has_beyond_ascii(submission),
    };
    if (!look_up(health, domain, ZONE_MX, &mx)) {
        return false;
    }
    if (mx.count == 0) {
        add_host(health, domain, &group);
        return is_reached(health, &group);
    }
    while (group.healthy == 0 && next_group(health, &mx, &group)) {}
    return is_reached(health, &group);
}

bool run_health_of_recipient(const struct run_health *health,
                             const struct ledger_submission *submission, struct str address)
{
    struct str host = scenario_text(health->run->scenario->mta, SCENARIO_SLOT_HOST);
    if (!scenario_is_known(health->run->scenario, address)) {
        return !health->bounces_softly;
    }
    return str_equal_fold(domain_of(address), str_skip(host, (size_t)(str_find(host, '.') + 1))) ||
           is_reachable(health, submission, address);
}

/* ---- the mail system ----------------------------------------------------------------------- */

enum { STOP_S = 100 }; /* what a stopped or killed mail system needs until another may start */

/* What lasts until it is taken back. */
struct state {
    bool is_running;
    bool is_hindered;
    bool may_be_cut;  /* a power cut waits for its call */
    bool may_be_down; /* a start may have failed */
    bool is_astray;   /* a clock was set: nothing can be said any more */
    int64_t down_ns;
};

static void follow_stop(struct state *state, const struct scenario_statement *action)
{
    state->is_running = false;
    state->down_ns = action->at_ns;
}

/* It may keep a mail system that comes back from starting. */
static void follow_hindrance(struct state *state)
{
    state->is_hindered = true;
    state->may_be_down |= state->may_be_cut;
}

static void follow_kill(struct state *state, const struct scenario_statement *action)
{
    if (scenario_value(action, SCENARIO_SLOT_CALL) != NULL) {
        follow_hindrance(state);
    } else if (str_equal(scenario_text(action, SCENARIO_SLOT_PROGRAM), STR("master"))) {
        follow_stop(state, action);
    }
}

static void follow_start(struct state *state, const struct scenario_statement *action)
{
    bool too_early = !state->is_running && action->at_ns < state->down_ns + STOP_S * SECOND_NS;
    state->may_be_down |= state->is_hindered || state->may_be_cut ||
                          (too_early && action->form == SCENARIO_FORM_START);
    state->is_running = true;
}

static void follow_power_cut(struct state *state, const struct scenario_statement *action)
{
    if (scenario_value(action, SCENARIO_SLOT_CALL) != NULL) {
        state->may_be_cut = true;
        state->may_be_down |= state->is_hindered;
    } else {
        follow_start(state, action);
    }
}

static void follow(struct state *state, const struct scenario_statement *action)
{
    switch ((int)action->form) {
    case SCENARIO_FORM_STOP:
        follow_stop(state, action);
        break;
    case SCENARIO_FORM_KILL:
        follow_kill(state, action);
        break;
    case SCENARIO_FORM_POWER_CUT:
        follow_power_cut(state, action);
        break;
    case SCENARIO_FORM_START:
        follow_start(state, action);
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
        follow_hindrance(state);
        break;
    case SCENARIO_FORM_CLOCK_STEP:
    case SCENARIO_FORM_CLOCK_GAIN:
    case SCENARIO_FORM_TIMER_GAIN:
        state->is_astray = true;
        break;
    case SCENARIO_FORM_REPAIR:
        state->is_hindered = false;
        state->may_be_cut = false;
        break;
    default: /* the others change nothing about it */
        break;
    }
}

bool run_health_of_mta(const struct run_health *health)
{
    struct state state = {.is_running = true};
    for (const struct scenario_statement *a = health->run->scenario->actions; a != NULL;
         a = a->next) {
        follow(&state, a);
    }
    bool runs = state.is_running && (!state.may_be_down || health->run->ran_at_end);
    return runs && !state.is_hindered && !state.may_be_cut && !state.is_astray;
}
