// SPDX-License-Identifier: ISC
/* host/host_seed - runs the random world of one seed
 *
 * A failure leaves a folder behind, DIRECTORY/seed-N: scenario.scn, the world; overrides, what
 * was drawn when it ran; failure; trace; command, which repeats it.
 *
 * Blocks    for the disk
 */
#ifndef HOST_HOST_SEED_H
#define HOST_HOST_SEED_H

#include "explore/tally.h"

struct host_seed_options {
    const char *program;   /* for the command that repeats a run */
    const char *directory; /* NULL: a failure leaves nothing */
    bool twice;            /* once more in a second process: the hash must be the same */
};

/* Appends the result's line, then what failed, a line each. */
void host_seed_run(const struct host_seed_options *options, uint64_t seed, struct mem *mem,
                   struct buf *out);

/* The same for a simulator that died of it. */
void host_seed_died(const struct host_seed_options *options, uint64_t seed, const char *died,
                    struct mem *mem, struct buf *out);

#endif
