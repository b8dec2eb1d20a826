// SPDX-License-Identifier: ISC
/* sendmail/sendmail_run - runs another command of the mail system
 *
 * Errors    end the process with status 75, after a line on standard error
 */
#ifndef SENDMAIL_SENDMAIL_RUN_H
#define SENDMAIL_SENDMAIL_RUN_H

#include "base/attribute.h"
#include "sys/sys.h"

enum { SENDMAIL_RUN_ARGUMENTS_MAX = 8 };

struct sendmail_run {
    struct sys *sys;
    const char *directory; /* of commands */
    const char *argv[SENDMAIL_RUN_ARGUMENTS_MAX + 1];
    int argc;
    int fd; /* both its input and its output when not negative */
    int pid;
};

void sendmail_run_init(struct sendmail_run *run, struct sys *sys, const char *directory,
                       const char *program);
void sendmail_run_argument(struct sendmail_run *run, const char *argument);
/* Waiting. */
void sendmail_run_start(struct sendmail_run *run);
/* Its exit status; 75 when a signal ended it. Waiting. */
MUST_USE int sendmail_run_wait(struct sendmail_run *run);

NORETURN void sendmail_fail(struct sys *sys, const char *format, ...) PRINTF_LIKE(2, 3);

#endif
