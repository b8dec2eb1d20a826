// SPDX-License-Identifier: ISC
/* os/log - a line of a process's log that no call of it writes
 *
 * Blocks    never
 */
#ifndef OS_LOG_H
#define OS_LOG_H

#include "base/str.h"

struct sys;

/* What sys_log() does, without being a call. */
void log_line(struct sys *sys, struct str line);

#endif
