// SPDX-License-Identifier: ISC
#include "log/log_line.h"

#include <string.h>

#include "base/err.h"
#include "base/number.h"
#include "proto/date.h"
#include "proto/json_object.h"

#define JSON_START   "{\"time\":\""
#define MESSAGE_NAME "message" /* in the place of an event */

enum { STAMP_BYTES = 15, SECOND_NS = 1000000000 };

static const struct {
    const char *name;
    struct str prefix;
} severities[] = {
    [LOG_INFO] = {"info", STR_INIT("")},
    [LOG_WARNING] = {"warning", STR_INIT("warning: ")},
    [LOG_ERROR] = {"error", STR_INIT("error: ")},
    [LOG_FATAL] = {"fatal", STR_INIT("fatal: ")},
};

/* ---- writing ----------------------------------------------------------------------------------- */

static const char *write_time(enum log_format format, int64_t wall_ns, int utc_offset_s,
                              char text[DATE_TEXT_SIZE])
{
    return format == LOG_FORMAT_JSON ? date_write_instant(wall_ns, text)
                                     : date_write_stamp(wall_ns / SECOND_NS, utc_offset_s, text);
}

/* The size of the head, which is not cut. */
static size_t put_text_head(struct buf *line, const struct log_head *head,
                            enum log_severity severity)
{
    char time[DATE_TEXT_SIZE];
    buf_putf(line, "%s %.*s %.*s[%d]: %s",
             write_time(LOG_FORMAT_TEXT, head->wall_ns, head->utc_offset_s, time),
             STR_ARG(head->host), STR_ARG(head->tag), head->pid, severities[severity].prefix.data);
    return line->size;
}

static void put_json_head(struct buf *line, const struct log_head *head, enum log_severity severity,
                          const char *event)
{
    char time[DATE_TEXT_SIZE];
    buf_putf(line,
             JSON_START "%s\",\"host\":", write_time(LOG_FORMAT_JSON, head->wall_ns, 0, time));
    log_put_json_string(line, head->host);
    buf_put_text(line, ",\"program\":");
    log_put_json_string(line, head->tag);
    buf_putf(line, ",\"pid\":%d,\"severity\":\"%s\",\"event\":\"%s\"", head->pid,
             severities[severity].name, event);
}

void log_line_write_event(struct buf *line, enum log_format format, const struct log_head *head,
                          enum log_event event, const struct log_fields *fields)
{
    enum log_severity severity = log_event_severity(event);
    if (format == LOG_FORMAT_JSON) {
        put_json_head(line, head, severity, log_event_name(event));
        log_event_json(line, event, fields);
        buf_put_char(line, '}');
    } else {
        size_t head_size = put_text_head(line, head, severity);
        log_event_text(line, event, fields);
        log_cut(line, head_size + LOG_LINE_MAX);
    }
}

void log_line_write_message(struct buf *line, enum log_format format, const struct log_head *head,
                            enum log_severity severity, struct str text)
{
    if (format == LOG_FORMAT_JSON) {
        put_json_head(line, head, severity, MESSAGE_NAME);
        buf_put_text(line, ",\"text\":");
        log_put_json_string(line, text);
        buf_put_char(line, '}');
    } else {
        size_t head_size = put_text_head(line, head, severity);
        log_put_text(line, text);
        log_cut(line, head_size + LOG_LINE_MAX);
    }
}

void log_line_write(struct buf *line, enum log_format format, const struct log_line *parsed)
{
    if (parsed->event == LOG_EVENT_COUNT) {
        log_line_write_message(line, format, &parsed->head, parsed->severity, parsed->text);
    } else {
        log_line_write_event(line, format, &parsed->head, parsed->event, &parsed->fields);
    }
}

void log_line_set_time(char *line, enum log_format format, int64_t wall_ns, int utc_offset_s)
{
    char time[DATE_TEXT_SIZE];
    size_t start = format == LOG_FORMAT_JSON ? strlen(JSON_START) : 0;
    write_time(format, wall_ns, utc_offset_s, time);
    memcpy(line + start, time, strlen(time));
}

/* ---- reading a text line ----------------------------------------------------------------------- */

/* Takes "tag[pid]: ". A tag may hold any of these characters too. */
static bool take_tag(struct str *rest, struct log_head *head)
{
    int64_t pid = 0;
    ptrdiff_t end = str_find_str(*rest, STR("]: "));
    ptrdiff_t begin = end < 0 ? -1 : str_find_last(str_first(*rest, (size_t)end), '[');
    if (begin <= 0) {
        return false;
    }
    head->tag = str_first(*rest, (size_t)begin);
    struct str digits = str_skip(str_first(*rest, (size_t)end), (size_t)begin + 1);
    *rest = str_skip(*rest, (size_t)end + 3);
    bool is_number = number_parse_i64(digits, 0, INT32_MAX, &pid) == 0;
    head->pid = (int)pid;
    return is_number;
}

static enum log_severity take_severity(struct str *rest)
{
    for (enum log_severity severity = LOG_FATAL; severity > LOG_INFO; severity--) {
        if (str_starts_with(*rest, severities[severity].prefix)) {
            *rest = str_skip(*rest, severities[severity].prefix.size);
            return severity;
        }
    }
    return LOG_INFO;
}

static int parse_text(struct str line, int64_t now_wall_s, int utc_offset_s,
                      struct log_line *parsed)
{
    struct log_head *head = &parsed->head;
    struct str rest = str_skip(line, STAMP_BYTES);
    int64_t wall_s = 0;
    int error = date_parse_stamp(str_first(line, STAMP_BYTES), now_wall_s, utc_offset_s, &wall_s);
    if (error != 0) {
        return error;
    }
    head->wall_ns = wall_s * SECOND_NS;
    head->utc_offset_s = utc_offset_s;
    if (!str_starts_with(rest, STR(" "))) {
        return -ERR_SYNTAX;
    }
    rest = str_skip(rest, 1);
    if (!str_next(&rest, ' ', &head->host) || head->host.size == 0 || !take_tag(&rest, head)) {
        return -ERR_SYNTAX;
    }
    parsed->severity = take_severity(&rest);
    parsed->text = rest;
    if (log_event_parse(rest, &parsed->event, &parsed->fields) != 0 ||
        log_event_severity(parsed->event) != parsed->severity) {
        parsed->event = LOG_EVENT_COUNT;
        parsed->fields = (struct log_fields){0};
    }
    return 0;
}

/* ---- reading a JSON line ----------------------------------------------------------------------- */

static bool get_string(const struct json_object *object, struct str name, struct str *value)
{
    const struct json_member *member = json_object_find(object, name);
    if (member == NULL || !member->is_string) {
        return false;
    }
    *value = member->value;
    return true;
}

static int read_fields(const struct json_object *object, struct log_fields *fields)
{
    for (size_t i = 0; i < object->count; i++) {
        int error = log_event_parse_member(&object->members[i], fields);
        if (error != 0) {
            return error;
        }
    }
    return 0;
}

static bool get_number(const struct json_object *object, struct str name, int *value)
{
    const struct json_member *member = json_object_find(object, name);
    int64_t number = 0;
    if (member == NULL || member->is_string ||
        number_parse_i64(member->value, 0, INT32_MAX, &number) != 0) {
        return false;
    }
    *value = (int)number;
    return true;
}

static bool get_severity(const struct json_object *object, enum log_severity *severity)
{
    struct str name;
    if (!get_string(object, STR("severity"), &name)) {
        return false;
    }
    for (*severity = LOG_INFO; *severity <= LOG_FATAL; (*severity)++) {
        if (str_equal(name, str_from(severities[*severity].name))) {
            return true;
        }
    }
    return false;
}

static bool get_head(const struct json_object *object, struct log_head *head)
{
    struct str time;
    return get_string(object, STR("time"), &time) &&
           date_parse_instant(time, &head->wall_ns) == 0 &&
           get_string(object, STR("host"), &head->host) &&
           get_string(object, STR("program"), &head->tag) &&
           get_number(object, STR("pid"), &head->pid);
}

static int parse_json(struct str line, struct arena *arena, struct log_line *parsed)
{
    struct json_object object;
    struct str event;
    int error = json_object_parse(line, arena, &object);
    if (error != 0) {
        return error;
    }
    if (!get_head(&object, &parsed->head) || !get_severity(&object, &parsed->severity) ||
        !get_string(&object, STR("event"), &event)) {
        return -ERR_SYNTAX;
    }
    parsed->event = log_event_find(event);
    if (parsed->event == LOG_EVENT_COUNT) {
        (void)get_string(&object, STR("text"), &parsed->text);
        return 0;
    }
    return read_fields(&object, &parsed->fields);
}

int log_line_parse(struct str line, int64_t now_wall_s, int utc_offset_s, struct arena *arena,
                   struct log_line *parsed)
{
    *parsed = (struct log_line){.event = LOG_EVENT_COUNT};
    return str_starts_with(line, STR("{")) ? parse_json(line, arena, parsed)
                                           : parse_text(line, now_wall_s, utc_offset_s, parsed);
}
