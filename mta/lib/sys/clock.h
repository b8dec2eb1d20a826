// SPDX-License-Identifier: ISC
/* sys/clock - monotonic time, wall time, sleep
 *
 * Deadlines and intervals use the monotonic clock; only what is shown or stored uses wall time.
 */
#ifndef SYS_CLOCK_H
#define SYS_CLOCK_H

#include "sys/sys.h"

int64_t sys_now_ns(struct sys *sys);  /* monotonic, never goes back. Instant. */
int64_t sys_wall_ns(struct sys *sys); /* since 1970-01-01 UTC; may jump. Instant. */

/* Seconds that local time is east of UTC at that wall time. Instant. */
int sys_utc_offset_s(struct sys *sys, int64_t wall_ns);

/* 0 once the deadline has passed, -ERR_CANCELED before. Waiting. */
MUST_USE int sys_sleep_until(struct sys *sys, int64_t deadline_ns);

/* Now + timeout, saturating at SYS_FOREVER. Instant. */
int64_t sys_deadline(struct sys *sys, int64_t timeout_ns);

#endif
