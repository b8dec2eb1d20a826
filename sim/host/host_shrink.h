// SPDX-License-Identifier: ISC
/* host/host_shrink - the command `postsim shrink`: a failing run as a small scenario
 *
 *     postsim shrink [OPTION]... SEED|FILE
 *
 *     --seed N        of a FILE, the seed that it fails with
 *     --out FILE      where the scenario goes; default: standard output
 *     --seconds N     stop after so long; default 60
 *
 * What remains of the seed's choices stands in the file as `draw` lines, so that `postsim run`
 * alone repeats the failure.
 *
 * Exit  0 it fails in the same way and is written; 1 nothing fails; 2 the command line or the
 *       scenario is wrong; 3 internal error
 */
#ifndef HOST_HOST_SHRINK_H
#define HOST_HOST_SHRINK_H

int host_shrink_command(char **argv);

#endif
