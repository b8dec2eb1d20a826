// SPDX-License-Identifier: ISC
/* bounce/bounce_append - one more record, durable when the call returns 0 */
#ifndef BOUNCE_BOUNCE_APPEND_H
#define BOUNCE_BOUNCE_APPEND_H

#include "bounce/bounce_state.h"
#include "mail/bounce_log.h"

/* On failure the records are as before. Blocks for the disk and for other writers of this log. */
MUST_USE int bounce_append(struct bounce_state *state, struct str queue_id,
                           const struct bounce_record *record);

#endif
