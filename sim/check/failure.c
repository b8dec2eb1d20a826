// SPDX-License-Identifier: ISC
#include "check/failure.h"

void failure_init(struct failures *failures, struct mem *mem)
{
    failures->count = 0;
    buf_init(&failures->text, mem, FAILURES_BYTES_MAX);
}

void failure_done(struct failures *failures)
{
    buf_done(&failures->text);
}

void failure_add(struct failures *failures, const char *format, ...)
{
    failures->count++;
    if (failures->count > FAILURES_MAX) {
        return;
    }
    va_list arguments;
    va_start(arguments, format);
    buf_putv(&failures->text, format, arguments);
    va_end(arguments);
    buf_put_char(&failures->text, '\0');
}

bool failure_next(struct str *rest, struct str *failure)
{
    return rest->size > 0 && str_next(rest, '\0', failure);
}
