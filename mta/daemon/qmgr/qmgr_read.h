// SPDX-License-Identifier: ISC
/* qmgr/qmgr_read - takes a message up and gives its recipients to the schedule
 *
 * Errors    end in an event: what is locked, not due or not ready is left where it is; what is
 *           damaged is moved to corrupt/, at once or at the end of the round; recipients that
 *           cannot be read now are tried again later
 * Blocks    for the disk and the resolver
 */
#ifndef QMGR_QMGR_READ_H
#define QMGR_QMGR_READ_H

#include "qmgr/qmgr_message.h"

/* QMGR_TAKEN or QMGR_LEFT. */
enum qmgr_message_event qmgr_read_take_up(struct qmgr_message *message);

/* QMGR_READ or QMGR_NOTHING. */
enum qmgr_message_event qmgr_read_batch(struct qmgr_message *message);

/* The sender as the log has it; buf is made here. Instant. */
void qmgr_read_put_sender(const struct qmgr_message *message, struct buf *sender);

/* Damaged although it was acknowledged: moved to where nothing touches it, if not now then soon. */
void qmgr_read_put_aside(struct qmgr_message *message, enum queue_name name);

/* What came to nothing is looked at again at that time. Instant. */
void qmgr_read_again(struct qmgr_message *message, enum queue_name name, int64_t due_wall_ns);

#endif
