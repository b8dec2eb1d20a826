// SPDX-License-Identifier: ISC
#include "check/dsn_form.h"

#include <stdio.h>

#include "proto/enhanced_status.h"
#include "proto/header.h"
#include "proto/utf8.h"

enum { LINE_MAX = 998 };

static bool wrong(char problem[DSN_PROBLEM_MAX], const char *sentence, struct str what)
{
    snprintf(problem, DSN_PROBLEM_MAX, "%s%s%.*s", sentence, what.size > 0 ? ": " : "",
             (int)(what.size < 100 ? what.size : 100), what.data);
    return false;
}

/* ---- bytes and labels -------------------------------------------------------------------------- */

static bool lines_are_right(struct str message, char problem[DSN_PROBLEM_MAX])
{
    struct str line;
    while (message.size > 0 && str_next(&message, '\n', &line)) {
        if (line.size > 0 && line.data[line.size - 1] == '\r') {
            line.size--;
        }
        if (line.size > LINE_MAX) {
            return wrong(problem, "a line is too long", line);
        }
        if (str_find(line, '\0') >= 0 || str_find(line, '\r') >= 0) {
            return wrong(problem, "a line holds NUL or CR", line);
        }
    }
    return true;
}

/* The label is 8bit exactly when there are such bytes, and everywhere where UTF-8 may stand. */
static bool label_is_right(const struct dsn *dsn, struct str entity, const char *name,
                           char problem[DSN_PROBLEM_MAX])
{
    struct str label;
    bool says_8bit = header_find(entity, STR("Content-Transfer-Encoding"), &label) &&
                     str_equal_fold(str_trim_space(label), STR("8bit"));
    return says_8bit == (dsn->is_global || !str_is_ascii(header_body(entity))) ||
           wrong(problem, "the label 8bit does not fit the bytes of", str_from(name));
}

/* ---- the message's header ---------------------------------------------------------------------- */

static bool field_count_is(struct str header, const char *name, int wanted,
                           char problem[DSN_PROBLEM_MAX])
{
    struct str field;
    struct str field_name;
    struct str value;
    int count = 0;
    while (header_next(&header, &field)) {
        count +=
            header_split(field, &field_name, &value) && str_equal_fold(field_name, str_from(name))
                ? 1
                : 0;
    }
    return count == wanted || wrong(problem, "missing or repeated header", str_from(name));
}

/* Written by whoever delivers it, who knows no other form of the recipient. */
static bool is_of_delivery(struct str field)
{
    return str_starts_with_fold(field, STR("Delivered-To:")) ||
           str_starts_with_fold(field, STR("X-Original-To:"));
}

static bool header_is_ascii(struct str header)
{
    struct str field;
    bool is_ascii = true;
    while (is_ascii && header_next(&header, &field)) {
        is_ascii = str_is_ascii(field) || is_of_delivery(field);
    }
    return is_ascii;
}

static bool header_is_right(const struct dsn *dsn, struct str message,
                            char problem[DSN_PROBLEM_MAX])
{
    static const char *const once[] = {
        "From",           "To",           "Subject",    "Date",
        "Auto-Submitted", "MIME-Version", "Message-Id", "Content-Type"};
    for (size_t i = 0; i < sizeof(once) / sizeof(once[0]); i++) {
        if (!field_count_is(message, once[i], 1, problem)) {
            return false;
        }
    }
    struct str header = str_first(message, message.size - header_body(message).size);
    if (dsn->is_global) {
        return utf8_is_valid(header) || wrong(problem, "the header is not UTF-8", STR(""));
    }
    return header_is_ascii(header) || wrong(problem, "the header is not ASCII", STR(""));
}

/* ---- the report -------------------------------------------------------------------------------- */

struct field_rule {
    const char *name;
    bool is_required;
};

/* Both in the order in which we write them; a name of our own is any that begins with X-. */
static const struct field_rule message_rules[] = {
    {"Reporting-MTA", true}, {"Original-Envelope-Id", false}, {"X-", false},
    {"X-", false},           {"Arrival-Date", true},
};
static const struct field_rule recipient_rules[] = {
    {"Final-Recipient", true},
    {"Original-Recipient", true},
    {"Action", true},
    {"Status", true},
    {"Remote-MTA", false},
    {"Diagnostic-Code", true},
    {"Will-Retry-Until", false},
};

static bool rule_fits(const struct field_rule *rule, struct str name)
{
    return str_equal(str_from(rule->name), STR("X-")) ? str_starts_with(name, STR("X-"))
                                                      : str_equal(name, str_from(rule->name));
}

/* Each field is the next one of the rules that it fits; what is left out is not required. */
static bool group_is_right(struct str group, const struct field_rule *rules, size_t rule_count,
                           char problem[DSN_PROBLEM_MAX])
{
    struct str field;
    struct str name;
    struct str value;
    size_t next = 0;
    while (header_next(&group, &field)) {
        if (!header_split(field, &name, &value) || str_trim_space(value).size == 0) {
            return wrong(problem, "a field of the report has no value", field);
        }
        while (next < rule_count && !rule_fits(&rules[next], name)) {
            if (rules[next].is_required) {
                return wrong(problem, "a field of the report is missing or misplaced",
                             str_from(rules[next].name));
            }
            next++;
        }
        if (next == rule_count) {
            return wrong(problem, "a field of the report is unknown, misplaced or repeated", name);
        }
        next++;
    }
    if (str_trim_space(group).size > 0) {
        return wrong(problem, "a line of the report is no field", group);
    }
    while (next < rule_count && !rules[next].is_required) {
        next++;
    }
    return next == rule_count ||
           wrong(problem, "a field of the report is missing", str_from(rules[next].name));
}

/* "dns; mx.our.test": a type, and something behind it; UTF-8 only where it may stand, and of an
 * address only with the type for it. */
static bool is_typed(const struct dsn *dsn, struct str value, bool is_address)
{
    ptrdiff_t semicolon = str_find(value, ';');
    struct str type = str_first(value, semicolon < 0 ? 0 : (size_t)semicolon);
    struct str rest = str_trim_space(str_skip(value, type.size + 1));
    bool may_be_utf8 = dsn->is_global && (!is_address || str_equal(type, STR("utf-8")));
    return type.size > 0 && rest.size > 0 &&
           (may_be_utf8 ? utf8_is_valid(rest) : str_is_ascii(rest));
}

static bool types_are_right(const struct dsn *dsn, struct str group, char problem[DSN_PROBLEM_MAX])
{
    static const struct {
        const char *name;
        bool is_address;
    } typed[] = {
        {"Reporting-MTA", false}, {"Final-Recipient", true},  {"Original-Recipient", true},
        {"Remote-MTA", false},    {"Diagnostic-Code", false},
    };
    struct str value;
    for (size_t i = 0; i < sizeof(typed) / sizeof(typed[0]); i++) {
        if (header_find(group, str_from(typed[i].name), &value) &&
            !is_typed(dsn, str_trim_space(value), typed[i].is_address)) {
            return wrong(problem, "a field has no type", str_from(typed[i].name));
        }
    }
    return true;
}

/* The classes of status that go with each action. An expired message has failed with what it was
 * told last, which is a 4. */
static bool outcome_is_right(struct str group, char problem[DSN_PROBLEM_MAX])
{
    static const struct {
        struct str action;
        const char *classes;
    } rows[] = {
        {STR_INIT("failed"), "45"}, {STR_INIT("delayed"), "4"},  {STR_INIT("delivered"), "2"},
        {STR_INIT("relayed"), "2"}, {STR_INIT("expanded"), "2"},
    };
    struct str action = STR("");
    struct str text = STR("");
    struct str until;
    struct enhanced_status status;
    (void)header_find(group, STR("Action"), &action);
    (void)header_find(group, STR("Status"), &text);
    if (enhanced_status_parse(str_trim_space(text), &status) != 0) {
        return wrong(problem, "no status", text);
    }
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (!str_equal(str_trim_space(action), rows[i].action)) {
            continue;
        }
        bool has_until = header_find(group, STR("Will-Retry-Until"), &until);
        if (has_until != str_equal(rows[i].action, STR("delayed"))) {
            return wrong(problem, "Will-Retry-Until belongs to what is delayed", STR(""));
        }
        return str_find(str_from(rows[i].classes), (char)('0' + status.class)) >= 0 ||
               wrong(problem, "action and status do not agree", text);
    }
    return wrong(problem, "unknown action", action);
}

static bool report_is_right(const struct dsn *dsn, char problem[DSN_PROBLEM_MAX])
{
    if (!group_is_right(dsn->message_group, message_rules,
                        sizeof(message_rules) / sizeof(message_rules[0]), problem) ||
        !types_are_right(dsn, dsn->message_group, problem)) {
        return false;
    }
    for (int i = 0; i < dsn->recipient_count; i++) {
        struct str group = dsn->recipient_groups[i];
        if (!group_is_right(group, recipient_rules,
                            sizeof(recipient_rules) / sizeof(recipient_rules[0]), problem) ||
            !types_are_right(dsn, group, problem) || !outcome_is_right(group, problem)) {
            return false;
        }
    }
    return true;
}

/* ---- the message returned ---------------------------------------------------------------------- */

static bool returned_is_right(const struct dsn *dsn, char problem[DSN_PROBLEM_MAX])
{
    struct str type = STR("");
    struct str field;
    struct str rest = header_body(dsn->returned);
    (void)header_find(dsn->returned, STR("Content-Type"), &type);
    type = str_trim_space(type);
    if (!str_equal(type, dsn->is_global ? STR("message/global") : STR("message/rfc822")) &&
        !str_equal(type,
                   dsn->is_global ? STR("message/global-headers") : STR("text/rfc822-headers"))) {
        return wrong(problem, "the third part is no message and no header", STR(""));
    }
    return (header_next(&rest, &field) && str_starts_with(field, STR("Return-Path: <"))) ||
           wrong(problem, "the third part does not begin with Return-Path", STR(""));
}

bool dsn_form_is_right(struct str message, const struct dsn *dsn, char problem[DSN_PROBLEM_MAX])
{
    return lines_are_right(message, problem) && header_is_right(dsn, message, problem) &&
           label_is_right(dsn, message, "the notice", problem) &&
           label_is_right(dsn, dsn->explanation, "its text", problem) &&
           label_is_right(dsn, dsn->status, "its report", problem) &&
           report_is_right(dsn, problem) &&
           label_is_right(dsn, dsn->returned, "its message", problem) &&
           returned_is_right(dsn, problem);
}
