// SPDX-License-Identifier: ISC
#include "qmgr/qmgr_schedule.h"

int64_t qmgr_schedule_next(const struct qmgr_schedule *schedule, int64_t now_s, int64_t create_s)
{
    int64_t delay_s = now_s - create_s;
    if (delay_s > schedule->backoff_max_s) {
        delay_s = schedule->backoff_max_s;
    }
    if (delay_s < schedule->backoff_min_s) {
        delay_s = schedule->backoff_min_s;
    }
    return now_s + delay_s;
}

bool qmgr_schedule_is_over(const struct qmgr_schedule *schedule, int64_t now_s, int64_t create_s)
{
    return now_s >= create_s + schedule->lifetime_s;
}

int64_t qmgr_schedule_run(int64_t start_ns, int64_t period_ns, int64_t now_ns)
{
    if (now_ns < start_ns) {
        return start_ns;
    }
    return start_ns + ((now_ns - start_ns) / period_ns + 1) * period_ns;
}
