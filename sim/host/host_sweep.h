// SPDX-License-Identifier: ISC
/* host/host_sweep - lets something go wrong at every call of some programs, in every way it can
 *
 * The run of the scenario goes on as if nothing happened; at each point a copy of the whole process
 * (fork) is the world in which it happens there, and from it one more copy for each variant. Those
 * come back from run_play() like the first, are judged, and end here.
 *
 * Ways      power-cut: the variants are the images of the disk; kill: the process dies there; fail:
 *           the call fails, with each result that fault.def lists for it, in that order. A call
 *           without any is no point
 * Memory    counts and failures are shared by all copies
 */
#ifndef HOST_HOST_SWEEP_H
#define HOST_HOST_SWEEP_H

#include "scenario/run.h"

struct host_sweep_options {
    bool asked;     /* also of a file that asks for none; then only the checks that are
                             always on judge it */
    bool way_given; /* else the file's, or power-cut */
    enum scenario_sweep way;
    const char *programs; /* with commas; NULL: the file's, or all of the mail system's */
    int every;            /* of these calls, each so many-th */
    int from;             /* the first of them, from 1 */
    int parallel;         /* copies at once */
    int point;            /* 0: all; else only this call ... */
    int variant;          /* ... in this variant, in this process */
    bool progress;        /* on standard error */
};

struct host_sweep_result {
    const char *way;
    const char *unit; /* what the variants are: "disk images" */
    int points;
    int variants;
    int failed;
    struct str failures; /* the first ones, each ends with a NUL; in the run's arena */
};

/* Plays and judges the run with its sweep. Only the original process comes back. */
void host_sweep_play(struct run *run, const struct host_sweep_options *options,
                     struct host_sweep_result *result);

#endif
