// SPDX-License-Identifier: ISC
/* postilion/postilion_why_qmgr - what the queue manager knows
 *
 * Errors    of sys/net; PROTOCOL for an answer that is none
 * Memory    texts live in the arena given
 * Blocks    for the queue manager and the resolver, some seconds at most
 * See       qmgr_place, qmgr_route and qmgr_hold in ipc/messages.def
 */
#ifndef POSTILION_POSTILION_WHY_QMGR_H
#define POSTILION_POSTILION_WHY_QMGR_H

#include "conf/conf.h"
#include "ipc/ipc.h"

enum { POSTILION_WHY_HOLDS_MAX = 40 };

struct postilion_why_state {
    struct ipc_qmgr_place place;
    struct ipc_qmgr_hold holds[POSTILION_WHY_HOLDS_MAX];
    int hold_count;
};

/* What is true of the message with that id; with an empty id the numbers of the place alone. */
MUST_USE int postilion_why_qmgr_ask(struct sys *sys, const struct conf *conf, struct arena *arena,
                                    struct str id, struct postilion_why_state *state);

/* Where mail for the recipient goes, and what holds it there. */
MUST_USE int postilion_why_qmgr_route(struct sys *sys, const struct conf *conf, struct arena *arena,
                                      struct str sender, struct str recipient,
                                      struct ipc_qmgr_hold *hold);

#endif
