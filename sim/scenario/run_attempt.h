// SPDX-License-Identifier: ISC
/* sim/scenario/run_attempt - the delivery attempts of a message, read from the mail log
 *
 * An attempt is a round: from the moment the queue manager takes the message up to the last
 * result of that round. Its time is when its first delivery began: the first result's time less
 * the time that connection and transmission took. A round without any result is none.
 *
 * Limits    RUN_ATTEMPTS_MAX attempts
 * Memory    in the run's arena
 * Blocks    never
 */
#ifndef SCENARIO_RUN_ATTEMPT_H
#define SCENARIO_RUN_ATTEMPT_H

#include "scenario/run.h"

enum { RUN_ATTEMPTS_MAX = 10000 };

struct run_attempt {
    int64_t at_ns;
    const struct record_entry *active; /* where it begins */
    const struct record_entry *last;   /* its last result */
};

struct run_attempts {
    struct run_attempt *list; /* RUN_ATTEMPTS_MAX long */
    int count;
};

/* The attempts of all copies of a message, in order. */
void run_attempts_find(struct run *run, struct str label, struct run_attempts *attempts);

/* Whether a result of the attempt, or a connection that its delivery agents could not make, names
 * the address and the text; empty ones always fit. */
bool run_attempt_mentions(const struct run_attempt *attempt, struct str ip, struct str text);

#endif
