// SPDX-License-Identifier: ISC
#include "postqueue/postqueue_direct.h"

#include "mail/queue_listing.h"
#include "sys/net.h"

enum { STREAM_BYTES_MAX = 64 * 1024 };

static void answer(struct sys *sys, void *argument)
{
    struct postqueue_direct *direct = argument;
    (void)sys;
    queue_listing_send(&direct->queue, &direct->command->log, &direct->stream);
    int error = stream_flush(&direct->stream);
    (void)error; /* the reader sees that the answer is not whole */
    stream_close(&direct->stream);
}

int postqueue_direct_start(struct postqueue_direct *direct, struct command *command)
{
    struct sys *sys = command->sys;
    int pair[2];
    *direct = (struct postqueue_direct){.command = command};
    int error = sys_socket_pair(sys, pair);
    if (error != 0) {
        return error;
    }
    sys_group_init(&direct->group);
    stream_open(&direct->stream, sys, sys_mem(sys), pair[1], STREAM_BYTES_MAX);
    error = queue_open(&direct->queue, sys, command->conf);
    error = error != 0 ? error : sys_fiber_start(sys, &direct->group, answer, direct);
    if (error != 0) {
        stream_close(&direct->stream);
        queue_close(&direct->queue);
        sys_close(sys, pair[0]);
        return error;
    }
    return pair[0];
}

void postqueue_direct_end(struct postqueue_direct *direct)
{
    sys_group_join(direct->command->sys, &direct->group);
    queue_close(&direct->queue);
}
