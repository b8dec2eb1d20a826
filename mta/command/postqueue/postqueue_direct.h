// SPDX-License-Identifier: ISC
/* postqueue/postqueue_direct - the queue read directly, while showq does not run
 *
 * A fiber of this process answers as showq would. The reader closes its descriptor before end: if
 * the fiber has not ended by then, it gives up.
 *
 * Rights    root's
 * Blocks    end, for the fiber
 */
#ifndef POSTQUEUE_POSTQUEUE_DIRECT_H
#define POSTQUEUE_POSTQUEUE_DIRECT_H

#include "conf/command.h"
#include "queue/queue.h"
#include "stream/stream.h"
#include "sys/fiber.h"

struct postqueue_direct {
    struct command *command;
    struct queue queue;
    struct stream stream;
    struct sys_group group;
};

/* A descriptor to read the answer from, or an error, with nothing left to end. */
MUST_USE int postqueue_direct_start(struct postqueue_direct *direct, struct command *command);
void postqueue_direct_end(struct postqueue_direct *direct);

#endif
