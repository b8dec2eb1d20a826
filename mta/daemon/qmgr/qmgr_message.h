// SPDX-License-Identifier: ISC
/* qmgr/qmgr_message - one message from its place in the queue through one round of delivery
 *
 * One fiber a message: takes it into active/, resolves its recipients, delivers them in groups
 * that share transport and next hop, and ends the round.
 *
 * Order     failures are reported first; then, with recipients left to do, the message is returned
 *           as expired or deferred until its next attempt; else removed. Marks of finished
 *           recipients are synced before a name goes
 * Crash     any trouble leaves the message where it is, to be found again
 */
#ifndef QMGR_QMGR_MESSAGE_H
#define QMGR_QMGR_MESSAGE_H

#include "qmgr/qmgr_state.h"

/* Starts the fiber: 0, -ERR_EXISTS when the message is at work already, -ERR_LIMIT when enough
 * are. Instant. */
MUST_USE int qmgr_message_start(struct qmgr *qmgr, enum queue_name found_in, struct str id);

/* How long after now the next attempt is due. Pure. */
int64_t qmgr_message_backoff_ns(int64_t now_wall_ns, int64_t create_wall_s, int64_t minimal_ns,
                                int64_t maximal_ns);

#endif
