// SPDX-License-Identifier: ISC
#include "conf/command_run.h"

#include <stdio.h>

#include "base/assert.h"
#include "conf/command.h"
#include "sys/fs.h"
#include "sys/process.h"

void command_run_init(struct command_run *run, struct sys *sys, const struct conf *conf,
                      const char *program)
{
    const char *directory = conf_text(conf, CONF_command_directory).data;
    *run = (struct command_run){.sys = sys, .directory = directory, .fd = -1};
    command_run_argument(run, program);
}

void command_run_argument(struct command_run *run, const char *argument)
{
    assert(run->argc < COMMAND_RUN_ARGUMENTS_MAX);
    run->argv[run->argc++] = argument;
}

int command_run_start(struct command_run *run)
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
    return run->pid < 0 ? run->pid : 0;
}

int command_run_wait(struct command_run *run)
{
    struct sys_exit_status status;
    int error = sys_wait_child(run->sys, run->pid, &status, SYS_FOREVER);
    if (error != 0) {
        return error;
    }
    return status.signal != 0 ? COMMAND_TRY_AGAIN : status.status;
}
