// SPDX-License-Identifier: ISC
/* qmgr/qmgr_window - how many deliveries may run to one destination, as its answers teach
 *
 * Success   adds positive feedback; each whole one widens the window by one, up to the limit, and
 *           only while the window is less than `initial` above what is in use
 * Failure   of the site adds negative feedback; the window narrows by one at the begin of each
 *           whole one, not at its end, so the first failure of a window of 5 with feedback 1
 *           makes it 3 and the next one 2. It never gets below 1
 * Death     each failure is 1/window of a cohort; when failed_cohort_limit cohorts failed without
 *           a success in between the destination is dead. Limit 0: never
 *
 * These are the rules of Postfix 3.7 as it runs; its documentation tells of 5, 4, 3, 2.
 *
 * Blocks    never; pure
 */
#ifndef QMGR_QMGR_WINDOW_H
#define QMGR_QMGR_WINDOW_H

#include "qmgr/qmgr_feedback.h"

struct qmgr_window_rules {
    int initial;
    int limit; /* 0: none */
    struct qmgr_feedback positive;
    struct qmgr_feedback negative;
    int failed_cohort_limit;
};

struct qmgr_window {
    int size;
    int64_t success; /* these three in parts of QMGR_ONE */
    int64_t failure;
    int64_t failed_cohorts;
};

void qmgr_window_reset(struct qmgr_window *window, const struct qmgr_window_rules *rules);

/* busy_count: deliveries that ran, this one included. */
void qmgr_window_succeeded(struct qmgr_window *window, const struct qmgr_window_rules *rules,
                           int busy_count);
/* True: the destination is dead. */
bool qmgr_window_failed(struct qmgr_window *window, const struct qmgr_window_rules *rules);

#endif
