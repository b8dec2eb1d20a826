// SPDX-License-Identifier: ISC
/* host/host_sweep - cuts the power at every call of some programs, with every state of the disk
 *
 * The run of the scenario goes on as if nothing happened; at each crash point a copy of the whole
 * process (fork) is the world in which the power fails there, and from it one more copy for each
 * image of the disk. Those come back from run_play() like the first, are judged, and end here.
 *
 * Memory    counts and failures are shared by all copies
 */
#ifndef HOST_HOST_SWEEP_H
#define HOST_HOST_SWEEP_H

#include "scenario/run.h"

struct host_sweep_options {
    int every;    /* of these calls, each so many-th */
    int parallel; /* copies at once */
    int point;    /* 0: all; else only this call ... */
    int image;    /* ... and this image, in this process */
};

struct host_sweep_result {
    int points;
    int images;
    int failed;
    struct str failures; /* the first ones, each ends with a NUL; in the run's arena */
};

/* Plays and judges the run with its sweep. Only the original process comes back. */
void host_sweep_play(struct run *run, const struct host_sweep_options *options,
                     struct host_sweep_result *result);

#endif
