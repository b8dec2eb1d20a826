// SPDX-License-Identifier: ISC
/* sim/explore/generate - a random world, written as a scenario
 *
 * The text is a function of the seed alone. Up to a moment that the world chooses, hosts, name
 * server, daemons and power fail; then all faults stop, but for some hosts that stay broken for
 * ever. What must become of it then, `expect recovery` says (docs/SCENARIOS.md).
 *
 * Memory    appends to the buffer
 * Blocks    never
 */
#ifndef EXPLORE_GENERATE_H
#define EXPLORE_GENERATE_H

#include <stdint.h>

#include "base/buf.h"

void generate_scenario(uint64_t seed, struct buf *out);

#endif
