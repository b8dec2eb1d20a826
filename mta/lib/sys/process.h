// SPDX-License-Identifier: ISC
/* sys/process - spawn, wait, signals as messages, rights
 *
 * Errors    NOT_FOUND ACCESS TOO_MANY_PROCESSES TOO_MANY_FILES NO_MEMORY NO_PROCESS NOT_PERMITTED
 */
#ifndef SYS_PROCESS_H
#define SYS_PROCESS_H

#include "sys/sys.h"
#include "sys/user.h"

enum sys_signal {
    SYS_SIGNAL_NONE,
    SYS_SIGNAL_HANGUP,    /* reload */
    SYS_SIGNAL_TERMINATE, /* stop */
    SYS_SIGNAL_INTERRUPT,
    SYS_SIGNAL_KILL, /* only to send */
    SYS_SIGNAL_USER1,
};

/* What a child gets; fd `ours` appears as fd `theirs`; all other descriptors are closed, but
 * 0, 1 and 2 are inherited when not listed. */
struct sys_spawn_descriptor {
    int ours;
    int theirs;
};

struct sys_spawn {
    const char *path;               /* program file */
    const char *const *argv;        /* ends with NULL */
    const char *const *environment; /* "NAME=value", ends with NULL; nothing is inherited */
    const struct sys_spawn_descriptor *descriptors;
    int descriptor_count;
    const struct sys_user *user; /* NULL keeps the caller's rights */
};

struct sys_exit_status {
    int pid;
    int status; /* exit status, or -1 when a signal ended it */
    int signal; /* its number then, else 0 */
};

/* A process that starts helper threads, or gives up the rights it needs for its children, calls
 * this first: it sets the spawn helper apart. Instant. */
MUST_USE int sys_spawn_prepare(struct sys *sys);

/* The child's pid. Waiting. */
MUST_USE int sys_spawn(struct sys *sys, const struct sys_spawn *spawn);

/* The next child that ended; pid 0 means any. -ERR_NO_PROCESS when there is no such child.
 * Waiting. */
MUST_USE int sys_wait_child(struct sys *sys, int pid, struct sys_exit_status *status,
                            int64_t deadline_ns);

MUST_USE int sys_kill(struct sys *sys, int pid, enum sys_signal signal); /* Instant. */
/* 0 when a process of that pid exists, else -ERR_NO_PROCESS. Instant. */
MUST_USE int sys_process_exists(struct sys *sys, int pid);

/* The next signal sent to this process, as a positive enum sys_signal. A process that never
 * asked ends by TERMINATE, INTERRUPT and HANGUP as usual; after the first call they arrive here.
 * Waiting. */
MUST_USE int sys_wait_signal(struct sys *sys, int64_t deadline_ns);

/* Starts a session of its own (setsid) and leaves the terminal. Instant. */
MUST_USE int sys_detach(struct sys *sys);

int sys_pid(struct sys *sys);                                   /* Instant. */
const char *sys_host_name(struct sys *sys);                     /* Instant. */
const char *sys_environment(struct sys *sys, const char *name); /* NULL when unset. Instant. */
const char *sys_program_path(struct sys *sys); /* of this program's file; absolute. Instant. */

/* The rights to keep for good: drops to user (NULL: stays), enters root directory (NULL: stays),
 * empties the capability bounding set, sets no_new_privs; Landlock and seccomp where the kernel
 * has them. What the kernel lacks is reported in missing (text for a log line, empty when none)
 * and is no failure. Instant. */
struct sys_confinement {
    const char *root;
    const struct sys_user *user;
};
enum { SYS_MISSING_MAX = 128 };
MUST_USE int sys_confine(struct sys *sys, const struct sys_confinement *confinement,
                         char missing[SYS_MISSING_MAX]);

/* The watchdog. When this process does not come back to wait for timeout_ns, because it computes
 * or is held up in a call for ever, it ends with exit status 1, then or up to a third of that time
 * later. Waiting is never late, however long. Its log gets one more line, ahead of lines that are
 * not sent yet: last_line() makes it, in the middle of whatever the process does, so that it may
 * neither allocate nor call anything of sys. The next call takes the place of this one. Instant. */
struct sys_watch {
    int64_t timeout_ns; /* above 0 */
    struct str (*last_line)(void *argument, int64_t wall_ns);
    void *argument;
};
void sys_watch(struct sys *sys, const struct sys_watch *watch);

/* Free descriptors this process may still open, as far as its limit says. Instant. */
int sys_descriptors_free(struct sys *sys);

#endif
