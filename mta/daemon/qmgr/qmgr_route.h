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

/* Texts live in the arena. -ERR_LIMIT when it, or the schedule, is full. */
MUST_USE int qmgr_route_find(struct qmgr_message *message, struct arena *arena, struct str address,
                             struct qmgr_route *route);

#endif
