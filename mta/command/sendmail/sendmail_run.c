// SPDX-License-Identifier: ISC
#include "sendmail/sendmail_run.h"

#include <stdarg.h>

#include "conf/command.h"
#include "log/tell.h"

void sendmail_fail(struct sys *sys, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    tell_put(sys, "sendmail", "fatal", format, arguments);
    va_end(arguments);
    sys_exit(sys, COMMAND_TRY_AGAIN);
}

void sendmail_run_start(struct command_run *run)
{
    int error = command_run_start(run);
    if (error != 0) {
        sendmail_fail(run->sys, "cannot run %s/%s: %s", run->directory, run->argv[0],
                      err_sentence(error));
    }
}

int sendmail_run_wait(struct command_run *run)
{
    int status = command_run_wait(run);
    if (status < 0) {
        sendmail_fail(run->sys, "cannot wait for %s: %s", run->argv[0], err_sentence(status));
    }
    return status;
}
