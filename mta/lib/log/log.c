// SPDX-License-Identifier: ISC
#include "log/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "sys/clock.h"
#include "sys/net.h"
#include "sys/process.h"

void log_open(struct log *log, struct sys *sys, struct str syslog_name, const char *program)
{
    *log = (struct log){.sys = sys, .pid = sys_pid(sys)};
    snprintf(log->tag, sizeof(log->tag), "%.*s/%s", STR_ARG(syslog_name), program);
}

void log_set_format(struct log *log, enum log_format format)
{
    log->format = format;
}

int log_to_socket(struct log *log, struct str path)
{
    struct sys_address address;
    int error = sys_address_unix(path, &address);
    if (error != 0) {
        return error;
    }
    int fd = sys_datagram_dial(log->sys, &address);
    if (fd < 0) {
        return fd;
    }
    sys_log_to(log->sys, fd);
    return 0;
}

/* ---- lines ----------------------------------------------------------------------------------- */

static void start_line(struct log *log, struct buf *line, struct log_head *head)
{
    int64_t wall_ns = sys_wall_ns(log->sys);
    log->utc_offset_s = sys_utc_offset_s(log->sys, wall_ns);
    *head = (struct log_head){
        .wall_ns = wall_ns,
        .utc_offset_s = log->utc_offset_s,
        .host = str_from(sys_host_name(log->sys)),
        .tag = str_from(log->tag),
        .pid = log->pid,
    };
    buf_init(line, sys_mem(log->sys), LOG_LINE_BYTES_MAX);
}

void log_put_event(struct log *log, enum log_event event, const struct log_fields *fields)
{
    struct buf line;
    struct log_head head;
    start_line(log, &line, &head);
    log_line_write_event(&line, log->format, &head, event, fields);
    sys_log(log->sys, buf_str(&line));
    buf_done(&line);
}

static void make_message(struct log *log, enum log_severity severity, struct str text,
                         struct buf *line)
{
    struct log_head head;
    start_line(log, line, &head);
    log_line_write_message(line, log->format, &head, severity, text);
}

static void put_message(struct log *log, enum log_severity severity, const char *format,
                        va_list arguments)
{
    struct buf text;
    struct buf line;
    buf_init(&text, sys_mem(log->sys), LOG_LINE_BYTES_MAX);
    buf_putv(&text, format, arguments);
    make_message(log, severity, buf_str(&text), &line);
    sys_log(log->sys, buf_str(&line));
    buf_done(&line);
    buf_done(&text);
}

void log_info(struct log *log, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    put_message(log, LOG_INFO, format, arguments);
    va_end(arguments);
}

void log_warning(struct log *log, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    put_message(log, LOG_WARNING, format, arguments);
    va_end(arguments);
}

void log_error(struct log *log, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    put_message(log, LOG_ERROR, format, arguments);
    va_end(arguments);
}

void log_fatal(struct log *log, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    put_message(log, LOG_FATAL, format, arguments);
    va_end(arguments);
    sys_exit(log->sys, 1);
}

/* ---- the watchdog ---------------------------------------------------------------------------- */

/* The line was made beforehand: only its time is still to be written. */
static struct str last_line(void *argument, int64_t wall_ns)
{
    struct log_watchdog *watchdog = argument;
    const struct log *log = watchdog->log;
    log_line_set_time(watchdog->line, log->format, wall_ns, log->utc_offset_s);
    return str_of(watchdog->line, watchdog->size);
}

void log_watch(struct log *log, int64_t timeout_ns, struct log_watchdog *watchdog)
{
    struct buf line;
    make_message(log, LOG_FATAL, STR("watchdog timeout"), &line);
    struct str kept = str_first(buf_str(&line), sizeof(watchdog->line));
    watchdog->log = log;
    memcpy(watchdog->line, kept.data, kept.size);
    watchdog->size = kept.size;
    buf_done(&line);
    sys_watch(log->sys, &(struct sys_watch){timeout_ns, last_line, watchdog});
}
