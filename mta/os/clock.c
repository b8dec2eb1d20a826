// SPDX-License-Identifier: ISC
#include "sys/clock.h"

#include <time.h>

#include "os/os.h"

static int64_t read_clock(clockid_t clock)
{
    struct timespec now = {0};
    (void)clock_gettime(clock, &now);
    return (int64_t)now.tv_sec * SYS_SECOND_NS + now.tv_nsec;
}

int64_t sys_now_ns(struct sys *sys UNUSED)
{
    return read_clock(CLOCK_MONOTONIC);
}

int64_t sys_wall_ns(struct sys *sys UNUSED)
{
    return read_clock(CLOCK_REALTIME);
}

/* The zone file is read once, at the latest before a new root directory hides it. */
void os_zone_load(struct sys *sys)
{
    if (!sys->zone_loaded) {
        tzset();
        sys->zone_loaded = true;
    }
}

int sys_utc_offset_s(struct sys *sys, int64_t wall_ns)
{
    int64_t second = wall_ns / SYS_SECOND_NS - (wall_ns % SYS_SECOND_NS < 0);
    time_t wall_s = (time_t)second;
    struct tm local = {0};
    os_zone_load(sys);
    (void)localtime_r(&wall_s, &local);
    return (int)local.tm_gmtoff;
}

int sys_sleep_until(struct sys *sys, int64_t deadline_ns)
{
    struct list nobody;
    list_init(&nobody);
    int error = os_wait(sys, &nobody, deadline_ns);
    return error == -ERR_TIMEOUT ? 0 : error;
}
