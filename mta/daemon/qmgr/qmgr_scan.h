// SPDX-License-Identifier: ISC
/* qmgr/qmgr_scan - finds the mail that is to be tried now */
#ifndef QMGR_QMGR_SCAN_H
#define QMGR_QMGR_SCAN_H

#include "qmgr/qmgr_state.h"

/* What a crash may have left: active mail becomes new mail, one of two names of a file goes.
 * Waiting. */
MUST_USE int qmgr_scan_recover(struct qmgr *qmgr);

/* Body of the fiber that scans, until it is canceled; argument is the queue manager. */
void qmgr_scan_run(struct sys *sys, void *argument);

#endif
