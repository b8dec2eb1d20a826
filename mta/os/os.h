// SPDX-License-Identifier: ISC
/* os/os - what the files of the production backend share
 *
 * One thread runs all fibers. A waiting function tries its system call first; when that would
 * block, the fiber goes into a list of waiters and the next ready fiber runs, on whose stack the
 * loop polls when none is ready: there is no scheduler stack, and a lone conversation never
 * switches.
 *
 *     descriptor.c  the table of descriptors: who waits for which, what epoll knows
 *     loop.c        ready list, timers, epoll
 *     fiber.c       fibers, groups, events, stacks
 *     thread.c      helper threads for fsync
 *     spawn.c       fork and exec
 *     spawner.c     the spawn helper: a process set apart that does it for us
 *     confine.c     rights given up for good
 *     watchdog.c    the end of a process that hangs
 *     standard.c    standard input and output
 *     start.c       the start and the end of a process
 *     error.c       errno -> ERR
 */
#ifndef OS_OS_H
#define OS_OS_H

#include <semaphore.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attribute.h"
#include "base/list.h"
#include "sys/context.h"
#include "sys/fiber.h"
#include "sys/net.h"
#include "sys/process.h"
#include "sys/sys.h"

enum {
    OS_DESCRIPTORS_MAX = 1 << 20,
    OS_THREADS_MAX = 64,
    OS_FREE_STACKS_MAX = 128,
    OS_SPAWN_DESCRIPTORS_MAX = 64,
    OS_LOG_BACKLOG_BYTES_MAX = 256 * 1024,
};

/* A fiber lives at the top of its own stack; the first one is the thread itself. */
struct os_fiber {
    struct context context;
    struct sys *sys;
    void (*run)(struct sys *sys, void *argument);
    void *argument;
    struct sys_group *group; /* NULL for the first fiber */
    struct list in_group;
    struct list in_process;
    struct list queue; /* in the ready list, in a list of waiters, or alone */
    int64_t deadline_ns;
    int timer_index; /* in sys->timers, -1 when no timer runs */
    int result;      /* how its wait ended */
    bool waits;
    bool shielded; /* cancellation does not end this wait */
};

struct os_descriptor {
    struct list readers;
    struct list writers;
    struct os_directory *directory; /* listing state */
    void (*ready)(struct sys *sys); /* the backend's own descriptors */
    uint32_t generation;            /* grows with every close of this number */
    uint32_t interest;              /* epoll events, edge-triggered; 0: not registered */
    bool open;
    bool may_read; /* false: an attempt would find nothing until the next edge */
    bool hung_up;  /* the peer is gone; reading never blocks again */
    bool stream;   /* a short read means that the socket is drained */
    bool unix_domain;
    bool listening;
    bool
        shared; /* another process may hold it too, so that close() does not end the registration */
};

/* A child of the spawn helper; children of this process are left to the kernel's table. */
struct os_child {
    struct list node;
    bool ended;
    struct sys_exit_status status;
};

struct os_job {
    struct list node; /* in threads->waiting */
    struct os_fiber *fiber;
    int fd;
    int result;
};

struct os_thread {
    struct os_thread *next; /* in threads->idle or threads->done */
    struct os_threads *threads;
    struct os_job *job;
    sem_t wake; /* posted when there is a job */
};

struct os_threads {
    struct os_thread all[OS_THREADS_MAX];
    int count;
    struct os_thread *idle;           /* newest first */
    _Atomic(struct os_thread *) done; /* the one thing that several threads write */
    struct list waiting;              /* jobs for which there is no thread yet */
    int done_fd;                      /* eventfd, -1 until the first thread starts */
};

struct os_log {
    int fd;        /* -1: standard error */
    bool full;     /* it takes nothing now: sink_ready() will be called */
    char *backlog; /* lines to send, each with a newline behind it */
    size_t backlog_size;
    uint64_t dropped_count;
};

struct sys {
    struct mem *mem;
    struct os_fiber first;
    struct os_fiber *current;
    struct list fibers; /* all; the debugger script walks it */
    struct list ready;
    struct list free_stacks;
    int free_stack_count;
    int fiber_count;
    int calls_without_poll;

    struct os_fiber **timers; /* heap by deadline */
    int timer_count;
    int timer_capacity;

    struct sys_watch watch;
    volatile sig_atomic_t steps_without_poll; /* of the watchdog */

    int epoll_fd;
    struct os_descriptor *descriptors;
    int descriptor_limit;
    int descriptor_count;

    struct os_threads threads;
    struct os_log log;

    int signal_fd; /* -1 until somebody asks */
    bool signals_asked;
    bool children_asked;
    unsigned signals_pending; /* bit per enum sys_signal */
    struct list signal_waiters;
    struct list child_waiters;

    int spawner_fd;            /* -1 without spawn helper */
    struct list spawn_waiters; /* in the order of their requests */
    struct list children;

    bool zone_loaded;
    char host_name[256];
    char program_path[SYS_PATH_MAX];
    char start_directory[SYS_PATH_MAX];
};

/* ---- clock.c ------------------------------------------------------------------------------- */

void os_zone_load(struct sys *sys);

/* ---- error.c ------------------------------------------------------------------------------- */

int os_error(int number); /* negative ERR for an errno */
int os_last_error(void);  /* the same for errno itself */

/* ---- loop.c -------------------------------------------------------------------------------- */

void os_loop_init(struct sys *sys);

/* Puts the current fiber at the end of waiters until os_wake() or the deadline; returns what
 * os_wake() was given, -ERR_TIMEOUT or -ERR_CANCELED. */
MUST_USE int os_wait(struct sys *sys, struct list *waiters, int64_t deadline_ns);
/* The same, but cancellation does not end it. */
MUST_USE int os_wait_shielded(struct sys *sys, struct list *waiters, int64_t deadline_ns);

void os_wake(struct sys *sys, struct os_fiber *fiber, int result);
void os_wake_first(struct sys *sys, struct list *waiters, int result);
void os_wake_all(struct sys *sys, struct list *waiters, int result);

/* Called where a waiting function succeeds without a wait: lets others run now and then, so that
 * one busy peer cannot keep the process for itself. */
void os_take_turn(struct sys *sys);

/* Gives the processor to the next ready fiber, polling until there is one. */
void os_park(struct sys *sys);
/* The same for a fiber that ends. */
NORETURN void os_leave(struct sys *sys);

/* Room for one more timer, so that a wait never allocates. */
void os_timers_reserve(struct sys *sys, int count);

/* ---- descriptor.c --------------------------------------------------------------------------- */

enum os_descriptor_flag {
    OS_STREAM = 1,
    OS_UNIX = 2,
    OS_LISTENING = 4,
    OS_SHARED = 8,
};

void os_descriptors_init(struct sys *sys);

/* Takes a descriptor, or errno when fd is negative, into the table: fd or an error. */
int os_descriptor_add(struct sys *sys, int fd, unsigned flags);

/* NULL when fd is not open. */
struct os_descriptor *os_descriptor(struct sys *sys, int fd);

/* A descriptor of the backend: ready() is called whenever there is something new to read or, with
 * for_room, room to write again. */
void os_descriptor_watch(struct sys *sys, int fd, bool for_room, void (*ready)(struct sys *sys));
void os_descriptor_unwatch(struct sys *sys, int fd);

/* Waits for the next edge. Only after the system call said that it would block. */
typedef int (*os_wait_function)(struct sys *sys, int fd, int64_t deadline_ns);
MUST_USE int os_wait_readable(struct sys *sys, int fd, int64_t deadline_ns);
MUST_USE int os_wait_writable(struct sys *sys, int fd, int64_t deadline_ns);

/* What epoll said about fd. */
void os_descriptor_ready(struct sys *sys, int fd, uint32_t events);

/* ---- fs.c, thread.c ------------------------------------------------------------------------- */

void os_directory_free(struct os_directory *directory);

void os_threads_init(struct os_threads *threads);
/* fsync in a helper thread while other fibers run: 0 or an error. */
MUST_USE int os_threads_fsync(struct sys *sys, int fd);

/* ---- log.c ---------------------------------------------------------------------------------- */

void os_log_send(struct sys *sys); /* what has gathered, before the process waits */
void os_log_done(struct sys *sys); /* gives waiting lines a last short chance */
/* One line at once, ahead of all that waits. Async-signal-safe. */
void os_log_now(struct sys *sys, struct str line);

/* ---- spawn.c, spawner.c ----------------------------------------------------------------------- */

/* Forks and executes: the pid, or an error, of the program's execution too. */
MUST_USE int os_spawn_fork(const struct sys_spawn *spawn);

/* The same through the spawn helper; the others are about the children started that way. */
MUST_USE int os_spawner_spawn(struct sys *sys, const struct sys_spawn *spawn);
bool os_spawner_has(struct sys *sys, int pid);
MUST_USE int os_spawner_kill(struct sys *sys, int pid, int number);
/* 1 and status set, 0 when none has ended yet, or -ERR_NO_PROCESS. */
MUST_USE int os_spawner_take_ended(struct sys *sys, int pid, struct sys_exit_status *status);

/* What wait says about a child, in our terms. */
struct sys_exit_status os_exit_status(int pid, int status);

/* ---- fiber.c, user.c, start.c ------------------------------------------------------------------ */

/* Makes the thread that calls the first fiber. */
void os_first_fiber_init(struct sys *sys);

/* Takes on user's uid, gid and groups for good: 0 or an errno. Async-signal-safe. */
MUST_USE int os_user_become(const struct sys_user *user);

/* What main() does: sets the process up, runs the program as the first fiber, ends. */
NORETURN void os_run(int (*program)(struct sys *sys, int argc, char **argv), int argc, char **argv);

#endif
