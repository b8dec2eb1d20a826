// SPDX-License-Identifier: ISC
#include "log/tell.h"

#include "base/buf.h"

void tell_put(struct sys *sys, const char *program, const char *label, const char *format,
              va_list arguments)
{
    struct buf line;
    buf_init(&line, sys_mem(sys), TELL_BYTES_MAX);
    buf_putf(&line, "%s: %s: ", program, label);
    buf_putv(&line, format, arguments);
    buf_put_char(&line, '\n');
    int error = sys_error_output(sys, buf_str(&line));
    (void)error; /* there is nobody left to tell */
    buf_done(&line);
}

void tell_warning(struct sys *sys, const char *program, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    tell_put(sys, program, "warning", format, arguments);
    va_end(arguments);
}

void tell_fatal(struct sys *sys, const char *program, int status, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    tell_put(sys, program, "fatal", format, arguments);
    va_end(arguments);
    sys_exit(sys, status);
}
