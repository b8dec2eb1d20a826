// SPDX-License-Identifier: ISC
/* log/log - the log of one process
 *
 *     struct log log;
 *     log_open(&log, sys, conf_text(conf, CONF_syslog_name), "smtpd");
 *     log_event(&log, removed, .queue_id = id);
 *     log_warning(&log, "cannot open %s: %s", path, err_sentence(error));
 *
 * A line (log/log_line.h) goes to sys_log(): to standard error until log_to_socket() names the
 * sink.
 *
 * Memory    none but the struct; the strings given to log_open() are copied
 * Blocks    never: what the sink cannot take is dropped and counted (sys_log)
 */
#ifndef LOG_LOG_H
#define LOG_LOG_H

#include "base/attribute.h"
#include "log/log_line.h"
#include "sys/sys.h"

enum { LOG_TAG_MAX = 128, LOG_LAST_LINE_MAX = 512 };

struct log {
    struct sys *sys;
    int pid;
    char tag[LOG_TAG_MAX]; /* "postfix/smtpd" */
    enum log_format format;
    int utc_offset_s; /* of the line before */
};

/* The tag is syslog_name/program; it is cut when too long. Instant. */
void log_open(struct log *log, struct sys *sys, struct str syslog_name, const char *program);
void log_set_format(struct log *log, enum log_format format); /* TEXT after log_open() */

/* From now on lines go to the datagram socket at path, "public/postlog" below the working
 * directory. On failure lines go where they went before. Instant. */
MUST_USE int log_to_socket(struct log *log, struct str path);

/* log_event(log, removed, .queue_id = id): an event of events.def with the fields it shows. */
#define log_event(log, event, ...) \
    log_put_event((log), LOG_##event, &(const struct log_fields){__VA_ARGS__})
void log_put_event(struct log *log, enum log_event event, const struct log_fields *fields);

/* Lines without a shape of their own: "warning: ...", "error: ...", and plain. Instant. */
void log_info(struct log *log, const char *format, ...) PRINTF_LIKE(2, 3);
void log_warning(struct log *log, const char *format, ...) PRINTF_LIKE(2, 3);
void log_error(struct log *log, const char *format, ...) PRINTF_LIKE(2, 3);

/* "fatal: watchdog timeout" and the end of this process when it hangs for that long (sys_watch).
 * Both structs must stay as long as the process. Instant. */
struct log_watchdog {
    const struct log *log;
    char line[LOG_LAST_LINE_MAX];
    size_t size;
};
void log_watch(struct log *log, int64_t timeout_ns, struct log_watchdog *watchdog);

/* "fatal: ..." and the end of this process with status 1: the world is broken (configuration,
 * disk), not the program. */
NORETURN void log_fatal(struct log *log, const char *format, ...) PRINTF_LIKE(2, 3);

#endif
