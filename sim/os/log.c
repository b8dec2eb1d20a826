// SPDX-License-Identifier: ISC
#include <stdio.h>

#include "os/call.h"
#include "os/log.h"
#include "sys/sys.h"
#include "world/descriptor.h"
#include "world/observer.h"
#include "world/process.h"
#include "world/socket.h"
#include "world/socket_datagram.h"
#include "world/world_state.h"

enum { DROPPED_LINE_MAX = 512 };

static void tell_logged(struct sys *sys, struct str line)
{
    list_each(node, &sys->world->observers)
    {
        struct observer *observer = list_entry(node, struct observer, in_world);
        if (observer->log != NULL) {
            observer->log(observer->argument, sys, line);
            process_leave_if_ended(sys);
        }
    }
}

static bool send_line(struct sys *sys, struct str line)
{
    struct open_file *file = descriptor_get(sys, sys->log_fd);
    return file != NULL && file->socket != NULL && file->socket->kind == SOCKET_DATAGRAM &&
           socket_datagram_write(file->socket, line.data, line.size) >= 0;
}

/* As production words it; the head of the line is that of the one that follows. */
static void report_dropped(struct sys *sys, struct str line)
{
    char text[DROPPED_LINE_MAX];
    ptrdiff_t end = str_find_str(line, STR("]: "));
    struct str head = str_first(line, end < 0 ? 0 : (size_t)end + 3);
    if (sys->log_dropped_count == 0) {
        return;
    }
    snprintf(text, sizeof(text), "%.*swarning: %llu log lines were lost", STR_ARG(head),
             (unsigned long long)sys->log_dropped_count);
    if (send_line(sys, str_from(text))) {
        sys->log_dropped_count = 0;
    }
}

static void send_to_sink(struct sys *sys, struct str line)
{
    report_dropped(sys, line);
    if (!send_line(sys, line)) {
        sys->log_dropped_count++;
    }
}

void log_line(struct sys *sys, struct str line)
{
    if (sys->log_fd >= 0) {
        send_to_sink(sys, line);
    } else {
        buf_put(&sys->error_output, line);
        buf_put_char(&sys->error_output, '\n');
    }
    tell_logged(sys, line);
}

void sys_log(struct sys *sys, struct str line)
{
    call_enter(sys, "log");
    log_line(sys, line);
    call_leave(sys, &(struct trace_record){.call = "log", .text = line});
}

void sys_log_to(struct sys *sys, int fd)
{
    int before = sys->log_fd;
    sys->log_fd = fd;
    sys_close(sys, before);
}
