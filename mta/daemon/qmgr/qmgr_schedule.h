// SPDX-License-Identifier: ISC
/* qmgr/qmgr_schedule - when a message is tried again, and when it is given up
 *
 * Units     whole seconds of wall time, as in the queue file: an attempt that takes a moment does
 *           not move the later ones
 * Blocks    never; pure
 */
#ifndef QMGR_QMGR_SCHEDULE_H
#define QMGR_QMGR_SCHEDULE_H

#include <stdbool.h>
#include <stdint.h>

struct qmgr_schedule {
    int64_t backoff_min_s;
    int64_t backoff_max_s;
    int64_t lifetime_s;
};

/* Now and the age of the message, within the limits. */
int64_t qmgr_schedule_next(const struct qmgr_schedule *schedule, int64_t now_s, int64_t create_s);

bool qmgr_schedule_is_over(const struct qmgr_schedule *schedule, int64_t now_s, int64_t create_s);

/* The first run at start + k * period, k >= 0, that is later than now. */
int64_t qmgr_schedule_run(int64_t start_ns, int64_t period_ns, int64_t now_ns);

#endif
