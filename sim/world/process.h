// SPDX-License-Identifier: ISC
/* world/process - the process table of a machine; struct sys is one process of it
 *
 * A process runs main() of its program as its first fiber and ends when that returns, by
 * sys_exit(), by a signal or when its memory is exhausted. What it leaves behind is what a kernel
 * would leave: closed sockets, released locks, an exit status for its parent. Its fibers are
 * discarded without running their code, its memory goes with its heap.
 *
 * Memory    a struct sys lives until the world has run on after its end; look at it in observers,
 *           else keep machine and pid
 * Limits    pids 2..PROCESS_PID_MAX, reused; pid 1 is the machine itself, parent of orphans
 * Blocks    never
 */
#ifndef WORLD_PROCESS_H
#define WORLD_PROCESS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/list.h"
#include "sys/process.h"
#include "world/disk.h"
#include "world/event.h"
#include "world/machine.h"
#include "world/world.h"

struct disk_inode;
struct open_file;

enum {
    PROCESS_PID_MAX = 32767,
    PROCESS_OUTPUT_MAX = 16 * 1024 * 1024,
    PROCESS_MEMORY_MAX = 1024 * 1024 * 1024,
};

struct process_rights {
    uint32_t uid;
    uint32_t gid;
    uint32_t groups[SYS_USER_GROUPS_MAX];
    int group_count;
};

/* A descriptor of the new process. */
struct process_descriptor {
    int fd;
    struct open_file *file;
};

struct process_start {
    const char *path;               /* program file; its last component is looked up */
    const char *const *argv;        /* ends with NULL */
    const char *const *environment; /* ends with NULL; NULL: empty */
    const struct sys_user *user;    /* NULL: root */
    const char *directory;          /* working directory; NULL: "/" */
    struct str input;               /* what sys_input() reads */
};

/* Starts a program as a child of pid 1. Its pid, -ERR_NOT_FOUND for an unknown program or
 * directory, -ERR_TOO_MANY_PROCESSES. */
MUST_USE int process_start(struct machine *machine, const struct process_start *start);

struct sys *process_find(const struct machine *machine, int pid); /* NULL when absent */

/* A signal from outside; KILL also works on the process that is running (then from an observer:
 * it does not come back from its call). */
void process_signal(struct sys *sys, enum sys_signal signal);

/* All of it stands still: for a time, INT64_MAX: until it is told to go on, or its watchdog ends it.
 * Signals wait, but KILL works. The running process goes on to its next wait. */
void process_suspend(struct sys *sys, int64_t time_ns);
void process_resume(struct sys *sys); /* may be called for any process */

/* From now on, late() is called when it has stood still for timeout_ns of its machine's monotonic
 * clock, outside of all processes. */
void process_watch(struct sys *sys, int64_t timeout_ns, void (*late)(struct sys *sys));
bool process_is_watched(const struct sys *sys);
/* How long it stands still when it is suspended for a time: no longer than its watchdog allows. */
int64_t process_standstill_ns(const struct sys *sys, int64_t time_ns);

/* The process whose code is running now; NULL outside all of them. */
struct sys *process_running(const struct world *world);

/* ---- the table ----------------------------------------------------------------------------- */

struct sys {
    struct world *world;
    struct machine *machine;
    struct list in_machine; /* machine->processes */
    int pid;
    int parent_pid;
    const struct world_program *program;
    const char *path;
    const char *start_directory;
    int argc;
    char **argv;
    char **environment; /* ends with NULL */
    struct process_rights rights;
    struct disk_inode *root;
    struct disk_inode *directory;
    struct mem *mem; /* its own heap: sys_mem() */

    struct list fibers; /* struct fiber, oldest first */
    bool suspended;
    struct list held; /* struct fiber: runnable but for that */
    struct event resume;
    int64_t watch_ns;              /* how long it may stand still */
    int64_t late_ns;               /* when it will have: on the machine's monotonic clock */
    void (*late)(struct sys *sys); /* NULL: nobody watches it */
    struct event lateness;
    struct sys_watch watch; /* sim/os's */
    struct open_file **descriptors;
    int descriptor_count; /* length of the table */
    int descriptors_open;
    int lowest_free; /* descriptor.c: all below are open */
    int descriptor_max;
    int log_fd; /* -1: standard error */
    uint64_t log_dropped_count;

    struct str input; /* the rest of it */
    struct buf output;
    struct buf error_output;

    bool takes_signals;       /* has called sys_wait_signal() */
    unsigned signals_pending; /* bit n: enum sys_signal n */
    struct list signal_waiters;
    struct list child_waiters;
    struct list ended_children; /* struct sys, in_parent; first ended first */
    struct list in_parent;
    int child_count; /* running and ended */

    uint64_t call_count; /* system calls so far */
    bool ended;          /* its memory goes when the world runs on */
    bool forgotten;      /* nobody will wait for it */
    int status;          /* exit status, or -1 when a signal ended it */
    int signal;          /* its number then, else 0 */
    struct event reap;
};

/* What sys_spawn() does: descriptors are shared with the parent, all else is copied. The child's
 * pid or an error as of process_start(). */
MUST_USE int process_spawn(struct sys *parent, const struct process_start *start,
                           const struct process_rights *rights,
                           const struct process_descriptor *descriptors, int descriptor_count);

/* Ends it: signal number, or 0 for the exit status. When it is the running process, this returns
 * and process_leave_if_ended() must follow at the next chance. */
void process_end(struct sys *sys, int status, int signal);

/* Gives the processor away for good if the running process has ended. */
void process_leave_if_ended(struct sys *sys);

/* Without signals to parents, words to peers or running code: the power is gone. */
void process_vanish(struct sys *sys);

/* NULL: root's. */
struct process_rights process_rights_of(const struct sys_user *user);

/* How it sees its machine's disk. */
struct disk_view process_view(const struct sys *sys);

/* The ended child was waited for. */
void process_forget(struct sys *child);

/* Called before the heap of an ended process goes; for a library that keeps pieces of it. */
void process_set_farewell(void (*farewell)(void));

int process_signal_number(enum sys_signal signal);

#endif
