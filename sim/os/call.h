// SPDX-License-Identifier: ISC
/* os/call - how every system call of a simulated process begins and ends
 *
 *     call_enter(sys, "unlink");
 *     int result = disk_unlink(...);
 *     return (int)call_leave(sys, &(struct trace_record){.call = "unlink", ...});
 *
 * Entering is the crash point: observers may kill the process there, and then it does not return.
 */
#ifndef OS_CALL_H
#define OS_CALL_H

#include <stdint.h>

#include "world/trace.h"

struct open_file;
struct sys;

void call_enter(struct sys *sys, const char *name);

/* The same for a call that waits for the disk at most: others may run first ("disk"). */
void call_enter_disk(struct sys *sys, const char *name);

/* For questions that change nothing and are asked too often to be worth a record: only counted,
 * so that a loop of them is found. */
void call_count(struct sys *sys);

/* Writes the record and returns its result. */
int64_t call_leave(struct sys *sys, const struct trace_record *record);

#endif
