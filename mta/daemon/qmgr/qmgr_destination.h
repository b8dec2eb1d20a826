// SPDX-License-Identifier: ISC
/* qmgr/qmgr_destination - how many deliveries run at once to one destination, and whether it lives
 *
 * Each pair of transport and next hop has a window of deliveries at once. It begins at
 * initial_destination_concurrency, grows with each success up to the limit and shrinks with each
 * failure of the site. A site that fails without a success in between for a whole window is dead
 * for minimal_backoff_time. A transport that cannot be reached is dead for transport_retry_time.
 * Deliveries of one destination start in the order in which they asked.
 */
#ifndef QMGR_QMGR_DESTINATION_H
#define QMGR_QMGR_DESTINATION_H

#include "qmgr/qmgr_state.h"

enum { QMGR_REASON_MAX = 1024 };

struct qmgr_transport {
    struct ipc_pool pool;
    int busy_count;        /* deliveries at once, at most default_process_limit */
    int64_t dead_until_ns; /* monotonic; 0: alive */
    char path[IPC_NAME_MAX];
    struct sys_event changed;
};

struct qmgr_destination {
    struct str key;
    int user_count; /* deliveries that run or wait */
    int busy_count;
    int window;
    int window_max;   /* 0: no limit */
    int failed_count; /* sites' failures in a row */
    int64_t dead_until_ns;
    char reason[QMGR_REASON_MAX]; /* "4.4.1 delivery temporarily suspended: ..." */
    struct sys_event changed;
};

struct qmgr_transport *qmgr_transport_get(struct qmgr *qmgr, struct str name);
/* Waits for a place: 0 or -ERR_CANCELED. */
MUST_USE int qmgr_transport_take(struct qmgr *qmgr, struct qmgr_transport *transport);
void qmgr_transport_give(struct qmgr *qmgr, struct qmgr_transport *transport); /* Instant. */
/* NULL: alive; else why not, with its status first. Instant. */
const char *qmgr_transport_why_dead(struct qmgr *qmgr, const struct qmgr_transport *transport);
void qmgr_transport_failed(struct qmgr *qmgr, struct qmgr_transport *transport);

/* Waits for a place: 0, -ERR_UNAVAILABLE when the destination is dead (its reason says why),
 * -ERR_CANCELED. Give it back in each of these cases. */
MUST_USE int qmgr_destination_take(struct qmgr *qmgr, struct str transport, struct str nexthop,
                                   struct qmgr_destination **destination);
/* What a delivery that ran has shown. Instant. */
void qmgr_destination_succeeded(struct qmgr *qmgr, struct qmgr_destination *destination);
void qmgr_destination_failed(struct qmgr *qmgr, struct qmgr_destination *destination,
                             struct str status, struct str reason);
/* ran: it had a place. Instant. */
void qmgr_destination_give(struct qmgr *qmgr, struct qmgr_destination *destination, bool ran);

void qmgr_destination_forget_dead(struct qmgr *qmgr); /* all live again. Instant. */
void qmgr_destination_drop_idle(struct qmgr *qmgr);   /* those nobody needs. Instant. */

#endif
