// SPDX-License-Identifier: ISC
/* postilion/postilion_why_message - what the files of a message tell about it
 *
 * Looks into all queues, also at files that are not complete, are damaged, or lie in maildrop/: what
 * could be read before the damage is there.
 *
 * Limits    POSTILION_WHY_RECIPIENTS recipients that are still to do; others are counted
 * Memory    texts live in the arena given
 * Blocks    for the disk
 */
#ifndef POSTILION_POSTILION_WHY_MESSAGE_H
#define POSTILION_POSTILION_WHY_MESSAGE_H

#include "base/arena.h"
#include "mail/dsn.h"
#include "queue/queue_message.h"

enum { POSTILION_WHY_RECIPIENTS = 8 }; /* so that all fits on one screen */

struct postilion_why_recipient {
    struct str address; /* internal form */
    int64_t offset;
    enum queue_name records; /* QUEUE_DEFER, QUEUE_BOUNCE; QUEUE_COUNT: there is no record of it */
    struct str status;
    struct str reason;
};

struct postilion_why_message {
    struct str id;
    enum queue_name name;
    struct str path;
    struct sys_stat stat;
    int error; /* 0, or why not all of it could be read */
    struct queue_envelope envelope;
    struct postilion_why_recipient recipients[POSTILION_WHY_RECIPIENTS];
    int recipient_count;
    int64_t open_count;
    int64_t done_count;
    int64_t recorded_wall_ns; /* when a recipient was last recorded as delayed; 0: none is */
};

/* 1; 0 when no queue has such a message; or why a queue cannot be looked into, message->path says
 * which. */
MUST_USE int postilion_why_message_read(struct queue *queue, struct arena *arena, struct str id,
                                        struct postilion_why_message *message);

#endif
