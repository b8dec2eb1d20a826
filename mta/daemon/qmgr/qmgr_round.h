// SPDX-License-Identifier: ISC
/* qmgr/qmgr_round - the end of a round: what deliveries have left is settled
 *
 * Order     marks are synced; failures are reported; a file that an agent found damaged is put
 *           aside; with recipients still unread the round goes on; reports that were asked for are
 *           sent; what is left is returned when it has expired, else its sender is told of the
 *           delay when that is due, and it is deferred; with nothing left the message is removed
 * Deleted   a file that is no longer in active/ is let go, with the records of what was done since
 * Crash     any trouble leaves the message where it is, to be found again
 * Blocks    for the disk and for bounce
 * See       reference names LC-28 to LC-30
 */
#ifndef QMGR_QMGR_ROUND_H
#define QMGR_QMGR_ROUND_H

#include "qmgr/qmgr_message.h"

/* QMGR_MORE or QMGR_OVER. */
enum qmgr_message_event qmgr_round_end(struct qmgr_message *message);

/* Makes durable what agents have marked in the file of a message in active/; when that fails, the
 * next sync has all of it to do again. Waiting. */
MUST_USE int qmgr_round_sync_marks(struct qmgr *qmgr, struct str id);

/* How long after now the next attempt is due. Pure. */
int64_t qmgr_round_backoff_ns(int64_t now_wall_ns, int64_t create_wall_s, int64_t minimal_ns,
                              int64_t maximal_ns);

#endif
