// SPDX-License-Identifier: ISC
/* qmgr/qmgr_route - where a recipient goes: transport, destination, next hop
 *
 * Order     a message that is expired by force, the resolver's answer, defer_transports
 * Blocks    for the resolver
 */
#ifndef QMGR_QMGR_ROUTE_H
#define QMGR_QMGR_ROUTE_H

#include "qmgr/qmgr_message.h"

struct qmgr_route {
    struct qmgr_transport *transport;
    struct str name; /* of the destination: the next hop in lower case, or of one recipient */
    struct str nexthop;
    struct str address; /* of the recipient, as the resolver rewrote it */
};

/* The name of the destination: the next hop, or with a transport that delivers to one recipient at
 * a time, that one there. Lives in the arena; data is NULL when that is full. Instant. */
struct str qmgr_route_destination(const struct qmgr *qmgr, struct arena *arena,
                                  const struct qmgr_transport *transport, struct str nexthop,
                                  struct str address);

/* Texts live in the arena. -ERR_LIMIT when it, or the schedule, is full. */
MUST_USE int qmgr_route_find(struct qmgr_message *message, struct arena *arena, struct str address,
                             struct qmgr_route *route);

#endif
