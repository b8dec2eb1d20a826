// SPDX-License-Identifier: ISC
/* sim/explore/tally - what came of each seed, one line each, and what all of them come to
 *
 * The lines are what --format json prints and what an interrupted exploration resumes from.
 *
 * Shape     {"seed":7,"result":"pass","hash":"00c0ffee00c0ffee","virtual_ms":..,"wall_us":..,
 *           "calls":..,"goals":"bounced expired"}
 * Memory    none of its own
 * Blocks    never
 */
#ifndef EXPLORE_TALLY_H
#define EXPLORE_TALLY_H

#include "base/buf.h"
#include "explore/goal.h"

/* So many seeds must reach every goal; fewer may miss some. */
enum { TALLY_GOALS_DUE = 10000 };

struct tally_result {
    uint64_t seed;
    bool passed;
    uint64_t hash;
    int64_t virtual_ms;
    int64_t wall_us;
    int64_t calls; /* records of the trace: how large the run was */
    bool reached[GOAL_COUNT];
};

void tally_result_write(const struct tally_result *result, struct buf *out);
/* False when it is no such line. */
MUST_USE bool tally_result_parse(struct str line, struct tally_result *result);

struct tally {
    int64_t count;
    int64_t failed;
    int64_t virtual_ms;
    struct tally_result slowest;
    struct tally_result largest;
    int64_t goals[GOAL_COUNT]; /* seeds that reached it */
};

void tally_add(struct tally *tally, const struct tally_result *result);
/* Goals that nobody reached, once there were enough seeds. */
int tally_missing_goals(const struct tally *tally);
/* seeds ran in wall_ns; those of an earlier run, which are in the tally too, did not. */
void tally_report(const struct tally *tally, int64_t seeds, int64_t wall_ns, struct buf *out);

#endif
