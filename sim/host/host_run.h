// SPDX-License-Identifier: ISC
/* host/host_run - runs one instance of one scenario file and says how it came out
 *
 * Memory    results can be written to a buffer in the job's process and read in the one that
 *           reports; texts then look into that buffer
 */
#ifndef HOST_HOST_RUN_H
#define HOST_HOST_RUN_H

#include "host/host_sweep.h"
#include "report/report.h"

struct host_run_options {
    const char *program; /* for the command that repeats a run */
    bool seeded;
    uint64_t seed;
    struct str overrides; /* of draws, a line each */
    const char *world;    /* sim, live, postfix */
    struct host_sweep_options sweep;
    const char *trace_file; /* NULL: none */
    bool tell;              /* postsim trace: the story goes to the timeline */
    bool timeline;          /* also of a run in which all held */
    /* Who else looks at the run: before it plays and after it was judged. NULL: nobody. */
    void (*begun)(void *argument, struct run *run);
    void (*judged)(void *argument, struct run *run);
    void *argument;
};

/* One scenario of a file. */
struct host_run_case {
    const char *file;
    struct str text;
    int instance;
};

/* Does it and appends the result to out. */
void host_run(const struct host_run_options *options, const struct host_run_case *run_case,
              struct mem *mem, struct buf *out);

/* Reads a result back; false when the job died before it was written whole. */
MUST_USE bool host_run_read(struct str bytes, struct report_result *result);

#endif
