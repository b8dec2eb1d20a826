// SPDX-License-Identifier: ISC
/* log/event - what the daemons report, from events.def; as text or as JSON, and read back
 *
 * Field values may come from anybody; log/value makes them harmless. In the text line they cannot
 * leave their <> or their word.
 *
 * Limits    LOG_LINE_MAX bytes a text line; a longer one is cut and ends in "..."
 * Blocks    never; pure
 */
#ifndef LOG_EVENT_H
#define LOG_EVENT_H

#include <stdint.h>

#include "base/attribute.h"
#include "base/buf.h"
#include "base/str.h"
#include "log/value.h"
#include "proto/json_object.h"

/* LOG_connect and so on. */
enum log_event {
#define FIELD(name, type, meaning)
#define EVENT(name, severity, shape) LOG_##name,
#include "log/events.def"
#undef EVENT
#undef FIELD
    LOG_EVENT_COUNT
};

enum log_severity { LOG_INFO, LOG_WARNING, LOG_ERROR, LOG_FATAL };

#define LOG_TYPE_ID      struct str
#define LOG_TYPE_ADDRESS struct str
#define LOG_TYPE_NAME    struct str
#define LOG_TYPE_TEXT    struct str
#define LOG_TYPE_INT     int64_t
#define LOG_TYPE_DELAY   int64_t

/* One member for each FIELD; the event decides which it shows. */
struct log_fields {
#define FIELD(name, type, meaning) LOG_TYPE_##type name;
#define EVENT(name, severity, shape)
#include "log/events.def"
#undef EVENT
#undef FIELD
};

const char *log_event_name(enum log_event event);
enum log_severity log_event_severity(enum log_event event);
enum log_event log_event_find(struct str name); /* LOG_EVENT_COUNT: none of that name */

/* Appends the text of the event, without time, tag and severity. */
void log_event_text(struct buf *out, enum log_event event, const struct log_fields *fields);

/* Appends `,"name":value` for each field that the event shows and that is given. */
void log_event_json(struct buf *out, enum log_event event, const struct log_fields *fields);

/* The inverse of log_event_text(): the event whose shape accounts for most of the text, and the
 * fields that it shows, views into the text; a TEXT at which the line was cut holds what is left
 * of it. 0 or -ERR_SYNTAX for a text of no event. The work is quadratic in LOG_LINE_MAX at most. */
MUST_USE int log_event_parse(struct str text, enum log_event *event, struct log_fields *fields);

/* Sets the field that a member of a JSON line names, if there is one; 0, or -ERR_SYNTAX for a value
 * that is not of its type. A view of the value is kept. */
MUST_USE int log_event_parse_member(const struct json_member *member, struct log_fields *fields);

#endif
