// SPDX-License-Identifier: ISC
/* bounce/bounce_open - the records of one message, for one who writes or reports them at a time
 *
 * A queue manager that was started anew may ask for a notice while the one before is still being
 * made, and an agent may record a failure meanwhile.
 */
#ifndef BOUNCE_BOUNCE_OPEN_H
#define BOUNCE_BOUNCE_OPEN_H

#include "bounce/bounce_state.h"
#include "sys/fs.h"

/* Opens the log and locks it, under the name that it still has then: whoever reported it while we
 * waited for the lock has removed the file that we held. flags: 0 or SYS_OPEN_CREATE. A descriptor,
 * whose lock goes when it is closed, or -ERR_NOT_FOUND; -ERR_LOCKED. Blocks for the disk, and for
 * others who have the log. */
MUST_USE int bounce_open(struct bounce_state *state, struct str queue_id, unsigned flags,
                         struct sys_stat *stat);

#endif
