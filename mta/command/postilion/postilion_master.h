// SPDX-License-Identifier: ISC
/* postilion/postilion_master - the master of this mail system: does it run, and telling it
 *
 * It holds a lock on pid/master.pid for as long as it lives. All paths are relative to the queue
 * directory, which enter and need make the working directory.
 *
 * Errors    what has failed is said on standard error; the results are exit statuses, unless marked
 * Blocks    for the disk
 */
#ifndef POSTILION_POSTILION_MASTER_H
#define POSTILION_POSTILION_MASTER_H

#include "postilion/postilion_control.h"
#include "sys/process.h"

MUST_USE int postilion_master_enter(struct postilion_control *control);

/* Waits for it to be gone until the deadline. 0 when it does not run, -ERR_LOCKED when it does and
 * *pid is set, or another error. */
MUST_USE int postilion_master_find(struct postilion_control *control, int *pid,
                                   int64_t deadline_ns);

/* Enters; 0 with *pid set, or an exit status after it has said that master does not run. */
MUST_USE int postilion_master_need(struct postilion_control *control, int *pid);

MUST_USE int postilion_master_signal(struct postilion_control *control, int pid,
                                     enum sys_signal signal);

#endif
