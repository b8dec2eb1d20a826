// SPDX-License-Identifier: ISC
/* sim/scenario/run_watch - during a run, tells the record and the checks that are always on what
 * happens
 *
 * Blocks    never
 */
#ifndef SCENARIO_RUN_WATCH_H
#define SCENARIO_RUN_WATCH_H

#include "scenario/run.h"

/* The world is set up and nothing has happened in it. */
void run_watch_begin(struct run *run);
void run_watch_done(struct run *run);

/* Calls of the mail system fail from now on: what takes them to succeed is not demanded. */
void run_watch_hindered(struct run *run);
/* True while a command, or a client on the mail system's machine, is at work. */
bool run_watch_command_runs(const struct run *run);
/* The script is about to do this. */
void run_watch_action(struct run *run, const struct scenario_statement *action);

#endif
