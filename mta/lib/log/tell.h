// SPDX-License-Identifier: ISC
/* log/tell - what a command tells the person who ran it
 *
 * Shape     "program: warning: text" or "program: fatal: text" on standard error, one line
 * Limits    TELL_BYTES_MAX bytes of text; a longer one is left out whole
 * Blocks    for the terminal
 */
#ifndef LOG_TELL_H
#define LOG_TELL_H

#include <stdarg.h>

#include "sys/sys.h"

enum { TELL_BYTES_MAX = 256 * 1024 };

/* label: "warning", "fatal". */
void tell_put(struct sys *sys, const char *program, const char *label, const char *format,
              va_list arguments);
void tell_warning(struct sys *sys, const char *program, const char *format, ...) PRINTF_LIKE(3, 4);
/* Ends the process with that exit status. */
NORETURN void tell_fatal(struct sys *sys, const char *program, int status, const char *format, ...)
    PRINTF_LIKE(4, 5);

#endif
