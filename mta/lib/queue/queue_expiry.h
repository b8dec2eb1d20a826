// SPDX-License-Identifier: ISC
/* queue/queue_expiry - until when a message is tried
 *
 * Blocks    never; pure
 * See       reference name LC-29
 */
#ifndef QUEUE_QUEUE_EXPIRY_H
#define QUEUE_QUEUE_EXPIRY_H

#include "conf/conf.h"
#include "queue/queue_message.h"

/* What is left of it after an attempt at that time, or later, is returned. A notice, which has the
 * null sender, lives for bounce_queue_lifetime if that is shorter. */
int64_t queue_expiry_wall_ns(const struct conf *conf, const struct queue_envelope *envelope);

#endif
