// SPDX-License-Identifier: ISC
#include "log/event.h"

#include <stdbool.h>

#include "base/assert.h"
#include "proto/utf8.h"

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

const char *log_event_name(enum log_event event)
{
    return events[event].name;
}

enum log_severity log_event_severity(enum log_event event)
{
    return events[event].severity;
}

/* ---- foreign text ---------------------------------------------------------------------------- */

/* C1 controls, and the two characters beyond ASCII that end a line. */
static bool is_invisible(struct str character)
{
    uint8_t second = (uint8_t)character.data[1];
    if (character.size == 2) {
        return (uint8_t)character.data[0] == 0xc2 && second < 0xa0;
    }
    return str_equal(character, STR("\xe2\x80\xa8")) || str_equal(character, STR("\xe2\x80\xa9"));
}

/* Where a printable ASCII character must not stand. */
enum place { IN_TEXT = 0, IN_ADDRESS = 1, IN_NAME = 2, IN_ID = 4 };

static const uint8_t forbidden_in[128] = {
    [' '] = IN_NAME | IN_ID,
    [','] = IN_NAME | IN_ID,
    [';'] = IN_NAME,
    [':'] = IN_ID,
    ['('] = IN_NAME | IN_ID,
    [')'] = IN_NAME | IN_ID,
    ['<'] = IN_ADDRESS | IN_NAME | IN_ID,
    ['>'] = IN_ADDRESS | IN_NAME | IN_ID,
};

static bool is_good_ascii(char c, enum place place)
{
    return char_is_print(c) && (forbidden_in[(uint8_t)c] & place) == 0;
}

/* How many bytes at the start of text may stay as they are. */
static size_t good_size(struct str text, enum place place)
{
    size_t size = 0;
    while (size < text.size && is_good_ascii(text.data[size], place)) {
        size++;
    }
    return size;
}

/* Appends text with `?` for what is not printable or must not stand there. */
static void put_printable(struct buf *out, struct str text, enum place place)
{
    text = str_first(text, LOG_LINE_MAX);
    for (;;) {
        size_t good = good_size(text, place);
        buf_put(out, str_first(text, good));
        text = str_skip(text, good);
        if (text.size == 0) {
            return;
        }
        size_t size = utf8_character_size(text);
        struct str character = str_first(text, size == 0 ? 1 : size);
        buf_put(out, size > 1 && !is_invisible(character) ? character : STR("?"));
        text = str_skip(text, character.size);
    }
}

void log_put_text(struct buf *out, struct str text)
{
    put_printable(out, text, IN_TEXT);
}

void log_put_json_string(struct buf *out, struct str text)
{
    text = str_first(text, LOG_LINE_MAX);
    buf_put_char(out, '"');
    while (text.size > 0) {
        size_t size = utf8_character_size(text);
        char first = text.data[0];
        if (size == 0) {
            buf_put(out, STR("\\ufffd"));
        } else if (first == '"' || first == '\\') {
            buf_putf(out, "\\%c", first);
        } else if (size == 1 && !char_is_print(first)) {
            buf_putf(out, "\\u%04x", (unsigned)first);
        } else {
            buf_put(out, str_first(text, size));
        }
        text = str_skip(text, size == 0 ? 1 : size);
    }
    buf_put_char(out, '"');
}

/* ---- numbers --------------------------------------------------------------------------------- */

/* value / 10^decimals without zeros at the end. */
static void put_decimal(struct buf *out, int64_t value, int decimals)
{
    int64_t scale = decimals == 2 ? 100 : 10;
    buf_putf(out, "%lld", (long long)(value / scale));
    int64_t fraction = value % scale;
    if (fraction == 0) {
        return;
    }
    while (fraction % 10 == 0) {
        fraction /= 10;
        decimals--;
    }
    buf_putf(out, ".%0*lld", decimals, (long long)fraction);
}

void log_put_delay(struct buf *out, int64_t delay_ns)
{
    const int64_t milli_ns = 1000000;
    int64_t hundredths = (delay_ns + 5 * milli_ns) / (10 * milli_ns);
    int64_t tenths = (delay_ns + 50 * milli_ns) / (100 * milli_ns);
    if (delay_ns <= 0) {
        buf_put_char(out, '0');
    } else if (hundredths < 100) {
        put_decimal(out, hundredths, 2);
    } else if (tenths < 100) {
        put_decimal(out, tenths, 1);
    } else {
        buf_putf(out, "%lld", (long long)((delay_ns + 500 * milli_ns) / (1000 * milli_ns)));
    }
}

static void put_seconds(struct buf *out, int64_t delay_ns)
{
    int64_t micro_s = delay_ns < 0 ? 0 : delay_ns / 1000;
    buf_putf(out, "%lld.%06lld", (long long)(micro_s / 1000000), (long long)(micro_s % 1000000));
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
        put_printable(out, is_given(field, fields) ? field_text(field, fields) : STR("NOQUEUE"),
                      IN_ID);
        return;
    case TYPE_ADDRESS:
        put_printable(out, field_text(field, fields), IN_ADDRESS);
        return;
    case TYPE_NAME:
        put_printable(out, field_text(field, fields), IN_NAME);
        return;
    case TYPE_TEXT:
        put_printable(out, field_text(field, fields), IN_TEXT);
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
        put_seconds(out, field_number(field, fields));
        return;
    }
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

static const struct field *find_field(struct str name)
{
    for (int i = 0; i < FIELD_COUNT; i++) {
        if (str_equal(fields_known[i].name, name)) {
            return &fields_known[i];
        }
    }
    unreachable();
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
