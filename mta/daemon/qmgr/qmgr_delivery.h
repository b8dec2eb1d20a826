// SPDX-License-Identifier: ISC
/* qmgr/qmgr_delivery - one delivery request to one agent
 *
 * Runs in a fiber of its own: hands the entry to its transport, waits for the answer, tells
 * destination and message what came of it, and ends the message's round when it was the last.
 *
 * Errors    an agent that cannot be reached makes its transport dead; after one that vanished
 *           without an answer, its recipients are left to retry
 */
#ifndef QMGR_QMGR_DELIVERY_H
#define QMGR_QMGR_DELIVERY_H

#include "qmgr/qmgr_state.h"

/* The entry must not wait anywhere. -ERR_NO_MEMORY: there is no fiber. Instant. */
MUST_USE int qmgr_delivery_start(struct qmgr_entry *entry);

#endif
