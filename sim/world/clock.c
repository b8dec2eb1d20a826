// SPDX-License-Identifier: ISC
#include "world/clock.h"

#include "base/assert.h"

enum { MILLION = 1000 * 1000 };

void clock_set(struct clock *clock, int64_t now_ns, int64_t shown_ns)
{
    clock->since_ns = now_ns;
    clock->shown_ns = shown_ns;
}

void clock_set_gain(struct clock *clock, int64_t now_ns, int64_t gain_ppm)
{
    assert(gain_ppm >= -CLOCK_GAIN_MAX && gain_ppm <= CLOCK_GAIN_MAX);
    clock_set(clock, now_ns, clock_read(clock, now_ns));
    clock->gain_ppm = gain_ppm;
}

int64_t clock_read(const struct clock *clock, int64_t now_ns)
{
    __int128 passed_ns = now_ns - clock->since_ns;
    return clock->shown_ns + (int64_t)(passed_ns * (MILLION + clock->gain_ppm) / MILLION);
}

int64_t clock_when(const struct clock *clock, int64_t shown_ns)
{
    __int128 rate = MILLION + clock->gain_ppm;
    __int128 passed_ns = ((__int128)shown_ns - clock->shown_ns) * MILLION;
    __int128 when_ns = clock->since_ns + (passed_ns + rate - 1) / rate;
    return when_ns < INT64_MAX ? (int64_t)when_ns : INT64_MAX;
}
