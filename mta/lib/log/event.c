// SPDX-License-Identifier: ISC
#include "log/event.h"

#include <stdbool.h>

#include "base/assert.h"
#include "base/err.h"
#include "proto/queue_id.h"

enum field_type { TYPE_ID, TYPE_ADDRESS, TYPE_NAME, TYPE_TEXT, TYPE_INT, TYPE_DELAY };

struct field {
    struct str name;
    enum field_type type;
    size_t offset; /* in struct log_fields */
};

struct event {
    const char *name;
    enum log_severity severity;
    struct str shape;
};

static const struct field fields_known[] = {
#define FIELD(name, type, meaning) \
    {STR_INIT(#name), TYPE_##type, offsetof(struct log_fields, name)},
#define EVENT(name, severity, shape)
#include "log/events.def"
#undef EVENT
#undef FIELD
};

static const struct event events[] = {
#define FIELD(name, type, meaning)
#define EVENT(name, severity, shape) {#name, LOG_##severity, STR_INIT(shape)},
#include "log/events.def"
#undef EVENT
#undef FIELD
};

enum { FIELD_COUNT = sizeof(fields_known) / sizeof(fields_known[0]) };

#define NO_QUEUE_ID "NOQUEUE"

const char *log_event_name(enum log_event event)
{
    return events[event].name;
}

enum log_severity log_event_severity(enum log_event event)
{
    return events[event].severity;
}

enum log_event log_event_find(struct str name)
{
    enum log_event event = 0;
    while (event < LOG_EVENT_COUNT && !str_equal(str_from(events[event].name), name)) {
        event++;
    }
    return event;
}

/* ---- fields ---------------------------------------------------------------------------------- */

static struct str field_text(const struct field *field, const struct log_fields *fields)
{
    return *(const struct str *)(const void *)((const char *)fields + field->offset);
}

static int64_t field_number(const struct field *field, const struct log_fields *fields)
{
    return *(const int64_t *)(const void *)((const char *)fields + field->offset);
}

static struct str *text_place(const struct field *field, struct log_fields *fields)
{
    return (struct str *)(void *)((char *)fields + field->offset);
}

static int64_t *number_place(const struct field *field, struct log_fields *fields)
{
    return (int64_t *)(void *)((char *)fields + field->offset);
}

static bool is_given(const struct field *field, const struct log_fields *fields)
{
    switch (field->type) {
    case TYPE_ADDRESS:
        return field_text(field, fields).data != NULL;
    case TYPE_ID:
    case TYPE_NAME:
    case TYPE_TEXT:
        return field_text(field, fields).size > 0;
    case TYPE_INT:
    case TYPE_DELAY:
        return field_number(field, fields) != 0;
    }
    unreachable();
}

static void put_field_text(struct buf *out, const struct field *field,
                           const struct log_fields *fields)
{
    switch (field->type) {
    case TYPE_ID:
        log_put_harmless(
            out, is_given(field, fields) ? field_text(field, fields) : STR(NO_QUEUE_ID), LOG_IN_ID);
        return;
    case TYPE_ADDRESS:
        log_put_harmless(out, field_text(field, fields), LOG_IN_ADDRESS);
        return;
    case TYPE_NAME:
        log_put_harmless(out, field_text(field, fields), LOG_IN_NAME);
        return;
    case TYPE_TEXT:
        log_put_harmless(out, field_text(field, fields), LOG_IN_TEXT);
        return;
    case TYPE_INT:
        buf_putf(out, "%lld", (long long)field_number(field, fields));
        return;
    case TYPE_DELAY:
        log_put_delay(out, field_number(field, fields));
        return;
    }
}

static void put_field_json(struct buf *out, const struct field *field,
                           const struct log_fields *fields)
{
    buf_putf(out, ",\"%s\":", field->name.data);
    switch (field->type) {
    case TYPE_ID:
    case TYPE_ADDRESS:
    case TYPE_NAME:
    case TYPE_TEXT:
        log_put_json_string(out, field_text(field, fields));
        return;
    case TYPE_INT:
        buf_putf(out, "%lld", (long long)field_number(field, fields));
        return;
    case TYPE_DELAY:
        log_put_seconds(out, field_number(field, fields));
        return;
    }
}

/* The inverse of put_field_text(); false for what it would not write. */
static bool read_field_text(const struct field *field, struct str text, struct log_fields *fields)
{
    switch (field->type) {
    case TYPE_ID:
        if (str_equal(text, STR(NO_QUEUE_ID))) {
            return true;
        }
        if (!queue_id_is_valid(text)) {
            return false;
        }
        *text_place(field, fields) = text;
        return true;
    case TYPE_ADDRESS:
    case TYPE_NAME:
    case TYPE_TEXT:
        *text_place(field, fields) = text;
        return true;
    case TYPE_INT:
        return log_parse_int(text, number_place(field, fields)) == 0;
    case TYPE_DELAY:
        return log_parse_delay(text, number_place(field, fields)) == 0;
    }
    unreachable();
}

/* The inverse of put_field_json(). */
static bool read_field_json(const struct field *field, const struct json_member *member,
                            struct log_fields *fields)
{
    switch (field->type) {
    case TYPE_ID:
    case TYPE_ADDRESS:
    case TYPE_NAME:
    case TYPE_TEXT:
        *text_place(field, fields) = member->value;
        return member->is_string;
    case TYPE_INT:
        return !member->is_string && log_parse_int(member->value, number_place(field, fields)) == 0;
    case TYPE_DELAY:
        return !member->is_string &&
               log_parse_seconds(member->value, number_place(field, fields)) == 0;
    }
    unreachable();
}

/* ---- shapes ---------------------------------------------------------------------------------- */

/* A piece of a shape: plain text, and the field behind it, if any. */
struct piece {
    struct str text;
    const struct field *field; /* NULL at the end of the shape */
    struct str before;
    struct str after;
    bool optional;
};

/* NULL: there is none of that name. */
static const struct field *find_field(struct str name)
{
    for (int i = 0; i < FIELD_COUNT; i++) {
        if (str_equal(fields_known[i].name, name)) {
            return &fields_known[i];
        }
    }
    return NULL;
}

static bool next_piece(struct str *shape, struct piece *piece)
{
    *piece = (struct piece){0};
    if (shape->data == NULL || !str_next(shape, '{', &piece->text)) {
        return false;
    }
    struct str inside;
    if (shape->data == NULL || !str_next(shape, '}', &inside)) {
        return true;
    }
    piece->optional = str_find(inside, '|') >= 0;
    if (piece->optional) {
        (void)str_next(&inside, '|', &piece->before);
    }
    struct str name;
    (void)str_next(&inside, '|', &name);
    piece->field = find_field(name);
    assert(piece->field != NULL);
    (void)str_next(&inside, '|', &piece->after);
    return true;
}

void log_event_text(struct buf *out, enum log_event event, const struct log_fields *fields)
{
    assert(event < LOG_EVENT_COUNT);
    struct str shape = events[event].shape;
    struct piece piece;
    while (next_piece(&shape, &piece)) {
        buf_put(out, piece.text);
        if (piece.field == NULL || (piece.optional && !is_given(piece.field, fields))) {
            continue;
        }
        buf_put(out, piece.before);
        put_field_text(out, piece.field, fields);
        buf_put(out, piece.after);
    }
}

void log_event_json(struct buf *out, enum log_event event, const struct log_fields *fields)
{
    assert(event < LOG_EVENT_COUNT);
    struct str shape = events[event].shape;
    struct piece piece;
    while (next_piece(&shape, &piece)) {
        if (piece.field != NULL && is_given(piece.field, fields)) {
            put_field_json(out, piece.field, fields);
        }
    }
}

int log_event_parse_member(const struct json_member *member, struct log_fields *fields)
{
    const struct field *field = find_field(member->name);
    return field == NULL || read_field_json(field, member, fields) ? 0 : -ERR_SYNTAX;
}

/* ---- shapes, read back ----------------------------------------------------------------------- */

/* How far a printable text was matched by a shape. */
struct match {
    struct str rest;
    bool is_cut;        /* the end of the text is missing */
    size_t value_bytes; /* in fields; all other bytes so far are the shape's own */
    struct log_fields fields;
};

static bool take_literal(struct str *rest, struct str literal)
{
    if (!str_starts_with(*rest, literal)) {
        return false;
    }
    *rest = str_skip(*rest, literal.size);
    return true;
}

static bool may_hold(enum field_type type, char c)
{
    switch (type) {
    case TYPE_ID:
        return log_may_stand(c, LOG_IN_ID);
    case TYPE_ADDRESS:
        return log_may_stand(c, LOG_IN_ADDRESS);
    case TYPE_NAME:
        return log_may_stand(c, LOG_IN_NAME);
    case TYPE_TEXT:
        return true;
    case TYPE_INT:
        return char_is_digit(c) || c == '-';
    case TYPE_DELAY:
        return char_is_digit(c) || c == '.';
    }
    unreachable();
}

/* The longest value at the start of rest that has the literal behind it: a NAME may itself hold
 * what stands behind it, an address its colons. */
static struct str longest_value(struct str rest, enum field_type type, struct str literal)
{
    size_t size = 0;
    while (size < rest.size && may_hold(type, rest.data[size])) {
        size++;
    }
    while (size > 0 && !str_starts_with(str_skip(rest, size), literal)) {
        size--;
    }
    return str_first(rest, size);
}

/* What stands behind the value of a piece in any case, and so tells where the value ends. */
static struct str literal_behind(const struct piece *piece, struct str shape)
{
    struct piece next;
    return piece->after.size > 0 || !next_piece(&shape, &next) ? piece->after : next.text;
}

/* Takes the field of a piece and what is around it, once its value is known. */
static bool match_value(const struct piece *piece, struct str value, struct match *match)
{
    struct str rest = str_skip(match->rest, piece->before.size + value.size);
    if (!take_literal(&rest, piece->after) ||
        !read_field_text(piece->field, value, &match->fields) ||
        (piece->optional && !is_given(piece->field, &match->fields))) {
        return false;
    }
    match->rest = rest;
    match->value_bytes += value.size;
    return true;
}

static bool match_word(const struct piece *piece, struct str shape, struct match *match)
{
    struct str rest = match->rest;
    return take_literal(&rest, piece->before) &&
           match_value(piece, longest_value(rest, piece->field->type, literal_behind(piece, shape)),
                       match);
}

static bool match_shape(struct str shape, struct match *match);

static bool match_text_and_rest(const struct piece *piece, struct str value, struct str shape,
                                struct match *match)
{
    struct match trial = *match;
    if (!match_value(piece, value, &trial) || !match_shape(shape, &trial)) {
        return false;
    }
    *match = trial;
    return true;
}

/* A TEXT may hold what looks like the rest of the shape, but nothing behind it may: the longest
 * that leaves a match for the rest is it. Of a line that was cut it is all that is left. */
static bool match_text(const struct piece *piece, struct str shape, struct match *match)
{
    struct str rest = match->rest;
    if (!take_literal(&rest, piece->before)) {
        return false;
    }
    struct str literal = literal_behind(piece, shape);
    for (size_t size = rest.size + 1; size-- > 0;) {
        if (str_starts_with(str_skip(rest, size), literal) &&
            match_text_and_rest(piece, str_first(rest, size), shape, match)) {
            return true;
        }
    }
    if (match->is_cut) {
        *text_place(piece->field, &match->fields) = rest;
        match->value_bytes += rest.size;
        match->rest = STR("");
    }
    return match->is_cut;
}

static bool match_shape(struct str shape, struct match *match)
{
    struct piece piece;
    while (next_piece(&shape, &piece)) {
        if (!take_literal(&match->rest, piece.text)) {
            return false;
        }
        bool is_text = piece.field != NULL && piece.field->type == TYPE_TEXT;
        if (is_text && match_text(&piece, shape, match)) {
            return true;
        }
        if (piece.field != NULL && (is_text || !match_word(&piece, shape, match)) &&
            !piece.optional) {
            return false;
        }
    }
    return match->rest.size == 0;
}

/* Cut at a character, which has four bytes at most. */
static bool is_cut(struct str text)
{
    return text.size + 3 >= LOG_LINE_MAX && str_ends_with(text, STR("..."));
}

int log_event_parse(struct str text, enum log_event *event, struct log_fields *fields)
{
    if (text.size > LOG_LINE_MAX || log_harmless_size(text, LOG_IN_TEXT) < text.size) {
        return -ERR_SYNTAX;
    }
    size_t value_bytes_least = SIZE_MAX;
    for (enum log_event i = 0; i < LOG_EVENT_COUNT; i++) {
        struct match match = {.rest = text, .is_cut = is_cut(text)};
        if (match_shape(events[i].shape, &match) && match.value_bytes < value_bytes_least) {
            value_bytes_least = match.value_bytes;
            *event = i;
            *fields = match.fields;
        }
    }
    return value_bytes_least == SIZE_MAX ? -ERR_SYNTAX : 0;
}
