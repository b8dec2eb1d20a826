// SPDX-License-Identifier: ISC
/* sim/scenario/run_health - what still works when nothing changes any more: whether mail can arrive
 *
 * A scenario's faults end at the last time that its script, rules and records name. Of the world
 * as it is then, this says which recipients must be reachable. In doubt it says no: nobody can then
 * demand that their mail arrives.
 *
 * Memory    in the run's arena
 * Blocks    never
 */
#ifndef SCENARIO_RUN_HEALTH_H
#define SCENARIO_RUN_HEALTH_H

#include "peer/zone.h"
#include "scenario/run.h"

struct run_health {
    struct run *run;
    struct zone *zones;
    bool bounces_softly;    /* nothing is final but delivery and expiry */
    int64_t changes_end_ns; /* of script, rules and records */
    int64_t patience_ns;    /* how long a host may go on to say "later" after its first time */
    int patience_rules;     /* so many rules do that: each may cost an attempt */
};

void run_health_init(struct run_health *health, struct run *run);

/* Whether the mail system itself runs in the end, with nothing in its way. */
bool run_health_of_mta(const struct run_health *health);

/* Whether every attempt at that address, after the changes, comes to a host that settles it, what
 * the message needs of it included. */
bool run_health_of_recipient(const struct run_health *health,
                             const struct ledger_submission *submission, struct str address);

#endif
