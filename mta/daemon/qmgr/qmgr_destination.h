// SPDX-License-Identifier: ISC
/* qmgr/qmgr_destination - one destination of a transport: its peers, its window, its rests
 *
 * A destination is open while it works and its window has a place. The first of its peers is then
 * offered to its job, and no other one: what came first goes first.
 *
 * Blocks    never; pure
 */
#ifndef QMGR_QMGR_DESTINATION_H
#define QMGR_QMGR_DESTINATION_H

#include "qmgr/qmgr_schedule.h"

/* Made when there is none; NULL when there are too many. */
struct qmgr_destination *qmgr_destination_get(struct qmgr_transport *transport, struct str name,
                                              struct str nexthop);
/* Frees it when it has nothing to do and nothing to remember. */
void qmgr_destination_release(struct qmgr_destination *destination);

bool qmgr_destination_is_open(const struct qmgr_destination *destination);
/* Offers and withdraws as its state now says. */
void qmgr_destination_update(struct qmgr_destination *destination);

/* The job's peer there; made when there is none. */
struct qmgr_peer *qmgr_peer_get(struct qmgr_job *job, struct qmgr_destination *destination);
/* Frees it when it has nothing to do. */
void qmgr_peer_release(struct qmgr_peer *peer);
/* Its job has got another place in line. */
void qmgr_destination_move_peer(struct qmgr_peer *peer);

void qmgr_destination_rest(struct qmgr_destination *destination, int64_t until_ns);
void qmgr_destination_die(struct qmgr_destination *destination, struct str status,
                          struct str reason, int64_t until_ns);

#endif
