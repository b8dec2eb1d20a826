// SPDX-License-Identifier: ISC
/* sim/scenario/run_unsaid - what `postsuper -d` has removed before it could say so
 *
 * A deletion is told in the mail log. A postsuper that is killed, or loses power, between the
 * removal of a file and that line leaves a message of which nobody hears any more: that is no loss,
 * as long as it was one of those that this postsuper was to delete, and its name does not come back
 * with the power.
 *
 * Blocks    never
 */
#ifndef SCENARIO_RUN_UNSAID_H
#define SCENARIO_RUN_UNSAID_H

#include "scenario/run.h"

/* A process removes a name in the queue. */
void run_unsaid_removed(struct run *run, const struct sys *sys, struct str path);
/* The mail log says that it is removed. */
void run_unsaid_logged(struct run *run, struct str id);
/* A process ended: in order, or a signal ended it. */
void run_unsaid_ended(struct run *run, const struct sys *sys);
/* The disk is as a power cut has left it. */
void run_unsaid_power_cut(struct run *run);

/* Whether the message was deleted, and nobody could say so. */
bool run_unsaid_has(const struct run *run, struct str id);

#endif
