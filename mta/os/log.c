// SPDX-License-Identifier: ISC
/* The log sink. Lines gather until the process is about to wait, or until they fill a datagram, and
 * go together: a datagram socket takes few at a time (ten by default, with a unix socket), and each
 * wakes its reader up. Lines that find it full wait in a backlog until it has room; only what does
 * not fit there is lost. */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "base/assert.h"
#include "os/os.h"

enum { LAST_CHANCE_MS = 1000, DATAGRAM_BYTES = 8 * 1024 };

static void write_standard_error(struct str line)
{
    struct pollfd poll_fd = {.fd = STDERR_FILENO, .events = POLLOUT};
    struct iovec parts[2] = {
        {.iov_base = (void *)(uintptr_t)line.data, .iov_len = line.size},
        {.iov_base = (void *)(uintptr_t) "\n", .iov_len = 1},
    };
    if (poll(&poll_fd, 1, 0) == 1) {
        ssize_t count = writev(STDERR_FILENO, parts, 2);
        (void)count;
    }
}

static bool send_text(const struct os_log *log, struct str text)
{
    return send(log->fd, text.data, text.size, MSG_DONTWAIT | MSG_NOSIGNAL) >= 0;
}

/* ---- backlog: lines, each with a newline behind it ---------------------------------------------------- */

static bool keep_line(struct os_log *log, struct str line)
{
    if (log->backlog == NULL) {
        log->backlog = malloc(OS_LOG_BACKLOG_BYTES_MAX);
    }
    if (log->backlog == NULL || line.size >= OS_LOG_BACKLOG_BYTES_MAX - log->backlog_size) {
        return false;
    }
    memcpy(log->backlog + log->backlog_size, line.data, line.size);
    log->backlog[log->backlog_size + line.size] = '\n';
    log->backlog_size += line.size + 1;
    return true;
}

/* The whole lines that fit into one datagram, at least one, without the newline at their end. */
static struct str first_datagram(struct str lines)
{
    ptrdiff_t end = str_find_last(str_first(lines, DATAGRAM_BYTES), '\n');
    if (end < 0) {
        end = str_find(lines, '\n');
    }
    return str_first(lines, (size_t)end);
}

/* The start of a line up to its tag is ours to use for a line about lines. */
static void report_dropped(struct os_log *log, struct str line)
{
    char text[512];
    ptrdiff_t end = str_find_str(line, STR("]: "));
    struct str tag = str_first(line, end < 0 || end > 300 ? 0 : (size_t)end + 3);
    if (log->dropped_count == 0) {
        return;
    }
    int size = snprintf(text, sizeof(text), "%.*swarning: %llu log lines were lost", STR_ARG(tag),
                        (unsigned long long)log->dropped_count);
    if (send_text(log, str_of(text, (size_t)size))) {
        log->dropped_count = 0;
    }
}

static uint64_t count_lines(struct str text)
{
    uint64_t count = 0;
    struct str line;
    while (str_next(&text, '\n', &line)) {
        count++;
    }
    return count;
}

/* Until all is sent, or the sink is full. */
static void send_backlog(struct os_log *log)
{
    struct str rest = str_of(log->backlog, log->backlog_size);
    log->full = false;
    while (rest.size > 0) {
        struct str text = first_datagram(rest);
        report_dropped(log, text);
        if (!send_text(log, text)) {
            log->full = errno == EAGAIN;
            if (log->full) {
                break;
            }
            log->dropped_count += count_lines(text);
        }
        rest = str_skip(rest, text.size + 1);
    }
    log->backlog_size = rest.size;
    memmove(log->backlog, rest.data, rest.size);
}

static void sink_ready(struct sys *sys)
{
    send_backlog(&sys->log);
    if (!sys->log.full) {
        os_descriptor_unwatch(sys, sys->log.fd);
    }
}

void os_log_send(struct sys *sys)
{
    struct os_log *log = &sys->log;
    if (log->backlog_size == 0 || log->full) {
        return;
    }
    send_backlog(log);
    if (log->full) {
        os_descriptor_watch(sys, log->fd, true, sink_ready);
    }
}

/* ---- the interface ------------------------------------------------------------------------------- */

void sys_log(struct sys *sys, struct str line)
{
    struct os_log *log = &sys->log;
    if (log->fd < 0) {
        write_standard_error(line);
        return;
    }
    if (!keep_line(log, line)) {
        log->dropped_count++;
    }
    if (log->backlog_size >= DATAGRAM_BYTES) {
        os_log_send(sys);
    }
}

void sys_log_to(struct sys *sys, int fd)
{
    int before = sys->log.fd;
    os_log_done(sys);
    sys->log.fd = fd;
    sys_close(sys, before);
}

void os_log_now(struct sys *sys, struct str line)
{
    const struct os_log *log = &sys->log;
    if (log->fd < 0 || !send_text(log, line)) {
        write_standard_error(line);
    }
}

void os_log_done(struct sys *sys)
{
    struct os_log *log = &sys->log;
    struct pollfd poll_fd = {.fd = log->fd, .events = POLLOUT};
    while (log->backlog_size > 0 && poll(&poll_fd, 1, LAST_CHANCE_MS) == 1) {
        send_backlog(log);
    }
    log->backlog_size = 0;
    log->full = false;
}
