// SPDX-License-Identifier: ISC
/* world/programs - the mail system's programs, by the file names they are started with */
#ifndef WORLD_PROGRAMS_H
#define WORLD_PROGRAMS_H

#include "world/world.h"

extern const struct world_program programs[];
extern const int programs_count;

#endif
