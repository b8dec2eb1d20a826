// SPDX-License-Identifier: ISC
#include "log/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "proto/date.h"
#include "sys/clock.h"
#include "sys/net.h"
#include "sys/process.h"

#define JSON_START "{\"time\":\""

enum { TEXT_BYTES_MAX = 1 << 16 }; /* before it is cut to LOG_LINE_MAX */

static const struct {
    const char *name;
    const char *prefix;
} severities[] = {
    [LOG_INFO] = {"info", ""},
    [LOG_WARNING] = {"warning", "warning: "},
    [LOG_ERROR] = {"error", "error: "},
    [LOG_FATAL] = {"fatal", "fatal: "},
};

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

static const char *write_json_time(int64_t wall_ns, char text[DATE_TEXT_SIZE])
{
    struct date date = date_from_wall(wall_ns / SYS_SECOND_NS, 0);
    (void)snprintf(text, DATE_TEXT_SIZE, "%04d-%02d-%02dT%02d:%02d:%02d.%06dZ", (int)date.year,
                   date.month, date.day, date.hour, date.minute, date.second,
                   (int)(wall_ns % SYS_SECOND_NS / 1000));
    return text;
}

/* Jan  2 03:04:05 host postfix/smtpd[123]: */
static void put_text_head(struct log *log, struct buf *line, enum log_severity severity)
{
    char stamp[DATE_TEXT_SIZE];
    int64_t wall_ns = sys_wall_ns(log->sys);
    log->utc_offset_s = sys_utc_offset_s(log->sys, wall_ns);
    date_write_stamp(wall_ns / SYS_SECOND_NS, log->utc_offset_s, stamp);
    buf_putf(line, "%s %s %s[%d]: %s", stamp, sys_host_name(log->sys), log->tag, log->pid,
             severities[severity].prefix);
}

static void put_json_head(struct log *log, struct buf *line, enum log_severity severity,
                          const char *event)
{
    char time[DATE_TEXT_SIZE];
    buf_putf(line, JSON_START "%s\",\"host\":", write_json_time(sys_wall_ns(log->sys), time));
    log_put_json_string(line, str_from(sys_host_name(log->sys)));
    buf_put_text(line, ",\"program\":");
    log_put_json_string(line, str_from(log->tag));
    buf_putf(line, ",\"pid\":%d,\"severity\":\"%s\",\"event\":\"%s\"", log->pid,
             severities[severity].name, event);
}

/* Cuts what is behind the head to LOG_LINE_MAX bytes, at a character. */
static void cut_text(struct buf *line, size_t head_size)
{
    if (line->size - head_size <= LOG_LINE_MAX) {
        return;
    }
    size_t size = head_size + LOG_LINE_MAX - 3;
    while (size > head_size && ((uint8_t)line->data[size] & 0xc0) == 0x80) {
        size--;
    }
    buf_truncate(line, size);
    buf_put_text(line, "...");
}

void log_put_event(struct log *log, enum log_event event, const struct log_fields *fields)
{
    enum log_severity severity = log_event_severity(event);
    struct buf line;
    buf_init(&line, sys_mem(log->sys), TEXT_BYTES_MAX);
    if (log->format == LOG_FORMAT_JSON) {
        put_json_head(log, &line, severity, log_event_name(event));
        log_event_json(&line, event, fields);
        buf_put_char(&line, '}');
    } else {
        put_text_head(log, &line, severity);
        size_t head_size = line.size;
        log_event_text(&line, event, fields);
        cut_text(&line, head_size);
    }
    sys_log(log->sys, buf_str(&line));
    buf_done(&line);
}

static void make_message(struct log *log, enum log_severity severity, struct str text,
                         struct buf *line)
{
    buf_init(line, sys_mem(log->sys), TEXT_BYTES_MAX);
    if (log->format == LOG_FORMAT_JSON) {
        put_json_head(log, line, severity, "message");
        buf_put_text(line, ",\"text\":");
        log_put_json_string(line, text);
        buf_put_char(line, '}');
    } else {
        put_text_head(log, line, severity);
        size_t head_size = line->size;
        log_put_text(line, text);
        cut_text(line, head_size);
    }
}

static void put_message(struct log *log, enum log_severity severity, const char *format,
                        va_list arguments)
{
    struct buf text;
    struct buf line;
    buf_init(&text, sys_mem(log->sys), TEXT_BYTES_MAX);
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
    char time[DATE_TEXT_SIZE];
    bool is_json = log->format == LOG_FORMAT_JSON;
    if (is_json) {
        write_json_time(wall_ns, time);
    } else {
        date_write_stamp(wall_ns / SYS_SECOND_NS, log->utc_offset_s, time);
    }
    memcpy(watchdog->line + (is_json ? strlen(JSON_START) : 0), time, strlen(time));
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
