// SPDX-License-Identifier: ISC
#include "mail/bounce_log.h"

#include "base/number.h"

/* The text fields and their names; offset and notify_flags are numbers and stand apart. */
#define FIELD(name, member, required)                                    \
    {                                                                    \
        STR_INIT(name), offsetof(struct bounce_record, member), required \
    }
static const struct text_field {
    struct str name;
    size_t member;
    bool required;
} text_fields[] = {
    FIELD("recipient", recipient, true),
    FIELD("original_recipient", original_recipient, false),
    FIELD("dsn_orig_rcpt", dsn_orig_rcpt, false),
    FIELD("status", dsn.status, true),
    FIELD("action", dsn.action, true),
    FIELD("diag_type", dsn.diag_type, false),
    FIELD("diag_text", dsn.diag_text, false),
    FIELD("mta_type", dsn.mta_type, false),
    FIELD("mta_mname", dsn.mta_name, false),
    FIELD("reason", dsn.reason, true),
};
#undef FIELD

enum { TEXT_FIELD_COUNT = sizeof(text_fields) / sizeof(text_fields[0]) };

static void set_text(struct bounce_record *record, const struct text_field *field, struct str value)
{
    *(struct str *)(void *)((char *)record + field->member) = value;
}

static struct str get_text(const struct bounce_record *record, const struct text_field *field)
{
    return *(const struct str *)(const void *)((const char *)record + field->member);
}

/* On one line: a control byte would end the field or the record. */
static void put_line_text(struct buf *out, struct str text)
{
    for (size_t i = 0; i < text.size; i++) {
        unsigned char byte = (unsigned char)text.data[i];
        buf_put_char(out, byte < ' ' || byte == 0x7f ? ' ' : (char)byte);
    }
}

static void put_field(struct buf *out, const struct text_field *field, struct str value)
{
    if (value.size == 0 && !field->required) {
        return;
    }
    buf_put(out, field->name);
    buf_put_char(out, '=');
    put_line_text(out, value);
    buf_put_char(out, '\n');
}

void bounce_log_write(struct buf *out, const struct bounce_record *record)
{
    buf_put_text(out, "\n<");
    put_line_text(out, record->recipient);
    buf_put_text(out, ">: ");
    put_line_text(out, record->dsn.reason);
    buf_putf(out, "\noffset=%lld\n", (long long)record->offset);
    if (record->notify_flags != 0) {
        buf_putf(out, "notify_flags=%lld\n", (long long)record->notify_flags);
    }
    for (size_t i = 0; i < TEXT_FIELD_COUNT; i++) {
        put_field(out, &text_fields[i], get_text(record, &text_fields[i]));
    }
    buf_put_char(out, '\n');
}

/* One line of a record; the line for people, and one of an unknown name, say nothing. */
static void read_field(struct str line, struct bounce_record *record)
{
    ptrdiff_t equals = str_find(line, '=');
    if (equals < 0) {
        return;
    }
    struct str name = str_first(line, (size_t)equals);
    struct str value = str_skip(line, (size_t)equals + 1);
    int64_t number;
    if (str_equal(name, STR("offset")) && number_parse_i64(value, 0, INT64_MAX, &number) == 0) {
        record->offset = number;
    }
    if (str_equal(name, STR("notify_flags")) && number_parse_i64(value, 0, 15, &number) == 0) {
        record->notify_flags = number;
    }
    for (size_t i = 0; i < TEXT_FIELD_COUNT; i++) {
        if (str_equal(name, text_fields[i].name)) {
            set_text(record, &text_fields[i], value);
        }
    }
}

/* True when the lines of one record have all that a record needs. */
static bool read_record(struct str lines, struct bounce_record *record)
{
    *record = (struct bounce_record){.offset = -1};
    struct str line;
    while (str_next(&lines, '\n', &line)) {
        read_field(line, record);
    }
    for (size_t i = 0; i < TEXT_FIELD_COUNT; i++) {
        if (text_fields[i].required && get_text(record, &text_fields[i]).data == NULL) {
            return false;
        }
    }
    return record->offset >= 0;
}

enum parse bounce_log_parse(struct str input, struct bounce_record *record, size_t *used_bytes)
{
    struct str rest = input;
    while (rest.size > 0 && rest.data[0] == '\n') {
        rest = str_skip(rest, 1);
    }
    ptrdiff_t end = str_find_str(rest, STR("\n\n"));
    if (end < 0) {
        *used_bytes = input.size;
        return input.size > BOUNCE_LOG_RECORD_MAX ? PARSE_BAD : PARSE_MORE;
    }
    *used_bytes = input.size - rest.size + (size_t)end + 2;
    return read_record(str_first(rest, (size_t)end), record) ? PARSE_OK : PARSE_BAD;
}

bool bounce_log_next(struct str *log, struct bounce_record *record)
{
    for (;;) {
        size_t used_bytes;
        enum parse parsed = bounce_log_parse(*log, record, &used_bytes);
        if (parsed == PARSE_MORE || used_bytes == 0) {
            return false;
        }
        *log = str_skip(*log, used_bytes);
        if (parsed == PARSE_OK) {
            return true;
        }
    }
}

bool bounce_log_is_sound(struct str log)
{
    while (log.size > 0) {
        struct bounce_record record;
        size_t used_bytes;
        if (bounce_log_parse(log, &record, &used_bytes) != PARSE_OK) {
            return false;
        }
        log = str_skip(log, used_bytes);
    }
    return true;
}

size_t bounce_log_complete_size(struct str log)
{
    struct str rest = log;
    struct bounce_record record;
    size_t size = 0;
    while (bounce_log_next(&rest, &record)) {
        size = log.size - rest.size;
    }
    return size;
}
