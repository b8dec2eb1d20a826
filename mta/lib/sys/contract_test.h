// SPDX-License-Identifier: ISC
/* sys/contract_test - what the parts of the contract suite share
 *
 * The suite is one program over sys (sys_test.c), run once on each backend in an empty directory.
 * It prints a line for every step; the two outputs must be the same, and lines that the contract
 * fixes must show what it says. Nothing that reality leaves open may be printed: times, pids,
 * ports, inode numbers, directory order.
 */
#ifndef SYS_CONTRACT_TEST_H
#define SYS_CONTRACT_TEST_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "sys/sys.h"

struct contract {
    struct sys *sys;
    const char *part;
    uint64_t random; /* state of the generator that random sequences draw from */
    int step_count;
    int failed_count;
};

/* One line: "part: what". Only the first fiber may call this and the checks. */
void contract_say(struct contract *contract, const char *format, ...) PRINTF_LIKE(2, 3);

/* The line tells the result: a number, or the name of an error. */
void contract_is(struct contract *contract, long result, long expected, const char *what);
/* The line tells "ok" for any result that is no error, as descriptors and pids are. */
long contract_ok(struct contract *contract, long result, const char *what);
void contract_true(struct contract *contract, bool holds, const char *what);

/* "ok" or a number as decimal, an error by name. */
const char *contract_text(long result, char text[32]);

/* Pseudo-random, below count. */
unsigned contract_draw(struct contract *contract, unsigned count);
uint64_t contract_hash(const void *data, size_t size);

/* A deadline that is long past, and one that no healthy step reaches. */
enum { CONTRACT_PAST = 0 };
int64_t contract_soon(struct contract *contract);
void contract_pause(struct contract *contract, int64_t pause_ns);

/* Starts this program again as `part` with one argument; descriptors may be NULL. */
struct sys_spawn_descriptor;
struct sys_user;
int contract_spawn(struct contract *contract, const char *part, const char *argument,
                   const struct sys_spawn_descriptor *descriptors, int descriptor_count,
                   const struct sys_user *user);

/* ---- parts -------------------------------------------------------------------------------- */

void contract_clock(struct contract *contract);
void contract_random(struct contract *contract);
void contract_fibers(struct contract *contract);
void contract_files(struct contract *contract);
void contract_names(struct contract *contract);
void contract_locks(struct contract *contract);
void contract_replaced(struct contract *contract);
void contract_streams(struct contract *contract);
void contract_unix(struct contract *contract);
void contract_datagrams(struct contract *contract);
void contract_passing(struct contract *contract);
void contract_log(struct contract *contract);
void contract_standard(struct contract *contract);
void contract_processes(struct contract *contract);
void contract_users(struct contract *contract);
void contract_databases(struct contract *contract);

/* On disks of their own: one of 64 KiB to 15 MiB, and one that is read-only and holds the directory
 * d with a file i, and the file f with the text "hello". */
void contract_full(struct contract *contract);
void contract_read_only(struct contract *contract);

void contract_random_files(struct contract *contract, int step_count);
void contract_random_streams(struct contract *contract, int step_count);
void contract_random_databases(struct contract *contract, int step_count);

/* What a spawned copy does: its exit status. */
int contract_child(struct contract *contract, const char *part, const char *argument);

#endif
