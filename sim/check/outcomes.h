// SPDX-License-Identifier: ISC
/* sim/check/outcomes - how each recipient of a message stands in the log
 *
 * Memory    in the arena given; outcomes_done() releases the index
 * Blocks    never
 */
#ifndef CHECK_OUTCOMES_H
#define CHECK_OUTCOMES_H

#include "check/record.h"

struct outcome {
    bool refused; /* the client was told that this recipient is not taken */
    bool sent;
    bool bounced;  /* or expired */
    bool deferred; /* the last result */
    /* Expired: until a notice is queued, or it is removed, it may yet be tried again. */
    bool is_returning;
    const struct record_entry *last;
};

struct outcomes {
    struct arena *arena;
    struct map by_address; /* in lower case -> struct outcome */
};

/* Reads all that was logged about the message. */
void outcomes_init(struct outcomes *outcomes, struct arena *arena,
                   const struct record_message *message);
void outcomes_done(struct outcomes *outcomes);

/* Of a recipient about whom nothing was logged, one without any mark. */
const struct outcome *outcomes_find(const struct outcomes *outcomes, struct str recipient);

#endif
