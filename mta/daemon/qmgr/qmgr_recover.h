// SPDX-License-Identifier: ISC
/* qmgr/qmgr_recover - what a crash may have left, put right before anything is delivered
 *
 * Order     incoming/ first, then active/, so that nothing is looked at twice; then second names in
 *           hold/; then logs of messages that are gone are removed
 * Damage    a file in incoming/ that ends early, or is zeros from some point on, was never
 *           acknowledged and goes, unless one of its group mode bits shows that it was queued once:
 *           what was active gets g+w when it goes back to incoming/, and g+r and g+x are set on
 *           queued files only. All other damage goes to corrupt/
 * Blocks    for the disk
 * See       docs/QUEUE.md
 */
#ifndef QMGR_QMGR_RECOVER_H
#define QMGR_QMGR_RECOVER_H

#include "qmgr/qmgr_state.h"

MUST_USE int qmgr_recover(struct qmgr *qmgr);

#endif
