// SPDX-License-Identifier: ISC
/* bounce/bounce_append - one more record, durable when the call returns 0 */
#ifndef BOUNCE_BOUNCE_APPEND_H
#define BOUNCE_BOUNCE_APPEND_H

#include "bounce/bounce_state.h"
#include "mail/bounce_log.h"

enum { BOUNCE_APPEND_BYTES_MAX = 64 * 1024 * 1024 }; /* of all records of one message */

/* On failure the records are as before. Blocks for the disk and for other writers of this log. */
MUST_USE int bounce_append(struct bounce_state *state, struct str queue_id,
                           const struct bounce_record *record);

/* Reads all whole records of a message: 0, also when there are none. Blocks for the disk. */
MUST_USE int bounce_append_read(struct bounce_state *state, struct str queue_id, struct buf *log);

#endif
