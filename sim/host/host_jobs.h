// SPDX-License-Identifier: ISC
/* host/host_jobs - runs jobs in processes of their own, several at once
 *
 * Each job starts as a copy of this process, so that nothing that one does, not even a crash,
 * can disturb another.
 *
 * Blocks    until all jobs are done
 */
#ifndef HOST_HOST_JOBS_H
#define HOST_HOST_JOBS_H

#include "base/buf.h"
#include "base/str.h"

enum { HOST_JOB_OUTPUT_MAX = 64 << 20 };

struct host_jobs {
    int count;
    int parallel; /* at most so many at once */
    bool stop;    /* done may set it: no other job starts, and count is what it came to */
    struct mem *mem;
    void *argument;
    /* In the job's process: does it, appends what it found to out. */
    void (*run)(void *argument, int index, struct buf *out);
    /* Here, in order of the index. died: "" or how the process ended before its time. */
    void (*done)(void *argument, int index, struct str out, const char *died);
};

void host_jobs_run(struct host_jobs *jobs);

/* How many processors this machine has. */
int host_processor_count(void);
/* Monotonic time of the real machine. */
int64_t host_now_ns(void);

#endif
