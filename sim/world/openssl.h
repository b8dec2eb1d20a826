// SPDX-License-Identifier: ISC
/* world/openssl - OpenSSL inside simulated processes
 *
 * Memory    what OpenSSL allocates while a simulated process runs hangs on that process's heap and
 *           goes with it; what it makes once for the whole program, its tables, providers and
 *           error state, belongs to the host: openssl_prepare() has it made
 * Random    bytes from sys_random() of the process that runs
 * Time      time() and gettimeofday() of this program are the wall clock of the process that
 *           runs, outside of all processes OPENSSL_OUTSIDE_S
 * Blocks    never; TLS in a world goes over memory BIOs
 */
#ifndef WORLD_OPENSSL_H
#define WORLD_OPENSSL_H

#include <stddef.h>

#define OPENSSL_OUTSIDE_S INT64_C(1767225600) /* 2026-01-01 */

/* Once, before anything else in this program uses OpenSSL and before the first world. */
void openssl_prepare(void);

/* Pieces of memory that OpenSSL holds outside of processes. */
size_t openssl_host_pieces(void);

#endif
