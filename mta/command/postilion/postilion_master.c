// SPDX-License-Identifier: ISC
#include "postilion/postilion_master.h"

#include "base/number.h"
#include "postilion/postilion_text.h"
#include "sys/clock.h"
#include "sys/fs.h"

int postilion_master_enter(struct postilion_control *control)
{
    struct str directory = conf_text(control->conf, CONF_queue_directory);
    int error = sys_enter(control->sys, directory.data);

    if (error != 0) {
        return postilion_text_fail_path(control->sys, "cannot enter queue_directory",
                                        directory.data, error);
    }
    return 0;
}

static int parse_pid(struct str text, int *pid)
{
    uint64_t number = 0;
    int error = number_parse_u64(str_trim_space(text), INT32_MAX, &number);

    *pid = (int)number;
    return error;
}

/* 0 with the lock free, -ERR_LOCKED
 * with *pid set, or another error. */
static int try_master(struct sys *sys, int fd, int *pid, int64_t deadline_ns)
{
    char text[32];
    int error = sys_lock(sys, fd, false, deadline_ns);

    if (error != -ERR_LOCKED) {
        return error;
    }
    long size = sys_pread(sys, fd, text, sizeof(text), 0);
    if (size < 0) {
        return (int)size;
    }
    int syntax = parse_pid(str_of(text, (size_t)size), pid);
    return syntax != 0 ? -ERR_CORRUPT : -ERR_LOCKED;
}

int postilion_master_find(struct postilion_control *control, int *pid, int64_t deadline_ns)
{
    struct sys *sys = control->sys;
    int fd = sys_open(sys, SYS_HERE, "pid/master.pid", SYS_OPEN_READ, 0);

    if (fd == -ERR_NOT_FOUND) {
        return 0;
    }
    if (fd < 0) {
        return fd;
    }
    int result = try_master(sys, fd, pid, deadline_ns);
    sys_close(sys, fd);
    return result;
}

int postilion_master_need(struct postilion_control *control, int *pid)
{
    int status = postilion_master_enter(control);

    if (status != 0) {
        return status;
    }
    int found = postilion_master_find(control, pid, sys_now_ns(control->sys));
    if (found == -ERR_LOCKED) {
        return 0;
    }
    if (found != 0) {
        return postilion_text_fail(control->sys, "cannot read pid/master.pid in %s: %s",
                                   conf_text(control->conf, CONF_queue_directory).data,
                                   err_sentence(found));
    }
    return postilion_text_fail(control->sys, "the mail system does not run");
}

int postilion_master_signal(struct postilion_control *control, int pid, enum sys_signal signal)
{
    int error = sys_kill(control->sys, pid, signal);

    if (error != 0) {
        return postilion_text_fail(control->sys, "cannot signal master, process %d: %s", pid,
                                   err_sentence(error));
    }
    return 0;
}
