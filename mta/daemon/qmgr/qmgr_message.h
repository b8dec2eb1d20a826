// SPDX-License-Identifier: ISC
/* qmgr/qmgr_message - one message's delivery round, from taking its file to putting it away
 *
 * Order at the beginning: the file is checked and moved to active/ under its lock, its defer
 * records are deleted, its recipients are resolved and given to destinations. At the end, when
 * nothing of it is pending: the notice of what failed; the next batch of recipients; return to
 * the sender when it has expired; then it is deferred or removed. Marks are on disk before either.
 *
 * State     pending_count > 0 as long as an entry or a fiber uses the message
 * Blocks    qmgr_message_entry_back()
 */
#ifndef QMGR_QMGR_MESSAGE_H
#define QMGR_QMGR_MESSAGE_H

#include "qmgr/qmgr_state.h"

/* Takes the file up in a fiber of its own; nothing happens when the message is at work already.
 * verify: the file may be damaged. An error: no memory; the file is as it was. Instant. */
MUST_USE int qmgr_message_start(struct qmgr *qmgr, enum queue_name from, struct str id,
                                bool verify);

/* One of its entries is back, in the calling fiber, which goes on with the message. */
void qmgr_message_entry_back(struct qmgr_message *message);

/* One of its entries is back, in a fiber that has something else to do. Instant. */
void qmgr_message_release_later(struct qmgr_message *message);

/* Ends the rounds of what was released so; each in a fiber of its own. Instant. */
void qmgr_message_end_released(struct qmgr *qmgr);

#endif
