// SPDX-License-Identifier: ISC
/* host/host_explore - the command `postsim explore`: random worlds, seed by seed
 *
 *     --seeds A..B    these seeds; default 1..100
 *     -j N            so many processes at once
 *     --twice         each seed in a second process as well: the hashes must be equal
 *     --out DIR       where the results and what failing seeds leave go; default build/explore
 *     --resume        goes on where an earlier run with the same DIR stopped
 *     --fail-fast     starts no other seed once one has failed
 *     --format F      human or json
 *     --print         shows the scenarios and runs nothing
 *
 * Results go to DIR/results as they come, a line for each seed.
 *
 * Exit  0 all held; 1 a seed failed, or 10,000 seeds missed a goal; 2 the command line is wrong;
 *       3 internal error
 */
#ifndef HOST_HOST_EXPLORE_H
#define HOST_HOST_EXPLORE_H

int host_explore_command(char **argv);

#endif
