// SPDX-License-Identifier: ISC
/* world/observer - who watches a world: checks, scenarios, crash sweeps
 *
 * An observer is called at the moment things happen. It may look at everything, stop the world,
 * kill processes and cut power, also of the very process that calls: that process then does not
 * come back from its call. It must not run the world.
 *
 * Blocks    never
 */
#ifndef WORLD_OBSERVER_H
#define WORLD_OBSERVER_H

#include <stdint.h>

#include "base/list.h"
#include "base/str.h"

struct fault;
struct fault_call;
struct machine;
struct socket;
struct sys;
struct trace_record;
struct world;

/* Members that are NULL are not called. */
struct observer {
    struct list in_world; /* the world's */
    void *argument;
    /* A process is about to make a system call: a crash point. index counts the calls of this
     * process from 0. A fault that is added now meets this call already. */
    void (*call)(void *argument, struct sys *sys, const struct fault_call *call, uint64_t index);
    /* A fault takes effect at the call that the process is making. */
    void (*struck)(void *argument, struct sys *sys, const struct fault *fault);
    /* A system call is done and about to return. */
    void (*returned)(void *argument, struct sys *sys, const struct trace_record *record);
    /* A line was logged by sys_log(). */
    void (*log)(void *argument, struct sys *sys, struct str line);
    /* A process wrote to a socket; data is what the socket took. */
    void (*written)(void *argument, struct sys *sys, struct socket *socket, struct str data);
    /* A process ended (process.h tells how); its descriptors and memory still exist. */
    void (*ended)(void *argument, struct sys *sys);
    /* Names on a disk changed: link: from is empty; unlink: to is empty. Paths are absolute. */
    void (*renamed)(void *argument, struct machine *machine, struct str from, struct str to);
    /* The file or directory was synced; now durable as far as its contract promises. */
    void (*synced)(void *argument, struct machine *machine, struct str path);
};

/* observer is borrowed until observer_remove() or the end of the world. */
void observer_add(struct world *world, struct observer *observer);
void observer_remove(struct observer *observer);

#endif
