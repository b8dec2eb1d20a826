// SPDX-License-Identifier: ISC
/* host/host_watchdog - ends this process when simulated code computes for ever
 *
 * The world notices loops of system calls by itself (world/world.h). A loop that makes none would
 * never come back to it: after HOST_WATCHDOG_S seconds of processor time without a call the
 * process and the command that repeats the run are printed, and the exit status is 3.
 *
 * State     copies made by fork() are watched as well
 */
#ifndef HOST_HOST_WATCHDOG_H
#define HOST_HOST_WATCHDOG_H

enum { HOST_WATCHDOG_S = 10 };

void host_watchdog_start(void);

#endif
