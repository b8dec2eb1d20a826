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

#endif
