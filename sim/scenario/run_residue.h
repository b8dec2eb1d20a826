// SPDX-License-Identifier: ISC
/* sim/scenario/run_residue - what an orderly stop must not leave: processes, and records of no
 * message
 *
 * Where a call failed since the records were there, what could not be removed is removed at the next
 * start; so is what an agent has recorded of a message that was deleted under its hands, when the
 * queue manager has ended since, and a record in trace/ that a crash has left, once it is an hour
 * old. That start is then made.
 *
 * Blocks    never, but it may take real time
 */
#ifndef SCENARIO_RUN_RESIDUE_H
#define SCENARIO_RUN_RESIDUE_H

#include "scenario/run.h"

enum { RUN_STOP_S = 100 }; /* how long the mail system may take to stop */

/* The mail system was told to stop so long ago. */
void run_residue_check(struct run *run);

#endif
