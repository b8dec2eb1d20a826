// SPDX-License-Identifier: ISC
/* os/call - how every system call of a simulated process begins and ends
 *
 *     int result = call_enter_path(sys, "unlink", dir, path);
 *     if (result == 0) {
 *         result = disk_unlink(...);
 *     }
 *     return (int)call_leave(sys, &(struct trace_record){.call = "unlink", ...});
 *
 * Entering is the crash point: the process may be killed there, and then it does not return. It is
 * the fault point as well: what it returns other than 0 is an error that the call must end with,
 * or an enum fault_result (world/fault.h) where fault.def lists one. Names are those of fault.def.
 */
#ifndef OS_CALL_H
#define OS_CALL_H

#include <stdint.h>

#include "base/attribute.h"
#include "world/trace.h"

struct sys;

/* Of a call that cannot fail. */
void call_enter(struct sys *sys, const char *name);

/* Of a call on a descriptor ... */
MUST_USE int call_enter_fd(struct sys *sys, const char *name, int fd);
/* ... that waits for the disk at most: others may run first ("disk"). */
MUST_USE int call_enter_file(struct sys *sys, const char *name, int fd);
/* The same of a call on a path below a directory. */
MUST_USE int call_enter_path(struct sys *sys, const char *name, int dir, const char *path);
/* Of a call on something else that has a name; may be empty. */
MUST_USE int call_enter_name(struct sys *sys, const char *name, struct str object);

/* For questions that change nothing and are asked too often to be worth a record: only counted,
 * so that a loop of them is found. */
void call_count(struct sys *sys);

/* Writes the record and returns its result. */
int64_t call_leave(struct sys *sys, const struct trace_record *record);

#endif
