// SPDX-License-Identifier: ISC
/* sim/scenario/run_story - what happened in a run, told from its record
 *
 * Memory    output is appended to a buffer
 * Blocks    never
 */
#ifndef SCENARIO_RUN_STORY_H
#define SCENARIO_RUN_STORY_H

#include "scenario/run.h"

enum { RUN_STORY_LINES_MAX = 60 };

/* The life of the scenario's messages, one line an event, for a failure: what lies in the middle
 * is left out when it is long. */
void run_story_timeline(const struct run *run, struct buf *out);

/* The way of one message through the daemons, step by step, each kind of step explained where it
 * first happens: for somebody who wants to learn how a mail system works. */
void run_story_tell(struct run *run, struct buf *out);

#endif
