// SPDX-License-Identifier: ISC
#include "base/assert.h"
#include "base/err.h"
#include "base/list.h"
#include "peer/peer_script.h"
#include "peer/zone.h"
#include "scenario/scenario.h"
#include "scenario/scenario_check.h"

enum { DEPTH_MAX = 4, INSTANCE_NAME_MAX = 1000 };

/* A line under which the next lines may stand. */
struct level {
    int indent;
    enum scenario_context context;
    struct scenario_statement *statement; /* NULL: the file itself */
    struct scenario_statement **end;      /* of its children */
};

struct parser {
    struct arena *arena;
    struct syntax_problems *problems;
    const struct syntax_variable *variables;
    struct level levels[DEPTH_MAX];
    int depth;
    struct scenario_statement *statements; /* of the top */
    struct peer_script script;             /* of the peer block at hand, for its checks */
    struct zone *zone;                     /* of the zone block at hand */
    bool seen[SCENARIO_FORM_RECORD];
};

/* ---- variables ----------------------------------------------------------------------------- */

struct variable_line {
    struct variable_line *next;
    struct syntax_match match;
};

static bool is_plain(struct str text)
{
    for (size_t i = 0; i < text.size; i++) {
        if (!char_is_print(text.data[i]) || text.data[i] == ' ' ||
            str_find(STR("{}<>\"#$"), text.data[i]) >= 0) {
            return false;
        }
    }
    return text.size > 0;
}

static bool check_variable(const struct variable_line *line, struct syntax_problems *problems)
{
    for (const struct syntax_value *value = line->match.values[SCENARIO_SLOT_VALUE]; value != NULL;
         value = value->next) {
        if (!is_plain(value->text)) {
            syntax_problem(problems, line->match.line->number, value->column, NULL,
                           "expected values without spaces and without {}<>\"#$");
            return false;
        }
    }
    return true;
}

/* Collects the `for` lines; false after a problem. */
static bool find_variables(struct arena *arena, struct str text, struct syntax_problems *problems,
                           struct variable_line **lines)
{
    struct str rest = text;
    struct str line_text;
    for (int number = 1; str_next(&rest, '\n', &line_text); number++) {
        if (!str_starts_with(line_text, STR("for "))) {
            continue;
        }
        struct syntax_line *line = arena_alloc(arena, sizeof(*line));
        struct variable_line *variable = arena_alloc(arena, sizeof(*variable));
        if (line == NULL || variable == NULL ||
            !syntax_line_parse(arena, line_text, number, NULL, problems, line) ||
            !syntax_match(&scenario_language, SCENARIO_TOP, line, arena, problems,
                          &variable->match) ||
            !check_variable(variable, problems)) {
            return false;
        }
        *lines = variable;
        lines = &variable->next;
    }
    return true;
}

static int value_count(const struct variable_line *line)
{
    int count = 0;
    for (const struct syntax_value *value = line->match.values[SCENARIO_SLOT_VALUE]; value != NULL;
         value = value->next) {
        count++;
    }
    return count;
}

int scenario_instance_count(struct arena *arena, struct str text, struct syntax_problems *problems)
{
    struct variable_line *lines = NULL;
    if (!find_variables(arena, text, problems, &lines)) {
        return 0;
    }
    int count = 1;
    for (const struct variable_line *line = lines; line != NULL; line = line->next) {
        count *= value_count(line);
        if (count > SCENARIO_INSTANCES_MAX) {
            syntax_problem(problems, line->match.line->number, 1, NULL,
                           "expected at most %d instances of one scenario", SCENARIO_INSTANCES_MAX);
            return 0;
        }
    }
    return count;
}

/* The values of one instance: its index is a number whose digits are the lines' choices. */
static const struct syntax_variable *choose_values(struct arena *arena,
                                                   const struct variable_line *lines, int instance)
{
    struct syntax_variable *variables = NULL;
    struct syntax_variable **end = &variables;
    for (const struct variable_line *line = lines; line != NULL; line = line->next) {
        int count = value_count(line);
        const struct syntax_value *value = line->match.values[SCENARIO_SLOT_VALUE];
        for (int skip = instance % count; skip > 0; skip--) {
            value = value->next;
        }
        instance /= count;
        struct syntax_variable *variable = arena_alloc(arena, sizeof(*variable));
        if (variable == NULL) {
            return NULL;
        }
        variable->name = line->match.values[SCENARIO_SLOT_WORD]->text;
        variable->value = value->text;
        *end = variable;
        end = &variable->next;
    }
    return variables;
}

static struct str instance_name(struct arena *arena, const struct syntax_variable *variables)
{
    struct buf name;
    buf_init(&name, arena->mem, INSTANCE_NAME_MAX);
    for (const struct syntax_variable *v = variables; v != NULL; v = v->next) {
        buf_putf(&name, "%s%.*s=%.*s", v == variables ? "" : " ", STR_ARG(v->name),
                 STR_ARG(v->value));
    }
    struct str copy = arena_copy(arena, buf_str(&name));
    buf_done(&name);
    return copy;
}

/* ---- lines --------------------------------------------------------------------------------- */

static struct str line_text(struct arena *arena, const struct syntax_line *line)
{
    struct buf text;
    buf_init(&text, arena->mem, SCENARIO_BYTES_MAX);
    syntax_line_write(line, &text);
    struct str copy = arena_copy(arena, buf_str(&text));
    buf_done(&text);
    return copy;
}

/* The level to which a line of that indentation belongs; levels below it are closed. */
static struct level *find_level(struct parser *p, const struct syntax_line *line)
{
    while (p->depth > 1 && line->indent <= p->levels[p->depth - 1].indent) {
        p->depth--;
    }
    struct level *level = &p->levels[p->depth - 1];
    const struct scenario_statement *first =
        level->statement == NULL ? NULL : level->statement->children;
    int wanted = level->statement == NULL ? 0 : first == NULL ? line->indent : first->line.indent;
    if (level->context == SCENARIO_NOWHERE || line->indent != wanted) {
        syntax_problem(p->problems, line->number, line->indent + 1,
                       "what belongs to a statement is indented below it, all lines alike",
                       level->context == SCENARIO_NOWHERE ? "nothing may stand below the line above"
                                                          : "expected %d spaces before this line",
                       wanted);
        return NULL;
    }
    return level;
}

/* What is special about some blocks begins with their first line. */
static bool begin_block(struct parser *p, const struct scenario_statement *statement)
{
    if (statement->form == SCENARIO_FORM_PEER) {
        peer_script_init(&p->script);
    }
    if (statement->form == SCENARIO_FORM_ZONE) {
        struct zone *zones = NULL;
        p->zone = zone_add(&zones, scenario_text(statement, SCENARIO_SLOT_HOST), p->arena);
        return p->zone != NULL;
    }
    return true;
}

/* What a file says about itself and its system under test, it says once. */
static bool check_once(struct parser *p, const struct scenario_statement *statement)
{
    static const enum scenario_form once[] = {
        SCENARIO_FORM_SCENARIO, SCENARIO_FORM_TAGS,    SCENARIO_FORM_WORLDS, SCENARIO_FORM_LATENCY,
        SCENARIO_FORM_LIMIT,    SCENARIO_FORM_DISK,    SCENARIO_FORM_SYNC,   SCENARIO_FORM_SWEEP,
        SCENARIO_FORM_MTA,      SCENARIO_FORM_STARTED,
    };
    for (size_t i = 0; i < sizeof(once) / sizeof(once[0]); i++) {
        if (once[i] == statement->form && p->seen[statement->form]) {
            syntax_problem(p->problems, statement->line.number, statement->line.indent + 1, NULL,
                           "expected only one `%.*s`", STR_ARG(statement->line.words[0].text));
            return false;
        }
    }
    p->seen[statement->form] = true;
    return true;
}

static bool match_line(struct parser *p, enum scenario_context context,
                       struct scenario_statement *statement)
{
    if (context == SCENARIO_PEER) {
        statement->form = SCENARIO_FORM_RULE;
        return peer_script_add(&p->script, &statement->line, p->arena, p->problems);
    }
    if (context == SCENARIO_ZONE) {
        statement->form = SCENARIO_FORM_RECORD;
        return zone_add_record(p->zone, &statement->line, p->arena, p->problems);
    }
    if (!syntax_match(&scenario_language, context, &statement->line, p->arena, p->problems,
                      &statement->match)) {
        return false;
    }
    statement->form = (enum scenario_form)statement->match.form;
    return check_once(p, statement) && begin_block(p, statement);
}

static void open_level(struct parser *p, struct scenario_statement *statement)
{
    assert(p->depth < DEPTH_MAX);
    p->levels[p->depth++] = (struct level){
        .indent = statement->line.indent,
        .context = scenario_below(statement->form),
        .statement = statement,
        .end = &statement->children,
    };
}

/* A line that does not match stands for nothing, but what is below it is not its fault: it is
 * left unread too. */
static void add_line(struct parser *p, struct str text, int number, int *skip_below)
{
    struct scenario_statement *statement = arena_alloc(p->arena, sizeof(*statement));
    if (statement == NULL) {
        syntax_problem(p->problems, number, 1, NULL, "the file is too long");
        return;
    }
    struct syntax_line *line = &statement->line;
    if (!syntax_line_parse(p->arena, text, number, p->variables, p->problems, line) ||
        line->word_count == 0 || (*skip_below >= 0 && line->indent > *skip_below)) {
        return;
    }
    *skip_below = -1;
    struct level *level = find_level(p, line);
    if (level == NULL || !match_line(p, level->context, statement)) {
        *skip_below = line->indent;
        return;
    }
    statement->text = line_text(p->arena, line);
    *level->end = statement;
    level->end = &statement->next;
    open_level(p, statement);
}

static void read_lines(struct parser *p, struct str text)
{
    p->levels[0] = (struct level){-1, SCENARIO_TOP, NULL, &p->statements};
    p->depth = 1;
    int skip_below = -1;
    struct str rest = text;
    struct str line;
    for (int number = 1; str_next(&rest, '\n', &line); number++) {
        add_line(p, line, number, &skip_below);
    }
}

/* ---- the scenario -------------------------------------------------------------------------- */

static unsigned world_set(const struct scenario_statement *statement)
{
    unsigned worlds = 0;
    for (const struct syntax_value *value = scenario_value(statement, SCENARIO_SLOT_WORLD);
         value != NULL; value = value->next) {
        worlds |= 1U << value->low;
    }
    return worlds;
}

/* A list that may be long: a replay has a draw a line. */
struct chain {
    struct scenario_statement *first;
    struct scenario_statement *last;
};

static void append(struct chain *chain, struct scenario_statement *statement)
{
    if (chain->first == NULL) {
        chain->first = statement;
    } else {
        chain->last->next = statement;
    }
    chain->last = statement;
}

/* The script runs by time; what happens at one time, in order of the file. */
static void add_actions(struct scenario_statement **actions, struct scenario_statement *at)
{
    int64_t at_ns = scenario_number(at, SCENARIO_SLOT_TIME, 0);
    struct scenario_statement *next;
    for (struct scenario_statement *action = at->children; action != NULL; action = next) {
        next = action->next;
        action->at_ns = at_ns;
        struct scenario_statement **place = actions;
        while (*place != NULL && (*place)->at_ns <= at_ns) {
            place = &(*place)->next;
        }
        action->next = *place;
        *place = action;
    }
}

static void add_expectations(struct chain *expectations, struct scenario_statement *when)
{
    struct scenario_statement *next;
    for (struct scenario_statement *e = when->children; e != NULL; e = next) {
        next = e->next;
        e->next = NULL;
        e->when = when;
        append(expectations, e);
    }
}

/* Lists that the scenario holds as const are still open here. */
struct lists {
    struct chain draws;
    struct chain zones;
    struct chain peers;
    struct chain expectations;
    struct scenario_statement *actions; /* by time */
};

static void take_statement(struct scenario *scenario, struct lists *lists,
                           struct scenario_statement *statement)
{
    switch (statement->form) {
    case SCENARIO_FORM_SCENARIO:
        scenario->title = scenario_text(statement, SCENARIO_SLOT_TITLE);
        break;
    case SCENARIO_FORM_TAGS:
        scenario->tags = scenario_value(statement, SCENARIO_SLOT_WORD);
        break;
    case SCENARIO_FORM_WORLDS:
        scenario->worlds = world_set(statement);
        break;
    case SCENARIO_FORM_LATENCY:
        scenario->latency_ns = scenario_number(statement, SCENARIO_SLOT_TIME, 0);
        break;
    case SCENARIO_FORM_LIMIT:
        scenario->limit_ns = scenario_number(statement, SCENARIO_SLOT_TIME, 0);
        break;
    case SCENARIO_FORM_DISK:
        scenario->disk = (enum scenario_disk)scenario_number(statement, SCENARIO_SLOT_CONTRACT, 0);
        break;
    case SCENARIO_FORM_SYNC:
        scenario->sync_ns = scenario_number(statement, SCENARIO_SLOT_TIME, 0);
        break;
    case SCENARIO_FORM_SWEEP:
        scenario->sweep = statement;
        break;
    case SCENARIO_FORM_DRAW:
        append(&lists->draws, statement);
        break;
    case SCENARIO_FORM_MTA:
        scenario->mta = statement;
        break;
    case SCENARIO_FORM_ZONE:
        append(&lists->zones, statement);
        break;
    case SCENARIO_FORM_PEER:
        append(&lists->peers, statement);
        break;
    case SCENARIO_FORM_AT:
        add_actions(&lists->actions, statement);
        break;
    case SCENARIO_FORM_WHEN:
        add_expectations(&lists->expectations, statement);
        break;
    default: /* `for` is done; every other form of the top is an expectation */
        if (statement->form != SCENARIO_FORM_FOR) {
            append(&lists->expectations, statement);
        }
    }
}

static void find_started(struct scenario *scenario)
{
    scenario->mta_started_ns = SCENARIO_STARTED_NS;
    const struct scenario_statement *line = scenario->mta == NULL ? NULL : scenario->mta->children;
    for (; line != NULL; line = line->next) {
        if (line->form == SCENARIO_FORM_STARTED) {
            scenario->mta_started_ns = scenario_number(line, SCENARIO_SLOT_TIME, 0);
        }
    }
}

static void assemble(struct scenario *scenario, struct scenario_statement *statements)
{
    struct lists lists = {.actions = NULL};
    struct scenario_statement *next;
    for (struct scenario_statement *s = statements; s != NULL; s = next) {
        next = s->next;
        s->next = NULL;
        take_statement(scenario, &lists, s);
    }
    scenario->draws = lists.draws.first;
    scenario->zones = lists.zones.first;
    scenario->peers = lists.peers.first;
    scenario->actions = lists.actions;
    scenario->expectations = lists.expectations.first;
    find_started(scenario);
}

struct scenario *scenario_parse(struct arena *arena, struct str text, int instance,
                                struct syntax_problems *problems)
{
    struct variable_line *variables = NULL;
    struct scenario *scenario = arena_alloc(arena, sizeof(*scenario));
    if (scenario == NULL || !find_variables(arena, text, problems, &variables)) {
        return NULL;
    }
    struct parser parser = {.arena = arena, .problems = problems};
    parser.variables = choose_values(arena, variables, instance);
    read_lines(&parser, text);
    *scenario = (struct scenario){
        .file = problems->file,
        .instance = instance_name(arena, parser.variables),
        .worlds = SCENARIO_WORLD_SIM,
        .latency_ns = -1,
        .limit_ns = SCENARIO_LIMIT_NS,
        .disk = SCENARIO_DISK_EXT4,
    };
    assemble(scenario, parser.statements);
    if (problems->count == 0) {
        scenario_check(scenario, problems);
    }
    return problems->count == 0 ? scenario : NULL;
}
