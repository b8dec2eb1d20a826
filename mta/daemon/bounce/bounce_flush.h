// SPDX-License-Identifier: ISC
/* bounce/bounce_flush - sends the notice for the records of one message, then deletes them */
#ifndef BOUNCE_BOUNCE_FLUSH_H
#define BOUNCE_BOUNCE_FLUSH_H

#include "bounce/bounce_state.h"
#include "ipc/messages.h"

/* 0: the notice is durably queued, or none is due, and the records are gone. Otherwise nothing
 * has changed; the log says why. Blocks for the disk and the cleanup service. */
MUST_USE int bounce_flush(struct bounce_state *state, struct arena *arena,
                          const struct ipc_bounce_flush_request *request);

#endif
