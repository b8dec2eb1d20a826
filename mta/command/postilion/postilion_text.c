// SPDX-License-Identifier: ISC
#include "postilion/postilion_text.h"

#include <stdarg.h>

#include "base/buf.h"
#include "conf/reach.h"
#include "log/tell.h"

enum { LINE_BYTES_MAX = 64 * 1024 };

void postilion_text_say(struct sys *sys, const char *format, ...)
{
    va_list arguments;
    struct buf line;

    buf_init(&line, sys_mem(sys), LINE_BYTES_MAX);
    va_start(arguments, format);
    buf_putv(&line, format, arguments);
    va_end(arguments);
    buf_put_char(&line, '\n');
    int error = sys_output(sys, buf_str(&line));
    (void)error; /* there is nobody left to tell */
    buf_done(&line);
}

void postilion_text_warn(struct sys *sys, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    tell_put(sys, "postilion", "warning", format, arguments);
    va_end(arguments);
}

int postilion_text_fail(struct sys *sys, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    tell_put(sys, "postilion", "fatal", format, arguments);
    va_end(arguments);
    return 1;
}

void postilion_text_warn_lines(struct sys *sys, struct str lines)
{
    struct str line;

    while (str_next_token(&lines, "\n", &line)) {
        postilion_text_warn(sys, "%.*s", STR_ARG(line));
    }
}

int postilion_text_fail_lines(struct sys *sys, struct str lines)
{
    struct str line;

    while (str_next_token(&lines, "\n", &line)) {
        int status = postilion_text_fail(sys, "%.*s", STR_ARG(line));
        (void)status;
    }
    return 1;
}

int postilion_text_fail_path(struct sys *sys, const char *what, const char *path, int error)
{
    struct buf line;

    buf_init(&line, sys_mem(sys), LINE_BYTES_MAX);
    reach_put_problem(sys, what, path, error, &line);
    int status = postilion_text_fail_lines(sys, buf_str(&line));
    buf_done(&line);
    return status;
}
