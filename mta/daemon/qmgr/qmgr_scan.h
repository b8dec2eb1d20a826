// SPDX-License-Identifier: ISC
/* qmgr/qmgr_scan - finds the mail that is to be tried now
 *
 * Turns     one file at a time: new mail from incoming/, mail that is due from the index, and the
 *           reading of deferred/ into the index take turns; when there is room for one message
 *           only, new mail comes first
 * Times     the index is looked at on the grid of queue_run_delay, counted from the start, and only
 *           at the points of the grid where something is due; with queue_run_delay = 0 exactly when
 *           something is due
 * Truth     deferred/ is read at the start, when a trigger asks, and each deferred_recheck_time,
 *           since others may move files there or change their times without a word. A file's time
 *           is read again before it is taken up
 */
#ifndef QMGR_QMGR_SCAN_H
#define QMGR_QMGR_SCAN_H

#include "qmgr/qmgr_state.h"

/* When mail that is due then is taken: on the grid and behind the last run, or, without a delay
 * between runs, when it is due. By the monotonic clock. Instant. */
int64_t qmgr_scan_run_ns(const struct qmgr *qmgr, int64_t due_wall_ns);

/* Body of the fiber that scans, until it is canceled; argument is the queue manager. */
void qmgr_scan_run(struct sys *sys, void *argument);

#endif
