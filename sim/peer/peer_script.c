// SPDX-License-Identifier: ISC
#include "peer/peer_script.h"

#define STAGE_NAMES "connect banner ehlo helo mail rcpt data end-of-data rset noop vrfy quit"

/* When a rule applies, and how its reply is sent. */
#define WHEN "[ from FROM ] [ until UNTIL ]"
#define MODIFIERS                                 \
    "[ after DELAY ] [ a byte every PACE ] " WHEN \
    " [ connection CONNECTION ] [ open OPEN ] [ KEEP_OPEN ]"

enum slot {
    STAGE,
    PATH,
    REPLY,
    STATUS,
    TEXT,
    KEYWORD,
    OUTCOME,
    CONNECT,
    DELAY,
    PACE,
    FROM,
    UNTIL,
    CONNECTION,
    OPEN,
    KEEP_OPEN,
    SLOT_COUNT
};

static const struct syntax_slot slots[] = {
    [STAGE] = {"STAGE", SYNTAX_CHOICE, STAGE_NAMES},
    [PATH] = {"PATH", SYNTAX_PATH, NULL},
    [REPLY] = {"REPLY", SYNTAX_REPLY_CODE, NULL},
    [STATUS] = {"STATUS", SYNTAX_STATUS_CODE, NULL},
    [TEXT] = {"TEXT", SYNTAX_TEXT, NULL},
    [KEYWORD] = {"KEYWORD", SYNTAX_TEXT, NULL},
    [OUTCOME] = {"OUTCOME", SYNTAX_CHOICE, "reset close silence"},
    [CONNECT] = {"CONNECT", SYNTAX_CHOICE, "refuse blackhole"},
    [DELAY] = {"DELAY", SYNTAX_TIME, NULL},
    [PACE] = {"PACE", SYNTAX_TIME, NULL},
    [FROM] = {"FROM", SYNTAX_MOMENT, NULL},
    [UNTIL] = {"UNTIL", SYNTAX_MOMENT, NULL},
    [CONNECTION] = {"CONNECTION", SYNTAX_COUNT, NULL},
    [OPEN] = {"OPEN", SYNTAX_COUNT, NULL},
    [KEEP_OPEN] = {"KEEP_OPEN", SYNTAX_CHOICE, "keep-open"},
};

enum form { FORM_CONNECT, FORM_REPLY, FORM_OFFER, FORM_RAW, FORM_OUTCOME, FORM_ACCEPT };

static const struct syntax_form forms[] = {
    [FORM_CONNECT] = {1, "connect => CONNECT " WHEN},
    [FORM_REPLY] = {1, "STAGE [ PATH ] => REPLY [ STATUS ] [ TEXT... ] " MODIFIERS},
    [FORM_OFFER] = {1, "ehlo => offer [ KEYWORD... ] " MODIFIERS},
    [FORM_RAW] = {1, "STAGE [ PATH ] => raw TEXT " MODIFIERS},
    [FORM_OUTCOME] = {1, "STAGE [ PATH ] => OUTCOME " MODIFIERS},
    [FORM_ACCEPT] = {1, "end-of-data => accept then OUTCOME " MODIFIERS},
};

static const struct syntax_language language = {
    slots,
    SLOT_COUNT,
    forms,
    sizeof(forms) / sizeof(forms[0]),
};

struct str peer_stage_name(enum peer_stage stage)
{
    struct str rest = STR(STAGE_NAMES);
    struct str name = STR("");
    for (int i = 0; i <= (int)stage && str_next(&rest, ' ', &name); i++) {}
    return name;
}

void peer_script_init(struct peer_script *script)
{
    *script = (struct peer_script){NULL, 0};
}

static const enum peer_action connect_actions[] = {PEER_ACTION_REFUSE, PEER_ACTION_BLACKHOLE};
static const enum peer_action outcome_actions[] = {PEER_ACTION_RESET, PEER_ACTION_CLOSE,
                                                   PEER_ACTION_SILENCE};
static const enum peer_action accept_actions[] = {
    PEER_ACTION_ACCEPT_RESET, PEER_ACTION_ACCEPT_CLOSE, PEER_ACTION_ACCEPT_SILENCE};

static void set_action(struct peer_rule *rule, const struct syntax_match *match)
{
    switch ((enum form)match->form) {
    case FORM_CONNECT:
        rule->stage = PEER_STAGE_CONNECT;
        rule->action = connect_actions[match->values[CONNECT]->low];
        return;
    case FORM_REPLY:
        rule->action = PEER_ACTION_REPLY;
        rule->code = (int)match->values[REPLY]->low;
        return;
    case FORM_OFFER:
        rule->stage = PEER_STAGE_EHLO;
        rule->action = PEER_ACTION_OFFER;
        rule->code = 250;
        return;
    case FORM_RAW:
        rule->action = PEER_ACTION_RAW;
        return;
    case FORM_OUTCOME:
        rule->action = outcome_actions[match->values[OUTCOME]->low];
        return;
    case FORM_ACCEPT:
        rule->stage = PEER_STAGE_END_OF_DATA;
        rule->action = accept_actions[match->values[OUTCOME]->low];
        return;
    }
}

static bool set_lines(struct peer_rule *rule, const struct syntax_value *text, int line,
                      struct syntax_problems *problems)
{
    for (; text != NULL; text = text->next) {
        if (rule->line_count == PEER_REPLY_LINES_MAX) {
            syntax_problem(problems, line, text->column, NULL, "expected at most %d lines",
                           PEER_REPLY_LINES_MAX);
            return false;
        }
        rule->lines[rule->line_count++] = text->text;
    }
    return true;
}

static void set_moment(const struct syntax_value *value, int64_t *time_ns, bool *from_first)
{
    if (value != NULL) {
        *time_ns = value->low;
        *from_first = value->relative;
    }
}

static void set_range(const struct syntax_value *value, int64_t *low, int64_t *high)
{
    *low = value == NULL ? 1 : value->low;
    *high = value == NULL ? INT64_MAX : value->high;
}

static void set_modifiers(struct peer_rule *rule, struct syntax_value *const *values)
{
    rule->delay_ns = values[DELAY] == NULL ? 0 : values[DELAY]->low;
    rule->byte_interval_ns = values[PACE] == NULL ? 0 : values[PACE]->low;
    rule->from_ns = INT64_MIN;
    rule->until_ns = INT64_MAX;
    set_moment(values[FROM], &rule->from_ns, &rule->from_first);
    set_moment(values[UNTIL], &rule->until_ns, &rule->until_first);
    set_range(values[CONNECTION], &rule->connection_low, &rule->connection_high);
    set_range(values[OPEN], &rule->open_low, &rule->open_high);
    rule->keep_open = values[KEEP_OPEN] != NULL;
    rule->first_ns = INT64_MAX;
}

/* What the forms cannot say: which stage takes which part. */
static bool check_stage(const struct peer_rule *rule, const struct syntax_match *match,
                        struct syntax_problems *problems)
{
    const struct syntax_value *path = match->values[PATH];
    if (path != NULL && rule->stage != PEER_STAGE_MAIL && rule->stage != PEER_STAGE_RCPT) {
        syntax_problem(problems, match->line->number, path->column, NULL,
                       "expected an <address> only after mail and rcpt");
        return false;
    }
    if (rule->stage == PEER_STAGE_CONNECT && match->form != FORM_CONNECT) {
        syntax_problem(problems, match->line->number, match->values[STAGE]->column,
                       "what a server says first belongs to `banner`",
                       "expected `refuse` or `blackhole` for connect");
        return false;
    }
    if (rule->stage == PEER_STAGE_CONNECT && (rule->from_first || rule->until_first)) {
        syntax_problem(problems, match->line->number, match->line->words[0].column, NULL,
                       "expected times without `first` for connect");
        return false;
    }
    return true;
}

static void append_rule(struct peer_script *script, struct peer_rule *rule)
{
    struct peer_rule **end = &script->rules;
    while (*end != NULL) {
        end = &(*end)->next;
    }
    *end = rule;
    script->count++;
}

bool peer_script_add(struct peer_script *script, const struct syntax_line *line,
                     struct arena *arena, struct syntax_problems *problems)
{
    struct syntax_match match;
    if (!syntax_match(&language, 1, line, arena, problems, &match)) {
        return false;
    }
    struct peer_rule *rule = arena_alloc(arena, sizeof(*rule));
    if (rule == NULL || script->count == PEER_RULES_MAX) {
        syntax_problem(problems, line->number, 1, NULL, "expected at most %d rules of one peer",
                       PEER_RULES_MAX);
        return false;
    }
    if (match.values[STAGE] != NULL) {
        rule->stage = (enum peer_stage)match.values[STAGE]->low;
    }
    set_action(rule, &match);
    rule->path = match.values[PATH] == NULL ? (struct str){NULL, 0} : match.values[PATH]->text;
    rule->status = match.values[STATUS] == NULL ? STR("") : match.values[STATUS]->text;
    set_modifiers(rule, match.values);
    const struct syntax_value *text = match.values[match.form == FORM_OFFER ? KEYWORD : TEXT];
    if (!set_lines(rule, text, line->number, problems) || !check_stage(rule, &match, problems)) {
        return false;
    }
    append_rule(script, rule);
    return true;
}

/* * in the pattern stands for any text; ASCII case is ignored. */
static bool path_matches(struct str pattern, struct str path)
{
    ptrdiff_t star = str_find(pattern, '*');
    if (star < 0) {
        return str_equal_fold(pattern, path);
    }
    struct str before = str_first(pattern, (size_t)star);
    struct str after = str_skip(pattern, (size_t)star + 1);
    return path.size >= before.size + after.size && str_starts_with_fold(path, before) &&
           str_ends_with_fold(path, after);
}

static int64_t moment(int64_t time_ns, bool from_first, int64_t first_ns)
{
    int64_t sum_ns = time_ns;
    if (from_first && __builtin_add_overflow(first_ns, time_ns, &sum_ns)) {
        return INT64_MAX;
    }
    return sum_ns;
}

static bool holds_at(const struct peer_rule *rule, const struct peer_situation *at)
{
    return at->now_ns >= moment(rule->from_ns, rule->from_first, rule->first_ns) &&
           at->now_ns < moment(rule->until_ns, rule->until_first, rule->first_ns) &&
           at->connection >= rule->connection_low && at->connection <= rule->connection_high &&
           at->open_count >= rule->open_low && at->open_count <= rule->open_high;
}

const struct peer_rule *peer_script_find(struct peer_script *script, enum peer_stage stage,
                                         struct str path, const struct peer_situation *at)
{
    const struct peer_rule *found = NULL;
    for (struct peer_rule *rule = script->rules; rule != NULL; rule = rule->next) {
        if (rule->stage != stage || (rule->path.data != NULL && !path_matches(rule->path, path))) {
            continue;
        }
        if (rule->first_ns == INT64_MAX) {
            rule->first_ns = at->now_ns;
        }
        if (found == NULL && holds_at(rule, at)) {
            found = rule;
        }
    }
    return found;
}

static int64_t earlier_after(int64_t now_ns, int64_t candidate_ns, int64_t best_ns)
{
    return candidate_ns > now_ns && candidate_ns < best_ns ? candidate_ns : best_ns;
}

int64_t peer_script_next_change(const struct peer_script *script, int64_t now_ns)
{
    int64_t next_ns = INT64_MAX;
    for (const struct peer_rule *rule = script->rules; rule != NULL; rule = rule->next) {
        if (rule->stage == PEER_STAGE_CONNECT) {
            next_ns = earlier_after(now_ns, rule->from_ns, next_ns);
            next_ns = earlier_after(now_ns, rule->until_ns, next_ns);
        }
    }
    return next_ns;
}
