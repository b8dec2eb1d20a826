// SPDX-License-Identifier: ISC
/* world/fault - what goes wrong at the system calls of a machine
 *
 * A fault waits for certain calls: of a program, of a name, about an object. It passes the first
 * `skip` of them and meets `count` of the rest, each of which then fails without having done
 * anything, never comes back because its process is killed there, or hangs: the process stands
 * still with all its fibers, until its watchdog ends it if it has one. Or all of the machine is struck.
 *
 * Grammar   an object is the absolute path of a file, the path of a unix socket, the remote IP
 *           address of another one, the path of a program, the name of a user. A pattern, in which
 *           * is any text, fits a whole object or what stands behind one of its slashes
 * State     of several faults that wait for a call all count it, and the oldest that is due decides
 * Memory    the machine keeps a copy; the texts are borrowed
 * Blocks    fault_meet() while the process hangs; the others never
 */
#ifndef WORLD_FAULT_H
#define WORLD_FAULT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attribute.h"
#include "base/buf.h"
#include "base/str.h"

struct machine;
struct sys;

/* What a call may do instead of failing; errors are negative. */
enum fault_result {
    FAULT_SHORT_WRITE = 1, /* takes half of the data */
    FAULT_LOST = 2,        /* succeeds, and the datagram is lost */
};

enum fault_effect { FAULT_FAIL, FAULT_KILL, FAULT_HANG, FAULT_STRIKE };

#define FAULT_ALWAYS UINT64_MAX

struct fault {
    struct str program; /* file name; empty: any */
    struct str call;    /* as fault.def names it; empty: any */
    struct str object;  /* a pattern; empty: any */
    uint64_t skip;
    uint64_t count;
    enum fault_effect effect;
    int result;                     /* of FAIL: an error or an enum fault_result */
    int64_t hang_ns;                /* of HANG; INT64_MAX: until the fault is removed */
    void (*strike)(void *argument); /* of STRIKE: may end the process, or all of them */
    void *argument;
};

void fault_add(struct machine *machine, const struct fault *fault);
/* No fault waits any more, and what hangs goes on. */
void fault_remove_all(struct machine *machine);

/* ---- what there is ------------------------------------------------------------------------- */

/* All names of calls and all words for results, with spaces between; "call" comes first and means
 * any. For languages: the index of a word there is what the next two take. */
extern const char fault_call_names[];
extern const char fault_result_words[];
struct str fault_call_name(int index); /* empty for "call" */
int fault_result_of(int index);

/* The results that apply to a call of that name: words with spaces between. */
struct str fault_results_for(struct str call);
/* The value of one such word. */
int fault_result_find(struct str word);

/* ---- the point ----------------------------------------------------------------------------- */

/* A call that begins. */
struct fault_call {
    const char *name;
    int fd;           /* that it works on, or where its path starts; -1: none */
    const char *path; /* of a file, or NULL */
    struct str text;  /* of another object, or empty */
};

/* Appends the object of the call; nothing when it has none. */
void fault_object(const struct sys *sys, const struct fault_call *call, struct buf *out);

/* 0, or what the call of the running process is to return instead of going on. Does not come back
 * when the process is killed. */
MUST_USE int fault_meet(struct sys *sys, const struct fault_call *call);

#endif
