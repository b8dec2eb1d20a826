// SPDX-License-Identifier: ISC
#include "master/master_child.h"

#include "master/master_command.h"
#include "master/master_service.h"
#include "service/service_arguments.h"
#include "service/service_status.h"
#include "sys/clock.h"
#include "sys/net.h"
#include "sys/process.h"

enum { COMMAND_BYTES_MAX = 256 * 1024 };

/* A process that has left its channel is about to exit; one that does not is broken. */
#define EXIT_NS (10 * SYS_SECOND_NS)

static void live(struct sys *sys, void *argument);
static void happen(struct master_child *child, enum master_event event);
static void bury(struct master_child *child);

void master_child_start(struct master_service *service, int session_count)
{
    struct master *master = service->master;
    struct master_child *child = mem_alloc(sys_mem(master->sys), sizeof(*child));

    child->master = master;
    child->service = service;
    child->state = MASTER_STATE_STARTED;
    child->status_fd = -1;
    child->session_count = session_count;
    list_append(&service->children, &child->node);
    master->child_count++;
    if (sys_fiber_start(master->sys, &master->children, live, child) != 0) {
        happen(child, MASTER_EVENT_NO_START);
        bury(child);
    }
}

void master_child_retire(struct master_child *child)
{
    happen(child, MASTER_EVENT_TOLD);
    if (child->status_fd >= 0) {
        int error = sys_shutdown(child->master->sys, child->status_fd);
        (void)error; /* it has closed its end: it is about to exit anyway */
    }
}

void master_child_kill(struct master_child *child)
{
    if (child->pid > 0) {
        int error = sys_kill(child->master->sys, child->pid, SYS_SIGNAL_KILL);
        (void)error; /* it is gone already */
    }
}

static void happen(struct master_child *child, enum master_event event)
{
    struct master_step step = master_lifecycle_step(child->state, event);

    child->state = step.next;
    if (child->service == NULL) {
        return;
    }
    if (step.throttle) {
        master_service_throttle(child->service, child->path);
    }
    master_service_child_changed(child->service);
}

static void bury(struct master_child *child)
{
    struct master *master = child->master;
    struct master_service *service = child->service;

    list_remove(&child->node);
    master->child_count--;
    if (service != NULL) {
        master_service_child_gone(service);
    }
    sys_event_wake_all(master->sys, &master->child_gone);
    mem_free(sys_mem(master->sys), child->path);
    mem_free(sys_mem(master->sys), child);
}

/* ---- start ------------------------------------------------------------------------------- */

static int spawn(struct master_child *child, const struct master_command *command, int channel)
{
    const struct master_service *service = child->service;
    struct sys_spawn_descriptor descriptors[1 + SERVICE_LISTENERS_MAX];
    int count = 0;

    descriptors[count] = (struct sys_spawn_descriptor){channel, SERVICE_STATUS_FD};
    count++;
    for (int i = 0; i < service->listener_count; i++) {
        descriptors[count] =
            (struct sys_spawn_descriptor){service->listeners[i].fd, SERVICE_STATUS_LISTENER_FD + i};
        count++;
    }
    return sys_spawn(child->master->sys, &(struct sys_spawn){
                                             .path = command->path,
                                             .argv = command->argv,
                                             .environment = command->environment,
                                             .descriptors = descriptors,
                                             .descriptor_count = count,
                                         });
}

static int start_with_channel(struct master_child *child, int channel)
{
    struct mem *mem = sys_mem(child->master->sys);
    struct master_command command;
    struct arena arena;

    arena_init(&arena, mem, COMMAND_BYTES_MAX);
    int result = master_command_build(&arena, child->service, child->session_count, &command);
    if (result == 0) {
        child->path = mem_copy_str(mem, str_from(command.path));
        result = spawn(child, &command, channel);
    }
    arena_done(&arena);
    if (result < 0) {
        return result;
    }
    child->pid = result;
    return 0;
}

static int start(struct master_child *child)
{
    struct sys *sys = child->master->sys;
    int pair[2];

    if (child->service == NULL) {
        return -ERR_CANCELED; /* a reload was faster */
    }
    int error = sys_socket_pair(sys, pair);
    if (error != 0) {
        return error;
    }
    error = start_with_channel(child, pair[1]);
    sys_close(sys, pair[1]);
    if (error != 0) {
        sys_close(sys, pair[0]);
        return error;
    }
    child->status_fd = pair[0];
    if (child->state == MASTER_STATE_RETIRING) {
        return sys_shutdown(sys, child->status_fd);
    }
    return 0;
}

/* ---- life -------------------------------------------------------------------------------- */

static void hear_reports(struct master_child *child)
{
    struct master *master = child->master;
    struct service_status report;
    uint8_t bytes[SERVICE_STATUS_BYTES];
    size_t size = 0;

    for (;;) {
        long count = sys_read(master->sys, child->status_fd, bytes + size, sizeof(bytes) - size,
                              SYS_FOREVER);
        if (count <= 0) {
            return;
        }
        size += (size_t)count;
        enum parse parsed = service_status_parse(str_of(bytes, size), &report);
        if (parsed == PARSE_BAD) {
            log_warning(&master->log, "process %s pid %d: bad status report", child->path,
                        child->pid);
            return;
        }
        if (parsed == PARSE_OK) {
            size = 0;
            if (report.retiring) {
                child->session_count = (int)report.busy_count;
            }
            happen(child, master_lifecycle_event(&report));
        }
    }
}

static void log_exit(const struct master_child *child, const struct sys_exit_status *status)
{
    struct log *log = &child->master->log;
    struct str path = str_from(child->path);

    if (child->master->stopping) {
        return;
    }
    if (status->signal != 0) {
        log_event(log, child_killed, .path = path, .child_pid = child->pid,
                  .signal = status->signal);
    } else if (status->status != 0) {
        log_event(log, child_failed, .path = path, .child_pid = child->pid,
                  .exit_status = status->status);
    }
}

static enum master_event await_exit(struct master_child *child)
{
    struct sys *sys = child->master->sys;
    struct sys_exit_status status = {0};

    sys_close(sys, child->status_fd);
    child->status_fd = -1;
    int error = sys_wait_child(sys, child->pid, &status, sys_deadline(sys, EXIT_NS));
    if (error == -ERR_TIMEOUT) {
        master_child_kill(child);
        error = sys_wait_child(sys, child->pid, &status, SYS_FOREVER);
    }
    if (error == 0) {
        log_exit(child, &status);
    }
    child->pid = 0;
    return error == 0 && status.status == 0 ? MASTER_EVENT_EXIT_GOOD : MASTER_EVENT_EXIT_BAD;
}

static void live(struct sys *sys, void *argument)
{
    struct master_child *child = argument;
    int error = start(child);

    (void)sys;
    if (error == 0) {
        hear_reports(child);
        happen(child, MASTER_EVENT_CLOSED);
        happen(child, await_exit(child));
    } else {
        if (error != -ERR_CANCELED) {
            log_warning(&child->master->log, "cannot start %s: %s",
                        child->path == NULL ? "a daemon" : child->path, err_sentence(error));
        }
        happen(child, MASTER_EVENT_NO_START);
    }
    bury(child);
}
