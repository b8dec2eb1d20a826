// SPDX-License-Identifier: ISC
/* sim/scenario/run_script - the timed script: what is done, and when the queue is looked at
 *
 *     run_script_prepare(run);
 *     while (run_script_next(run, &until_ns)) {
 *         ... let the world run until then ...
 *         run_script_step(run);
 *     }
 */
#ifndef SCENARIO_RUN_SCRIPT_H
#define SCENARIO_RUN_SCRIPT_H

#include "scenario/run.h"

/* Lists the samples and submissions of the scenario. */
void run_script_prepare(struct run *run);

/* When the next step is due; false when there is none. */
bool run_script_next(struct run *run, int64_t *at_ns);
/* Does what is due now. */
void run_script_step(struct run *run);

#endif
