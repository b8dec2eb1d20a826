// SPDX-License-Identifier: ISC
/* conf/command_run - one command of the mail system runs another
 *
 *     command_run_init(&run, sys, conf, "postsuper");
 *     command_run_argument(&run, "-s");
 *     error = command_run_start(&run);
 *     status = command_run_wait(&run);
 *
 * The program lies in command_directory. It gets no environment: say the configuration with -c.
 *
 * Limits    COMMAND_RUN_ARGUMENTS_MAX arguments
 * Memory    borrows the arguments
 * Blocks    start and wait
 */
#ifndef CONF_COMMAND_RUN_H
#define CONF_COMMAND_RUN_H

#include "conf/conf.h"

enum { COMMAND_RUN_ARGUMENTS_MAX = 8 };

struct command_run {
    struct sys *sys;
    const char *directory;
    const char *argv[COMMAND_RUN_ARGUMENTS_MAX + 1]; /* the program's name first */
    int argc;
    int fd; /* both its input and its output; -1: ours */
    int pid;
};

void command_run_init(struct command_run *run, struct sys *sys, const struct conf *conf,
                      const char *program);
void command_run_argument(struct command_run *run, const char *argument);
/* 0, or why it could not be started. */
MUST_USE int command_run_start(struct command_run *run);
/* Its exit status, COMMAND_TRY_AGAIN when a signal ended it, or an error. */
MUST_USE int command_run_wait(struct command_run *run);

#endif
