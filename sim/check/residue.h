// SPDX-License-Identifier: ISC
/* sim/check/residue - a process that ends in order leaves nothing open behind
 *
 * What it keeps for life is allowed: its command line and environment, a handle or two, the
 * standard descriptors, the channel to master. What sessions used must be gone.
 *
 * Limits    RESIDUE_PIECES_MAX pieces of memory, RESIDUE_BYTES_MAX bytes,
 *           RESIDUE_DESCRIPTORS_MAX descriptors, its first fiber
 * Blocks    never
 */
#ifndef CHECK_RESIDUE_H
#define CHECK_RESIDUE_H

#include "check/failure.h"

struct sys;

enum { RESIDUE_PIECES_MAX = 32, RESIDUE_BYTES_MAX = 8192, RESIDUE_DESCRIPTORS_MAX = 8 };

/* sys has just ended; one that a signal ended, or that says it failed, has nothing to answer
 * for. */
void residue_check(const struct sys *sys, struct failures *failures);

#endif
