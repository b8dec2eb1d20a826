// SPDX-License-Identifier: ISC
/* The log sink. A datagram socket takes few lines at a time (ten by default, with a unix socket),
 * so lines that find it full wait in a backlog until it has room; only what does not fit there is
 * lost. */
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

enum { LAST_CHANCE_MS = 1000 };

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

static bool send_line(const struct os_log *log, struct str line)
{
    return send(log->fd, line.data, line.size, MSG_DONTWAIT | MSG_NOSIGNAL) >= 0;
}

/* ---- backlog: size and bytes of each line ----------------------------------------------------------- */

static bool keep_line(struct os_log *log, struct str line)
{
    size_t size = sizeof(size_t) + line.size;
    if (log->backlog == NULL) {
        log->backlog = malloc(OS_LOG_BACKLOG_BYTES_MAX);
    }
    if (log->backlog == NULL || size > OS_LOG_BACKLOG_BYTES_MAX - log->backlog_size) {
        return false;
    }
    memcpy(log->backlog + log->backlog_size, &line.size, sizeof(size_t));
    memcpy(log->backlog + log->backlog_size + sizeof(size_t), line.data, line.size);
    log->backlog_size += size;
    return true;
}

static void send_backlog(struct os_log *log)
{
    size_t sent = 0;
    while (sent < log->backlog_size) {
        size_t line_size;
        memcpy(&line_size, log->backlog + sent, sizeof(size_t));
        if (!send_line(log, str_of(log->backlog + sent + sizeof(size_t), line_size))) {
            if (errno == EAGAIN) {
                break;
            }
            log->dropped_count++;
        }
        sent += sizeof(size_t) + line_size;
    }
    log->backlog_size -= sent;
    memmove(log->backlog, log->backlog + sent, log->backlog_size);
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
    if (send_line(log, str_of(text, (size_t)size))) {
        log->dropped_count = 0;
    }
}

static void sink_ready(struct sys *sys)
{
    send_backlog(&sys->log);
    if (sys->log.backlog_size == 0) {
        os_descriptor_unwatch(sys, sys->log.fd);
    }
}

static void send_or_keep(struct sys *sys, struct str line)
{
    struct os_log *log = &sys->log;
    if (log->backlog_size > 0) {
        send_backlog(log);
    }
    if (log->backlog_size == 0) {
        report_dropped(log, line);
        if (send_line(log, line)) {
            return;
        }
        if (errno == EAGAIN) {
            os_descriptor_watch(sys, log->fd, true, sink_ready);
        }
    }
    if (!keep_line(log, line)) {
        log->dropped_count++;
    }
}

/* ---- the interface ------------------------------------------------------------------------------- */

void sys_log(struct sys *sys, struct str line)
{
    if (sys->log.fd < 0) {
        write_standard_error(line);
    } else {
        send_or_keep(sys, line);
    }
}

void sys_log_to(struct sys *sys, int fd)
{
    int before = sys->log.fd;
    os_log_done(sys);
    sys->log.fd = fd;
    sys_close(sys, before);
}

void os_log_done(struct sys *sys)
{
    struct os_log *log = &sys->log;
    struct pollfd poll_fd = {.fd = log->fd, .events = POLLOUT};
    while (log->backlog_size > 0 && poll(&poll_fd, 1, LAST_CHANCE_MS) == 1) {
        send_backlog(log);
    }
    log->backlog_size = 0;
}
