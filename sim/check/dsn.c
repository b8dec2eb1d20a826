// SPDX-License-Identifier: ISC
#include "check/dsn.h"

#include <stdarg.h>
#include <stdio.h>

#include "check/dsn_form.h"
#include "proto/header.h"

enum { VALUE_MAX = 65536, BOUNDARY_MAX = 70 };

static bool problem_is(char problem[DSN_PROBLEM_MAX], const char *sentence)
{
    snprintf(problem, DSN_PROBLEM_MAX, "%s", sentence);
    return false;
}

static bool has_type(struct str message, struct str type)
{
    struct str value;
    return header_find(message, STR("Content-Type"), &value) && str_starts_with_fold(value, type);
}

bool dsn_is_one(struct str message)
{
    struct str value;
    return header_find(message, STR("Content-Type"), &value) &&
           str_starts_with_fold(value, STR("multipart/report")) &&
           str_find_str(value, STR("delivery-status")) >= 0;
}

/* The value of a parameter of the Content-Type, quoted or not. */
static struct str parameter(struct str content_type, struct str name)
{
    struct str rest = content_type;
    struct str part;
    while (str_next(&rest, ';', &part)) {
        part = str_trim_space(part);
        if (str_starts_with_fold(part, name) && part.size > name.size &&
            part.data[name.size] == '=') {
            struct str value = str_skip(part, name.size + 1);
            bool quoted = value.size >= 2 && value.data[0] == '"';
            return quoted ? str_of(value.data + 1, value.size - 2) : value;
        }
    }
    return STR("");
}

/* Takes the text up to the next delimiter line out of *rest; false when there is none. closing
 * tells whether it was the last one. */
static bool next_part(struct str *rest, struct str boundary, struct str *part, bool *closing)
{
    struct str scan = *rest;
    struct str line;
    while (str_next(&scan, '\n', &line)) {
        struct str plain = str_trim_space(line);
        if (str_starts_with(plain, STR("--")) && str_starts_with(str_skip(plain, 2), boundary)) {
            struct str end = str_skip(plain, 2 + boundary.size);
            *part = str_first(*rest, (size_t)(line.data - rest->data));
            *closing = str_equal(end, STR("--"));
            *rest = scan;
            return end.size == 0 || *closing;
        }
    }
    return false;
}

/* The groups of a delivery-status part lie between empty lines. */
static bool take_groups(struct str part, struct dsn *dsn)
{
    struct str rest = header_body(part);
    struct str group = STR("");
    struct str line;
    bool first = true;
    while (str_next(&rest, '\n', &line)) {
        if (str_trim_space(line).size > 0) {
            size_t end =
                (size_t)(line.data + line.size - (group.size > 0 ? group.data : line.data));
            group = str_of(group.size > 0 ? group.data : line.data, end);
            if (rest.data != NULL) {
                continue;
            }
        }
        if (group.size > 0 && first) {
            dsn->message_group = group;
            first = false;
        } else if (group.size > 0 && dsn->recipient_count < DSN_RECIPIENTS_MAX) {
            dsn->recipient_groups[dsn->recipient_count++] = group;
        }
        group = STR("");
    }
    return dsn->recipient_count > 0;
}

static bool take_part(struct str part, int index, struct dsn *dsn, char problem[DSN_PROBLEM_MAX])
{
    switch (index) {
    case 0:
        dsn->explanation = part;
        return has_type(part, STR("text/plain")) ||
               problem_is(problem, "the first part is no text");
    case 1:
        dsn->is_global = has_type(part, STR("message/global-delivery-status"));
        if ((!dsn->is_global && !has_type(part, STR("message/delivery-status"))) ||
            !take_groups(part, dsn)) {
            return problem_is(problem, "the second part is no delivery status");
        }
        dsn->status = part;
        return true;
    case 2:
        dsn->returned = part;
        return true;
    default:
        return problem_is(problem, "more than three parts");
    }
}

bool dsn_parse(struct str message, struct dsn *dsn, char problem[DSN_PROBLEM_MAX])
{
    struct str content_type;
    *dsn = (struct dsn){.recipient_count = 0};
    if (!dsn_is_one(message) || !header_find(message, STR("Content-Type"), &content_type)) {
        return problem_is(problem, "not a multipart/report of delivery status");
    }
    struct str boundary = parameter(content_type, STR("boundary"));
    struct str rest = header_body(message);
    struct str part;
    bool closing = false;
    if (boundary.size == 0 || boundary.size > BOUNDARY_MAX ||
        !next_part(&rest, boundary, &part, &closing) || closing) {
        return problem_is(problem, "no boundary, or no part");
    }
    for (int index = 0; !closing; index++) {
        if (!next_part(&rest, boundary, &part, &closing)) {
            return problem_is(problem, "the last part does not end");
        }
        if (!take_part(part, index, dsn, problem)) {
            return false;
        }
    }
    if (str_trim_space(rest).size > 0) {
        return problem_is(problem, "text behind the last part");
    }
    if (dsn->returned.data == NULL) {
        return problem_is(problem, "fewer than three parts");
    }
    return dsn_form_is_right(message, dsn, problem);
}

/* Where a field is folded, and by how many blanks, says nothing. */
static void single_blanks(struct buf *value)
{
    size_t size = 0;
    for (size_t i = 0; i < value->size; i++) {
        char c = value->data[i] == '\t' ? ' ' : value->data[i];
        if (c != ' ' || size == 0 || value->data[size - 1] != ' ') {
            value->data[size++] = c;
        }
    }
    buf_truncate(value, size);
}

/* The value in one line: a line ending and the blanks behind it are one blank, as a reader of the
 * report sees it. */
static void put_unfolded(struct str value, struct buf *out)
{
    struct str line;
    bool is_first = true;
    while (str_next(&value, '\n', &line)) {
        if (!is_first) {
            buf_put_char(out, ' ');
        }
        buf_put(out, str_trim_space(line));
        is_first = false;
    }
}

bool dsn_field(const struct dsn *dsn, int recipient, struct str name, struct buf *value)
{
    struct str found;
    buf_clear(value);
    if (str_equal(name, STR("returned"))) {
        if (dsn->returned.data == NULL ||
            !header_find(dsn->returned, STR("Content-Type"), &found)) {
            return false;
        }
        struct str type;
        str_next(&found, ';', &type);
        buf_put(value, str_trim_space(type));
        return true;
    }
    if (!header_find(dsn->recipient_groups[recipient], name, &found) &&
        !header_find(dsn->message_group, name, &found)) {
        return false;
    }
    put_unfolded(found, value);
    single_blanks(value);
    return true;
}
