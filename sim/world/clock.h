// SPDX-License-Identifier: ISC
/* world/clock - one clock of a machine: what it shows at a time of the world
 *
 * A clock may be off by any amount and may go too fast or too slow.
 *
 * Units     gain_ppm is in nanoseconds per millisecond of the world; negative: it loses
 * Limits    CLOCK_GAIN_MAX either way
 * Blocks    never
 */
#ifndef WORLD_CLOCK_H
#define WORLD_CLOCK_H

#include <stdint.h>

enum { CLOCK_GAIN_MAX = 500 * 1000 };

struct clock {
    int64_t since_ns; /* world time at which ... */
    int64_t shown_ns; /* ... it showed this */
    int64_t gain_ppm;
};

void clock_set(struct clock *clock, int64_t now_ns, int64_t shown_ns);
void clock_set_gain(struct clock *clock, int64_t now_ns, int64_t gain_ppm);
int64_t clock_read(const struct clock *clock, int64_t now_ns);

/* The first world time at which it shows that; saturates. */
int64_t clock_when(const struct clock *clock, int64_t shown_ns);

#endif
