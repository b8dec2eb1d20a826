// SPDX-License-Identifier: ISC
/* sim/scenario/run_lookups - always checked: a failed lookup is never "not found"
 *
 * A recipient bounces because of a name only when the name server says that there is no such name,
 * or nothing of the type asked for: never while it fails, refuses, or says nothing about it.
 *
 * Memory    in the run's arena
 * Blocks    never
 */
#ifndef SCENARIO_RUN_LOOKUPS_H
#define SCENARIO_RUN_LOOKUPS_H

#include "scenario/run.h"

void run_lookups_check(struct run *run);

#endif
