// SPDX-License-Identifier: ISC
/* world/world - a whole network of machines in one process, with a time of its own
 *
 *     struct world *world = world_create(&options);
 *     struct machine *machine = machine_add(world, "mx.our.test");
 *     process_start(machine, &start);
 *     world_run_until(world, 5 * 86400 * SYS_SECOND_NS);
 *
 * Time stands still while anything can run and then jumps to the next event. What happens is a
 * function of the options and of the calls made from outside, of nothing else: world_hash() of
 * two such runs is equal in every build, on every computer.
 *
 * Units     world time: nanoseconds, 0 is the scenario's time 0, so it may be negative; the
 *           clocks of a machine (machine.h) are derived from it
 * Memory    everything hangs on world_mem() and on the heaps of the processes; world_destroy()
 *           releases all of it without running anybody's code
 * Limits    WORLD_CALLS_PER_INSTANT_MAX system calls without time moving are a busy loop; a run of
 *           more than WORLD_CALLS_MAX, as when mail goes in a circle, is taken for one without end
 * Blocks    never; only world_run_*() lets processes run, one fiber at a time
 * See       machine.h process.h disk.h network.h draw.h trace.h observer.h event.h
 */
#ifndef WORLD_WORLD_H
#define WORLD_WORLD_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attribute.h"
#include "base/mem.h"
#include "base/str.h"

struct sys;
struct world;

enum { WORLD_CALLS_PER_INSTANT_MAX = 500 * 1000, WORLD_CALLS_MAX = 1000 * 1000 };

struct world_program {
    const char *file; /* the last component of the paths that start it */
    int (*main)(struct sys *sys, int argc, char **argv);
};

struct world_options {
    bool seeded; /* else every draw without an override is 0 */
    uint64_t seed;
    struct str overrides;                 /* draw.h's text; may be empty */
    int64_t start_ns;                     /* world time at which the world begins */
    int64_t wall_zero_ns;                 /* wall time at world time 0 */
    int64_t latency_ns;                   /* one way, between two machines */
    const struct world_program *programs; /* borrowed; programs.h has those of the mail system */
    int program_count;
    const char *reproduce; /* borrowed: the command that repeats this run, for reports; or NULL */
};

/* A plain world: no seed, starts at 0, in 2026, WORLD_LATENCY_NS, without programs. */
enum { WORLD_LATENCY_NS = 10 * 1000 * 1000 };
void world_options_init(struct world_options *options);

struct world *world_create(const struct world_options *options);
void world_destroy(struct world *world); /* accepts NULL */

/* More programs, beside those of the options; `programs` is borrowed. */
void world_add_programs(struct world *world, const struct world_program *programs, int count);
const struct world_program *world_program_find(const struct world *world, struct str file);

enum world_end {
    WORLD_TIME,    /* everything up to and at until_ns has happened */
    WORLD_IDLE,    /* nothing is runnable and no event is left at all */
    WORLD_HELD,    /* the condition of world_run_while() became false */
    WORLD_STOPPED, /* world_stop(); the world will not run again */
};

/* After it the world's time is until_ns, unless it stopped or became idle before. */
enum world_end world_run_until(struct world *world, int64_t until_ns);

/* The same, but also ends when wanted(argument) is false: it is asked whenever nothing is
 * runnable, just before time moves. */
enum world_end world_run_while(struct world *world, bool (*wanted)(void *argument), void *argument,
                               int64_t until_ns);

int64_t world_now_ns(const struct world *world);
/* World time of the earliest event; INT64_MAX when there is none. */
int64_t world_next_event_ns(const struct world *world);

/* Why a world stopped for good. */
enum world_fault {
    WORLD_FAULT_NONE,
    WORLD_FAULT_CHECK,     /* a check of the simulator found a broken promise */
    WORLD_FAULT_ASSERTION, /* assert() failed in a simulated process */
    WORLD_FAULT_BUSY_LOOP,
    WORLD_FAULT_NO_END,
};

/* Ends the run at this point: from outside, from an observer or from a simulated process, which
 * then does not come back from its system call. The first fault is kept. */
void world_stop(struct world *world, enum world_fault fault, const char *format, ...)
    PRINTF_LIKE(3, 4);
enum world_fault world_stopped(const struct world *world);
const char *world_stop_text(const struct world *world); /* "" while it can run */
const char *world_reproduce(const struct world *world); /* "" when not given */

/* Identity of the run so far. */
uint64_t world_hash(const struct world *world);

/* Heap of the simulator itself. */
struct mem *world_mem(struct world *world);

#endif
