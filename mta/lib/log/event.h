// SPDX-License-Identifier: ISC
/* log/event - what the daemons report, from events.def; rendered as text or as JSON
 *
 * Field values may come from anybody. In the text line they can neither start a new line nor
 * leave their <> or their word: control characters and malformed UTF-8 become `?`, and so do
 * < and > in an ADDRESS, white space, comma and <>()[]; at the wrong place in a NAME. JSON
 * strings are escaped and hold what was given, malformed UTF-8 as U+FFFD.
 *
 * Limits    LOG_LINE_MAX bytes a text line; a longer one is cut and ends in "..."
 * Blocks    never; pure
 */
#ifndef LOG_EVENT_H
#define LOG_EVENT_H

#include <stdint.h>

#include "base/buf.h"
#include "base/str.h"

enum { LOG_LINE_MAX = 2000 };

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

/* Appends the text of the event, without time, tag and severity. */
void log_event_text(struct buf *out, enum log_event event, const struct log_fields *fields);

/* Appends `,"name":value` for each field that the event shows and that is given. */
void log_event_json(struct buf *out, enum log_event event, const struct log_fields *fields);

/* The two ways to make foreign text harmless, also for warnings and replies of our own. */
void log_put_text(struct buf *out, struct str text);        /* as TEXT above */
void log_put_json_string(struct buf *out, struct str text); /* with its quotes */

/* "1.2", "0.05", "12", "0": seconds with two significant digits, at most two decimals. */
void log_put_delay(struct buf *out, int64_t delay_ns);

#endif
