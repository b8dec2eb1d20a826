// SPDX-License-Identifier: ISC
/* sys/sys - what every header of the OS interface shares
 *
 * A program sees the operating system as one struct sys, its process. Two backends implement the
 * same functions: mta/os with the kernel, sim/os with a simulated world. Which one is chosen at
 * link time; no program holds both.
 *
 * Each function is one of two kinds, and its header says which:
 *   instant   never yields; the code around it stays atomic
 *   waiting   may let other fibers of this process run; may fail. After it, read shared state
 *             again. Those that can wait for somebody else take an absolute deadline_ns last;
 *             those that wait only for the disk take none, since no kernel can take a file
 *             operation back.
 *
 * Errors    0, a count or a descriptor, or -ERR_*; there is no errno. Any waiting function may
 *           also return -ERR_CANCELED once its fiber is canceled (sys/fiber.h)
 * Units     times are nanoseconds of the monotonic clock unless a name says wall
 * Memory    what a process allocates hangs on sys_mem() and goes with the process
 */
#ifndef SYS_SYS_H
#define SYS_SYS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attribute.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"

struct sys;

enum {
    SYS_PATH_MAX = 1024, /* bytes of a path with its NUL */
    SYS_NAME_MAX = 255,  /* bytes of one name in a directory, without NUL */
};

#define SYS_FOREVER   INT64_MAX
#define SYS_SECOND_NS INT64_C(1000000000)
#define SYS_MILLI_NS  INT64_C(1000000)

/* The heap of this process. Instant. */
struct mem *sys_mem(struct sys *sys);

/* Ends the process with this exit status: all fibers, descriptors and memory go. Instant. */
NORETURN void sys_exit(struct sys *sys, int status);

/* Closes any descriptor: socket, file or directory; a pending wait on it in another fiber ends
 * with -ERR_CLOSED. A descriptor below 0 is ignored. Instant. */
void sys_close(struct sys *sys, int fd);

/* The log sink: one finished line without its newline. Lines go to the datagram socket given by
 * sys_log_to(), at the latest when the process waits, several to a datagram with a newline between
 * them; else to standard error. Never waits: lines that the sink cannot take are dropped and
 * counted, and the count is logged when the sink takes lines again. Instant. */
void sys_log(struct sys *sys, struct str line);

/* fd is a connected datagram socket, owned by the backend from now on; -1 goes back to standard
 * error. Instant. */
void sys_log_to(struct sys *sys, int fd);

/* Writes to standard output / standard error of a command, all of it. Waiting. */
MUST_USE int sys_output(struct sys *sys, struct str text);
MUST_USE int sys_error_output(struct sys *sys, struct str text);
/* Reads standard input: a count, 0 at its end. Waiting. */
MUST_USE long sys_input(struct sys *sys, void *data, size_t size);

#endif
