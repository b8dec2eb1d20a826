// SPDX-License-Identifier: ISC
/* qmgr/qmgr_agent - delivery requests on their way: one fiber for each agent that is called
 *
 * An agent is called for a transport; when it answers it gets what the schedule then chooses.
 * While it works, the marks of those that are done go to disk each
 * delivery_mark_sync_time; behind a request they go at once when others of the message are to come.
 *
 * Trouble   a service that cannot be reached, or an agent that is lost, makes its transport rest;
 *           the recipients that a lost agent has not marked are deferred by the retry service
 * Limits    an agent that does not answer or reply within daemon_timeout is lost
 */
#ifndef QMGR_QMGR_AGENT_H
#define QMGR_QMGR_AGENT_H

#include "qmgr/qmgr_state.h"

/* Calls agents for all that may go out, and ends what nobody can take: after each change of the
 * schedule. Instant. */
void qmgr_agent_dispatch(struct qmgr *qmgr);

#endif
