// SPDX-License-Identifier: ISC
#include "sendmail/sendmail_run.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/assert.h"
#include "conf/command.h"
#include "log/tell.h"
#include "sys/fs.h"
#include "sys/process.h"

void sendmail_fail(struct sys *sys, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    tell_put(sys, "sendmail", "fatal", format, arguments);
    va_end(arguments);
    sys_exit(sys, COMMAND_TRY_AGAIN);
}

void sendmail_run_init(struct sendmail_run *run, struct sys *sys, const char *directory,
                       const char *program)
{
    *run = (struct sendmail_run){.sys = sys, .directory = directory, .fd = -1};
    sendmail_run_argument(run, program);
}

void sendmail_run_argument(struct sendmail_run *run, const char *argument)
{
    assert(run->argc < SENDMAIL_RUN_ARGUMENTS_MAX);
    run->argv[run->argc++] = argument;
}

void sendmail_run_start(struct sendmail_run *run)
{
    static const char *const no_environment[] = {NULL};
    const struct sys_spawn_descriptor descriptors[] = {{run->fd, 0}, {run->fd, 1}};
    char path[SYS_PATH_MAX];
    snprintf(path, sizeof(path), "%s/%s", run->directory, run->argv[0]);
    const struct sys_spawn spawn = {
        .path = path,
        .argv = run->argv,
        .environment = no_environment,
        .descriptors = descriptors,
        .descriptor_count = run->fd >= 0 ? 2 : 0,
    };
    run->pid = sys_spawn(run->sys, &spawn);
    if (run->pid < 0) {
        sendmail_fail(run->sys, "cannot run %s: %s", path, err_sentence(run->pid));
    }
}

int sendmail_run_wait(struct sendmail_run *run)
{
    struct sys_exit_status status;
    int error = sys_wait_child(run->sys, run->pid, &status, SYS_FOREVER);
    if (error != 0) {
        sendmail_fail(run->sys, "cannot wait for %s: %s", run->argv[0], err_sentence(error));
    }
    return status.signal != 0 ? COMMAND_TRY_AGAIN : status.status;
}
