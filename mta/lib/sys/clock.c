// SPDX-License-Identifier: ISC
#include "sys/clock.h"

int64_t sys_deadline(struct sys *sys, int64_t timeout_ns)
{
    int64_t now_ns = sys_now_ns(sys);
    int64_t deadline_ns;
    if (!__builtin_add_overflow(now_ns, timeout_ns, &deadline_ns)) {
        return deadline_ns;
    }
    return timeout_ns > 0 ? SYS_FOREVER : INT64_MIN;
}
