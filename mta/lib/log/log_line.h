// SPDX-License-Identifier: ISC
/* log/log_line - a line of the mail log, written and read back
 *
 * Shape     "Jan  2 03:04:05 host postfix/smtpd[123]: text", in local time, the text of what is no
 *           INFO after "warning: " and so on; or one JSON object with the keys time host program
 *           pid severity event and the event's fields, "message" and text for what is no event.
 *           Without a line end.
 * Limits    LOG_LINE_MAX bytes of text; a longer one is cut and ends in "..."
 * Blocks    never; pure
 */
#ifndef LOG_LOG_LINE_H
#define LOG_LOG_LINE_H

#include <stdint.h>

#include "base/arena.h"
#include "base/attribute.h"
#include "base/buf.h"
#include "base/str.h"
#include "log/event.h"

enum { LOG_LINE_BYTES_MAX = 1 << 16 }; /* before the text is cut */

enum log_format { LOG_FORMAT_TEXT, LOG_FORMAT_JSON };

struct log_head {
    int64_t wall_ns;
    int utc_offset_s; /* of a text line */
    struct str host;
    struct str tag; /* "postfix/smtpd" */
    int pid;
};

/* Both append to an empty line. */
void log_line_write_event(struct buf *line, enum log_format format, const struct log_head *head,
                          enum log_event event, const struct log_fields *fields);
void log_line_write_message(struct buf *line, enum log_format format, const struct log_head *head,
                            enum log_severity severity, struct str text);

/* Writes another time over that of a line made before; allocates nothing. */
void log_line_set_time(char *line, enum log_format format, int64_t wall_ns, int utc_offset_s);

struct log_line {
    struct log_head head; /* of a text line the time is whole seconds */
    enum log_severity severity;
    enum log_event event;     /* LOG_EVENT_COUNT: none of events.def, as a warning in plain words */
    struct log_fields fields; /* those that the line shows; others as if not given */
    struct str text;          /* what stands behind the head; empty for a JSON line of an event */
};

/* now_wall_s and utc_offset_s are the reader's, since a text line has neither year nor zone: it is
 * of the latest time not more than a day after now. 0; -ERR_SYNTAX for a line that is torn or of
 * another program; -ERR_LIMIT when the arena is full. Texts point into the line, or into the arena
 * where JSON had escaped them. */
MUST_USE int log_line_parse(struct str line, int64_t now_wall_s, int utc_offset_s,
                            struct arena *arena, struct log_line *parsed);
/* The line again, in that format. */
void log_line_write(struct buf *line, enum log_format format, const struct log_line *parsed);

#endif
