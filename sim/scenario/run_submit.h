// SPDX-License-Identifier: ISC
/* sim/scenario/run_submit - the lines that submit messages: what the ledger has to know about
 * them, and the client that does it */
#ifndef SCENARIO_RUN_SUBMIT_H
#define SCENARIO_RUN_SUBMIT_H

#include "scenario/run.h"

/* Enters the message into the ledger; before the run begins. */
void run_submit_prepare(struct run *run, const struct scenario_statement *action);
/* Starts the client. */
void run_submit(struct run *run, const struct scenario_statement *action);

#endif
