// SPDX-License-Identifier: ISC
#include "bounce/bounce_open.h"

#include "sys/clock.h"

enum { LOCK_SECONDS = 30, REOPEN_MAX = 10 };

int bounce_open(struct bounce_state *state, struct str queue_id, unsigned flags,
                struct sys_stat *stat)
{
    struct sys *sys = state->sys;
    for (int i = 0; i < REOPEN_MAX; i++) {
        int fd = queue_open_file(&state->queue, state->records, queue_id,
                                 SYS_OPEN_READ | SYS_OPEN_WRITE | flags, 0600);
        if (fd < 0) {
            return fd;
        }
        int64_t deadline_ns = sys_deadline(sys, LOCK_SECONDS * SYS_SECOND_NS);
        int error = sys_lock(sys, fd, true, deadline_ns);
        if (error == 0) {
            error = sys_fstat(sys, fd, stat);
        }
        if (error == 0 && stat->link_count > 0) {
            return fd;
        }
        sys_close(sys, fd);
        if (error != 0) {
            return error;
        }
    }
    return -ERR_LOCKED;
}
