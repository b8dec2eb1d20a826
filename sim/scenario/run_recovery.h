// SPDX-License-Identifier: ISC
/* sim/scenario/run_recovery - `expect recovery`: after the last change, mail comes to its end
 *
 * Every recipient that can be reached then (run_health.h) is final within the time that backoff,
 * queue runs and an attempt at everything broken may take; the rest, and the notices about it, is
 * final within its lifetimes, and then the queue is empty.
 *
 * Blocks    never
 */
#ifndef SCENARIO_RUN_RECOVERY_H
#define SCENARIO_RUN_RECOVERY_H

#include "scenario/run.h"

void run_recovery_judge(struct run *run, const struct scenario_statement *expectation);

#endif
