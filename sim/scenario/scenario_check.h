// SPDX-License-Identifier: ISC
/* sim/scenario/scenario_check - what the forms cannot say: every name that is used is defined
 *
 * Blocks    never
 */
#ifndef SCENARIO_SCENARIO_CHECK_H
#define SCENARIO_SCENARIO_CHECK_H

#include "scenario/scenario.h"

void scenario_check(const struct scenario *scenario, struct syntax_problems *problems);

#endif
