// SPDX-License-Identifier: ISC
/* host/host_twice - the run-twice gate: the same command in a second process gives the same hashes
 *
 * The second process has another environment, address layout and fill of freed memory.
 *
 * Blocks    until the second process is done
 */
#ifndef HOST_HOST_TWICE_H
#define HOST_HOST_TWICE_H

#include <stdbool.h>
#include <stdint.h>

/* hashes are those of this process, in order. Prints what differs; false when something does. */
bool host_twice(char **argv, const uint64_t *hashes, int count);

/* Runs the command in such a second process and reads the hash from the first line that it
 * prints. False when there is none. */
bool host_twice_hash(char *const *argv, uint64_t *hash);

#endif
