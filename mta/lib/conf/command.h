// SPDX-License-Identifier: ISC
/* conf/command - what the commands that work on the queue have in common
 *
 *     struct command command;
 *     command_open(&command, sys, "postsuper", config_directory);
 *     command_event(&command, requeued, .queue_id = id);
 *     command_close(&command);
 *
 * The working directory is queue_directory then. What is said goes to the mail log, and to standard
 * error where the log does not go there itself. A mistake somewhere in the configuration is no
 * reason not to work on the queue: what is wrong has no value then, and `postilion check` says it.
 *
 * Errors    of open end the process, with a line on standard error
 * Blocks    for the disk and the terminal
 */
#ifndef CONF_COMMAND_H
#define CONF_COMMAND_H

#include "conf/conf.h"
#include "log/log.h"

/* Exit statuses, as <sysexits.h> numbers them. */
enum {
    COMMAND_FAILED = 1,
    COMMAND_USAGE = 64,
    COMMAND_UNAVAILABLE = 69,
    COMMAND_TRY_AGAIN = 75,
    COMMAND_NOT_PERMITTED = 77,
    COMMAND_CONFIG = 78,
};

struct command {
    struct sys *sys;
    const char *program;
    struct conf *conf;
    struct log log;
    bool tells; /* on standard error, beside the log */
};

/* directory: as given after -c, or NULL. For commands that only start others. */
MUST_USE struct conf *command_conf(struct sys *sys, const char *program, const char *directory);

void command_open(struct command *command, struct sys *sys, const char *program,
                  const char *directory);
void command_close(struct command *command);

void command_info(struct command *command, const char *format, ...) PRINTF_LIKE(2, 3);
void command_warning(struct command *command, const char *format, ...) PRINTF_LIKE(2, 3);
NORETURN void command_fail(struct command *command, int status, const char *format, ...)
    PRINTF_LIKE(3, 4);

#define command_event(command, event, ...) \
    command_put_event((command), LOG_##event, &(const struct log_fields){__VA_ARGS__})
void command_put_event(struct command *command, enum log_event event,
                       const struct log_fields *fields);

#endif
