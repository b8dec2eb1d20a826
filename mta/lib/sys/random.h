// SPDX-License-Identifier: ISC
/* sys/random - unpredictable bytes in production, seeded ones in simulation */
#ifndef SYS_RANDOM_H
#define SYS_RANDOM_H

#include "sys/sys.h"

void sys_random(struct sys *sys, void *data, size_t size); /* Instant. */

/* Evenly distributed in 0..count-1; count > 0. Instant. */
uint64_t sys_random_below(struct sys *sys, uint64_t count);

#endif
