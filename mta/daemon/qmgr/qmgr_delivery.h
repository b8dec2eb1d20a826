// SPDX-License-Identifier: ISC
/* qmgr/qmgr_delivery - one delivery request: a group of recipients with one transport and next hop
 *
 * What cannot be handed over goes to the retry service, which defers it with the reason. While an
 * agent works on several recipients, the marks of those that are done go to disk each
 * delivery_mark_sync_time.
 */
#ifndef QMGR_QMGR_DELIVERY_H
#define QMGR_QMGR_DELIVERY_H

#include "qmgr/qmgr_state.h"

struct qmgr_recipient {
    struct queue_recipient address;
    struct str transport;
    struct str nexthop;
    struct list node; /* in a delivery */
};

/* How a delivery ended, for the message. */
struct qmgr_result {
    bool marked;     /* a recipient may have been marked done since the last sync */
    bool retry;      /* a recipient is left to do */
    bool unrecorded; /* ... and no defer record says why */
};

struct qmgr_delivery {
    struct qmgr *qmgr;
    struct list node;
    struct str id;
    const struct queue_envelope *envelope;
    int64_t active_wall_ns;
    struct list recipients;
    int recipient_count;
    struct str transport;
    struct str nexthop;
    struct qmgr_result result;
};

/* Waits for a place at the destination and for the agent. */
void qmgr_delivery_run(struct qmgr_delivery *delivery);

/* The file of a message at work; it is not kept open, since descriptors are few and messages
 * many. A descriptor or an error. */
MUST_USE int qmgr_delivery_open_active(struct qmgr *qmgr, struct str id);
/* Makes durable what was marked in it. */
MUST_USE int qmgr_delivery_sync_marks(struct qmgr *qmgr, struct str id);

#endif
