// SPDX-License-Identifier: ISC
#include "scenario/scenario.h"

#include "base/number.h"

#include "base/assert.h"

enum { ALIAS_DEPTH_MAX = 20 };

const struct syntax_value *scenario_value(const struct scenario_statement *statement,
                                          enum scenario_slot slot)
{
    return statement->match.values[slot];
}

struct str scenario_text(const struct scenario_statement *statement, enum scenario_slot slot)
{
    const struct syntax_value *value = scenario_value(statement, slot);
    assert(value != NULL);
    return value->text;
}

int64_t scenario_number(const struct scenario_statement *statement, enum scenario_slot slot,
                        int64_t otherwise)
{
    const struct syntax_value *value = scenario_value(statement, slot);
    return value == NULL ? otherwise : value->low;
}

bool scenario_names_id(struct str word, struct scenario_id *id)
{
    struct str rest = str_skip(word, 1);
    int64_t number = 1;
    id->may_be_missing = str_ends_with(rest, STR("?"));
    rest = str_first(rest, rest.size - (id->may_be_missing ? 1 : 0));
    if (!str_starts_with(word, STR("$")) || rest.size == 0 || rest.data[0] < 'A' ||
        rest.data[0] > 'Z' || !str_next(&rest, '.', &id->label)) {
        return false;
    }
    if (rest.data != NULL && number_parse_i64(rest, 1, INT32_MAX, &number) != 0) {
        return false;
    }
    id->copy = (int)number;
    return true;
}

const struct syntax_value *scenario_alias_members(const struct scenario *scenario,
                                                  struct str address)
{
    for (const struct scenario_statement *line = scenario->mta->children; line != NULL;
         line = line->next) {
        if (line->form == SCENARIO_FORM_ALIAS &&
            str_equal_fold(scenario_text(line, SCENARIO_SLOT_ADDRESS), address)) {
            return scenario_value(line, SCENARIO_SLOT_MEMBER);
        }
    }
    return NULL;
}

static bool has_mailbox(const struct scenario *scenario, struct str address)
{
    for (const struct scenario_statement *line = scenario->mta->children; line != NULL;
         line = line->next) {
        if (line->form == SCENARIO_FORM_MAILBOX &&
            str_equal_fold(scenario_text(line, SCENARIO_SLOT_ADDRESS), address)) {
            return true;
        }
    }
    return str_starts_with_fold(address, STR("postmaster@"));
}

bool scenario_is_known(const struct scenario *scenario, struct str address)
{
    struct str domain = str_skip(address, (size_t)(str_find_last(address, '@') + 1));
    struct str host = scenario_text(scenario->mta, SCENARIO_SLOT_HOST);
    bool is_ours = str_equal_fold(domain, str_skip(host, (size_t)(str_find(host, '.') + 1)));
    return !is_ours || has_mailbox(scenario, address) ||
           scenario_alias_members(scenario, address) != NULL;
}

static void expand(const struct scenario *scenario, struct str address, int depth,
                   void (*visit)(void *argument, struct str address), void *argument)
{
    const struct syntax_value *member = scenario_alias_members(scenario, address);
    if (member == NULL) {
        visit(argument, address);
    }
    for (; member != NULL && depth < ALIAS_DEPTH_MAX; member = member->next) {
        if (str_equal_fold(member->text, address)) {
            visit(argument, address);
        } else {
            expand(scenario, member->text, depth + 1, visit, argument);
        }
    }
}

void scenario_alias_expand(const struct scenario *scenario, struct str address,
                           void (*visit)(void *argument, struct str address), void *argument)
{
    expand(scenario, address, 0, visit, argument);
}

const struct scenario_statement *scenario_find_peer(const struct scenario *scenario,
                                                    struct str name)
{
    const struct scenario_statement *peer = scenario->peers;
    while (peer != NULL && !str_equal(scenario_text(peer, SCENARIO_SLOT_HOST), name)) {
        peer = peer->next;
    }
    return peer;
}

bool scenario_has_sweep(struct str text)
{
    struct str line;
    while (str_next(&text, '\n', &line)) {
        if (str_starts_with(line, STR("sweep "))) {
            return true;
        }
    }
    return false;
}

/* ---- writing ------------------------------------------------------------------------------- */

enum { INDENT = 2 };

static void write_lines(const struct scenario_statement *statement, int indent, struct buf *out)
{
    for (; statement != NULL; statement = statement->next) {
        buf_putf(out, "%*s%.*s\n", indent, "", STR_ARG(statement->text));
        write_lines(statement->children, indent + INDENT, out);
    }
}

static void write_actions(const struct scenario_statement *action, struct buf *out)
{
    int64_t at_ns = INT64_MIN;
    for (; action != NULL; action = action->next) {
        if (action->at_ns != at_ns) {
            char time[SYNTAX_TIME_TEXT_MAX];
            buf_putf(out, "\nat %s\n", syntax_time_text(action->at_ns, time));
            at_ns = action->at_ns;
        }
        buf_putf(out, "%*s%.*s\n", INDENT, "", STR_ARG(action->text));
        write_lines(action->children, 2 * INDENT, out);
    }
}

static void write_expectations(const struct scenario_statement *e, struct buf *out)
{
    const struct scenario_statement *when = NULL;
    for (; e != NULL; e = e->next) {
        if (e->when != NULL && e->when != when) {
            buf_putf(out, "%.*s\n", STR_ARG(e->when->text));
        }
        when = e->when;
        int indent = when == NULL ? 0 : INDENT;
        buf_putf(out, "%*s%.*s\n", indent, "", STR_ARG(e->text));
        write_lines(e->children, indent + INDENT, out);
    }
}

static void write_worlds(unsigned worlds, struct buf *out)
{
    static const char *const names[] = {"sim", "live", "postfix"};
    buf_put_text(out, "worlds");
    for (unsigned i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if ((worlds & 1U << i) != 0) {
            buf_putf(out, " %s", names[i]);
        }
    }
    buf_put_char(out, '\n');
}

static void write_blocks(const struct scenario_statement *block, struct buf *out)
{
    for (; block != NULL; block = block->next) {
        buf_putf(out, "\n%.*s\n", STR_ARG(block->text));
        write_lines(block->children, INDENT, out);
    }
}

static void write_world(const struct scenario *scenario, struct buf *out)
{
    static const char *const contracts[] = {"posix-min", "ext4", "postfix"};
    if (scenario->tags != NULL) {
        buf_put_text(out, "tags");
        for (const struct syntax_value *tag = scenario->tags; tag != NULL; tag = tag->next) {
            buf_putf(out, " %.*s", STR_ARG(tag->text));
        }
        buf_put_char(out, '\n');
    }
    write_worlds(scenario->worlds, out);
    char time[SYNTAX_TIME_TEXT_MAX];
    if (scenario->latency_ns >= 0) {
        buf_putf(out, "latency %s\n", syntax_time_text(scenario->latency_ns, time));
    }
    buf_putf(out, "limit %s\n", syntax_time_text(scenario->limit_ns, time));
    buf_putf(out, "disk %s\n", contracts[scenario->disk]);
    buf_putf(out, "sync %s\n", syntax_time_text(scenario->sync_ns, time));
    write_lines(scenario->draws, 0, out);
    if (scenario->sweep != NULL) {
        buf_putf(out, "%.*s\n", STR_ARG(scenario->sweep->text));
    }
}

void scenario_write(const struct scenario *scenario, struct buf *out)
{
    struct syntax_word title = {SYNTAX_QUOTED, scenario->title, 0};
    struct syntax_line line = {.word_count = 1, .words = &title};
    buf_put_text(out, "scenario ");
    syntax_line_write(&line, out);
    buf_put_char(out, '\n');
    write_world(scenario, out);
    write_blocks(scenario->mta, out);
    write_blocks(scenario->zones, out);
    write_blocks(scenario->peers, out);
    write_actions(scenario->actions, out);
    buf_put_char(out, '\n');
    write_expectations(scenario->expectations, out);
}
