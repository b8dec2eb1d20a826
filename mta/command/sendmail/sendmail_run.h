// SPDX-License-Identifier: ISC
/* sendmail/sendmail_run - another command, or the end with status 75 and a line on standard error
 *
 * Blocks    as conf/command_run
 */
#ifndef SENDMAIL_SENDMAIL_RUN_H
#define SENDMAIL_SENDMAIL_RUN_H

#include "base/attribute.h"
#include "conf/command_run.h"

void sendmail_run_start(struct command_run *run);
/* Its exit status. */
MUST_USE int sendmail_run_wait(struct command_run *run);

NORETURN void sendmail_fail(struct sys *sys, const char *format, ...) PRINTF_LIKE(2, 3);

#endif
