// SPDX-License-Identifier: ISC
#include "scenario/scenario_check.h"

#include <stdio.h>

#include "base/number.h"
#include "world/draw.h"
#include "world/fault.h"

enum { NAMES_MAX = 2000, HINT_MAX = 200 };

struct checker {
    const struct scenario *scenario;
    struct syntax_problems *problems;
};

static void problem(struct checker *c, const struct scenario_statement *statement,
                    const struct syntax_value *value, const char *hint, const char *sentence)
{
    syntax_problem(c->problems, statement->line.number, value->column, hint, "%s `%.*s`", sentence,
                   STR_ARG(value->text));
}

/* Reports an undefined name, with the defined one (of `names`, spaces between) that is nearest. */
static void undefined(struct checker *c, const struct scenario_statement *statement,
                      const struct syntax_value *value, const char *sentence, const char *names)
{
    char hint[HINT_MAX];
    struct str nearest = syntax_nearest(value->text, names);
    if (nearest.size > 0) {
        snprintf(hint, sizeof(hint), "did you mean `%.*s`?", STR_ARG(nearest));
    } else {
        snprintf(hint, sizeof(hint), "defined are: %s", names[0] == '\0' ? "none" : names);
    }
    problem(c, statement, value, hint, sentence);
}

/* The texts that stand in one slot of a list of statements, in a plain list for hints. */
static void list_names(const struct scenario_statement *statement, enum scenario_form form,
                       enum scenario_slot slot, char names[NAMES_MAX])
{
    int size = 0;
    names[0] = '\0';
    for (; statement != NULL && size < NAMES_MAX; statement = statement->next) {
        if (statement->form == form) {
            struct str name = scenario_text(statement, slot);
            size += snprintf(names + size, (size_t)(NAMES_MAX - size), "%s%.*s",
                             size > 0 ? " " : "", STR_ARG(name));
        }
    }
}

static const struct scenario_statement *find_submit(const struct scenario *scenario,
                                                    struct str label)
{
    const struct scenario_statement *action = scenario->actions;
    while (action != NULL && (action->form != SCENARIO_FORM_SUBMIT ||
                              !str_equal(scenario_text(action, SCENARIO_SLOT_MESSAGE), label))) {
        action = action->next;
    }
    return action;
}

static bool has_recipient(const struct scenario_statement *submit, struct str recipient)
{
    const struct syntax_value *value = scenario_value(submit, SCENARIO_SLOT_RECIPIENTS);
    while (value != NULL && !str_equal(value->text, recipient)) {
        value = value->next;
    }
    return value != NULL;
}

struct search {
    struct str wanted;
    bool found;
};

static void compare(void *argument, struct str address)
{
    struct search *search = argument;
    search->found = search->found || str_equal_fold(address, search->wanted);
}

/* The recipient is one of the message's, or of an alias among them. */
static bool reaches(const struct scenario *scenario, const struct scenario_statement *submit,
                    struct str recipient)
{
    struct search search = {recipient, has_recipient(submit, recipient)};
    for (const struct syntax_value *value = scenario_value(submit, SCENARIO_SLOT_RECIPIENTS);
         value != NULL; value = value->next) {
        scenario_alias_expand(scenario, value->text, compare, &search);
    }
    return search.found;
}

static void undefined_message(struct checker *c, const struct scenario_statement *statement,
                              const struct syntax_value *value)
{
    char names[NAMES_MAX];
    list_names(c->scenario->actions, SCENARIO_FORM_SUBMIT, SCENARIO_SLOT_MESSAGE, names);
    undefined(c, statement, value, "no `submit` makes message", names);
}

static void check_label(struct checker *c, const struct scenario_statement *statement)
{
    const struct syntax_value *label = scenario_value(statement, SCENARIO_SLOT_MESSAGE);
    if (label == NULL) {
        return;
    }
    const struct scenario_statement *submit = find_submit(c->scenario, label->text);
    if (submit == NULL) {
        undefined_message(c, statement, label);
        return;
    }
    const struct syntax_value *recipient = scenario_value(statement, SCENARIO_SLOT_RECIPIENT);
    if (recipient != NULL && !reaches(c->scenario, submit, recipient->text)) {
        problem(c, statement, recipient, NULL, "the message was not submitted to");
    }
}

static void check_peer_name(struct checker *c, const struct scenario_statement *statement)
{
    const struct syntax_value *peer = scenario_value(statement, SCENARIO_SLOT_PEER);
    if (peer == NULL || scenario_find_peer(c->scenario, peer->text) != NULL) {
        return;
    }
    char names[NAMES_MAX];
    list_names(c->scenario->peers, SCENARIO_FORM_PEER, SCENARIO_SLOT_HOST, names);
    undefined(c, statement, peer, "no peer block is named", names);
}

/* Two hosts of one name or address cannot be told apart. */
static void check_hosts(struct checker *c)
{
    for (const struct scenario_statement *peer = c->scenario->peers; peer != NULL;
         peer = peer->next) {
        const struct syntax_value *name = scenario_value(peer, SCENARIO_SLOT_HOST);
        const struct syntax_value *ip = scenario_value(peer, SCENARIO_SLOT_IP);
        if (scenario_find_peer(c->scenario, name->text) != peer) {
            problem(c, peer, name, NULL, "there is another peer");
        }
        for (const struct scenario_statement *other = c->scenario->mta; other != NULL;
             other = other == c->scenario->mta ? c->scenario->peers : other->next) {
            if (other == peer) {
                break;
            }
            if (str_equal(scenario_text(other, SCENARIO_SLOT_IP), ip->text)) {
                problem(c, peer, ip, NULL, "another host has the address");
                break;
            }
        }
    }
}

/* The words that stand for queue ids. */
static void check_ids(struct checker *c, const struct scenario_statement *statement,
                      enum scenario_slot slot)
{
    for (const struct syntax_value *word = scenario_value(statement, slot); word != NULL;
         word = word->next) {
        struct scenario_id id;
        if (scenario_names_id(word->text, &id) && find_submit(c->scenario, id.label) == NULL) {
            undefined_message(c, statement, word);
        }
    }
}

static void check_all_ids(struct checker *c)
{
    for (const struct scenario_statement *action = c->scenario->actions; action != NULL;
         action = action->next) {
        check_ids(c, action, SCENARIO_SLOT_WORD);
        if (action->form == SCENARIO_FORM_COMMAND || action->form == SCENARIO_FORM_FEED) {
            check_ids(c, action, SCENARIO_SLOT_VALUE);
            check_ids(c, action, SCENARIO_SLOT_TEXT);
        }
    }
}

/* Below a submission are lines about some of its recipients. */
static void check_recipients(struct checker *c, const struct scenario_statement *submit)
{
    for (const struct scenario_statement *line = submit->children; line != NULL;
         line = line->next) {
        for (const struct syntax_value *recipient = scenario_value(line, SCENARIO_SLOT_RECIPIENTS);
             recipient != NULL; recipient = recipient->next) {
            if (!has_recipient(submit, recipient->text)) {
                problem(c, line, recipient, NULL, "the message was not submitted to");
            }
        }
    }
}

static void check_submits(struct checker *c)
{
    for (const struct scenario_statement *action = c->scenario->actions; action != NULL;
         action = action->next) {
        if (action->form == SCENARIO_FORM_SUBMIT) {
            const struct syntax_value *label = scenario_value(action, SCENARIO_SLOT_MESSAGE);
            if (find_submit(c->scenario, label->text) != action) {
                problem(c, action, label, NULL, "there is another message");
            }
            check_recipients(c, action);
        }
    }
}

static bool is_among(struct str word, struct str words)
{
    struct str one;
    while (str_next_token(&words, " ", &one)) {
        if (str_equal(one, word)) {
            return true;
        }
    }
    return false;
}

/* `fail` needs a failure that the call may meet. */
static void check_failure(struct checker *c, const struct scenario_statement *action)
{
    const struct syntax_value *failure = scenario_value(action, SCENARIO_SLOT_FAILURE);
    if (failure == NULL) {
        return;
    }
    const struct syntax_value *call = scenario_value(action, SCENARIO_SLOT_CALL);
    char hint[HINT_MAX];
    if (call->low == 0) {
        problem(c, action, call, NULL, "a failure needs the name of the call, not");
        return;
    }
    struct str failures = fault_results_for(call->text);
    if (!is_among(failure->text, failures)) {
        snprintf(hint, sizeof(hint), "it may end with: %.*s", STR_ARG(failures));
        problem(c, action, failure, failures.size > 0 ? hint : "it never fails",
                "this call does not fail with");
    }
}

/* Ordinals count from 1, and nothing gains time in no time. */
static void check_numbers(struct checker *c, const struct scenario_statement *action)
{
    const struct syntax_value *number = scenario_value(action, SCENARIO_SLOT_NUMBER);
    if (number != NULL && number->low == 0) {
        problem(c, action, number, NULL, "expected a number from 1 on, not");
    }
    const struct syntax_value *period = scenario_value(action, SCENARIO_SLOT_PERIOD);
    if (period != NULL && period->low <= 0) {
        problem(c, action, period, NULL, "expected a time above 0, not");
    } else if (action->form == SCENARIO_FORM_CLOCK_GAIN ||
               action->form == SCENARIO_FORM_TIMER_GAIN) {
        const struct syntax_value *gain = scenario_value(action, SCENARIO_SLOT_TIME);
        if (gain->low > period->low / 2 || gain->low < -period->low / 2) {
            problem(c, action, gain, "half of the period at most", "a clock cannot gain");
        }
    }
}

static void check_draws(struct checker *c)
{
    for (const struct scenario_statement *draw = c->scenario->draws; draw != NULL;
         draw = draw->next) {
        const struct syntax_value *site = scenario_value(draw, SCENARIO_SLOT_SITE);
        const struct syntax_value *machine = scenario_value(draw, SCENARIO_SLOT_MACHINE);
        if (site->text.size > DRAW_NAME_MAX || machine->text.size > DRAW_NAME_MAX) {
            problem(c, draw, site, "names have at most 64 bytes", "there is no draw");
        }
        const struct syntax_value *value = scenario_value(draw, SCENARIO_SLOT_VALUE);
        uint64_t number;
        if (number_parse_u64(value->text, UINT64_MAX, &number) != 0) {
            problem(c, draw, value, "it is a number below 2^64", "no draw gives");
        }
    }
}

void scenario_check(const struct scenario *scenario, struct syntax_problems *problems)
{
    struct checker checker = {scenario, problems};
    if (scenario->title.size == 0) {
        syntax_problem(problems, 1, 1, "a file begins with: scenario \"What it shows\"",
                       "expected a title");
    }
    if (scenario->mta == NULL) {
        syntax_problem(problems, 1, 1, "for example: mta mx.our.test 198.51.100.1",
                       "expected an `mta` block in the file");
        return;
    }
    check_hosts(&checker);
    check_submits(&checker);
    check_all_ids(&checker);
    for (const struct scenario_statement *a = scenario->actions; a != NULL; a = a->next) {
        check_failure(&checker, a);
        check_numbers(&checker, a);
    }
    check_draws(&checker);
    for (const struct scenario_statement *e = scenario->expectations; e != NULL; e = e->next) {
        check_label(&checker, e);
        check_peer_name(&checker, e);
        if (e->when != NULL) {
            check_label(&checker, e->when);
        }
    }
}
