// SPDX-License-Identifier: ISC
/* sim/check/trouble - when something went wrong that makes duplicates legal
 *
 * A process was killed or stood still, a system call failed, power was cut. That excuses a second
 * copy or notice only where it came between the first and the durable mark that says so.
 *
 * Units     times are those of the scenario
 * Limits    spans that lie within a second of each other are one
 * Memory    in the arena given at init
 * Blocks    never
 */
#ifndef CHECK_TROUBLE_H
#define CHECK_TROUBLE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"

struct trouble_span {
    struct trouble_span *previous;
    int64_t from_ns;
    int64_t until_ns; /* INT64_MAX: until it is repaired */
};

struct trouble {
    struct arena *arena;
    struct trouble_span *last;
};

void trouble_init(struct trouble *trouble, struct arena *arena);

/* It lasts for a time, 0: a moment, INT64_MAX: until trouble_end(). */
void trouble_add(struct trouble *trouble, int64_t now_ns, int64_t time_ns);
/* Whatever lasts was repaired. */
void trouble_end(struct trouble *trouble, int64_t now_ns);

bool trouble_is_between(const struct trouble *trouble, int64_t from_ns, int64_t until_ns);
/* At any time. */
bool trouble_was(const struct trouble *trouble);

#endif
