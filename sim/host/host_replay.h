// SPDX-License-Identifier: ISC
/* host/host_replay - the command `postsim replay`: one run again, with what happened in order
 *
 *     postsim replay [OPTION]... SEED|FILE
 *
 *     --seed N          of a FILE
 *     --overrides FILE  what was drawn, in place of a seed: a line "SITE MACHINE INDEX VALUE" each
 *     --trace FILE      appends every system call and every line of the logs to FILE
 *
 * Exit  0 all held; 1 something failed; 2 the command line or the scenario is wrong; 3 internal error
 */
#ifndef HOST_HOST_REPLAY_H
#define HOST_HOST_REPLAY_H

int host_replay_command(char **argv);

#endif
