// SPDX-License-Identifier: ISC
/* pickup/pickup_copy - the records of a file as cleanup gets them
 *
 * Shape     a Received field is put before the content; a time of creation, now, before the sender
 * Errors    -ERR_CORRUPT, -ERR_NOT_PERMITTED with `why`; others of sys/fs
 */
#ifndef PICKUP_PICKUP_COPY_H
#define PICKUP_PICKUP_COPY_H

#include "mail/cleanup_client.h"
#include "pickup/pickup_state.h"
#include "proto/maildrop.h"
#include "queue/queue_message.h"

enum { PICKUP_ABOUT_MAX = 5 }; /* ORIGINAL, and DSN_ORCPT and DSN_NOTIFY in both of their forms */

/* What precedes a recipient and goes with it, or is dropped when that one is done. */
struct pickup_about {
    enum queue_record_type type;
    struct buf data;
};

struct pickup_copy {
    struct pickup *pickup;
    struct queue_message *from;
    struct cleanup_message *to;
    struct str id;        /* of the file */
    struct sys_stat stat; /* of the file */
    bool is_requeued;
    struct maildrop maildrop; /* of a file that is not */
    struct pickup_about about[PICKUP_ABOUT_MAX];
    int about_count;
    const char *why;
};

/* Copies all records up to and with END. Waiting. */
MUST_USE int pickup_copy(struct pickup_copy *copy);

#endif
