// SPDX-License-Identifier: ISC
/* qmgr/qmgr_work - a few fibers that do what messages need besides delivery
 *
 * A worker takes the message that waits longest and goes on with it until it is in delivery or
 * gone: takes it up and reads its recipients (qmgr_read), ends its round (qmgr_round).
 *
 * Limits    QMGR_WORKERS_MAX of them, however many messages there are
 */
#ifndef QMGR_QMGR_WORK_H
#define QMGR_QMGR_WORK_H

#include "qmgr/qmgr_message.h"

enum { QMGR_WORKERS_MAX = 50 };

/* It waits for a worker from now on. Instant. */
void qmgr_work_add(struct qmgr_message *message);

/* Recipients of it that may be read now. Instant. */
int64_t qmgr_work_room(const struct qmgr_message *message);
/* The same, of those that are left; nobody else has that room until it is given back. Instant. */
int64_t qmgr_work_take_room(struct qmgr_message *message);
void qmgr_work_give_room(struct qmgr_message *message, int64_t room);

/* The limit of recipients in memory holds, but for the minimum of each message. Instant. */
void qmgr_work_check_invariants(const struct qmgr *qmgr);

#endif
