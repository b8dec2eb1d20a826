// SPDX-License-Identifier: ISC
/* sim/explore/goal - which rare states a run has reached
 *
 * Seen from the simulator's side, by system calls, log lines and the disk: the daemons know
 * nothing of it.
 *
 *     goal_watch_begin(&watch, run);
 *     run_play(run);
 *     run_judge(run);
 *     goal_watch_end(&watch);
 *     ... watch.reached ...
 *
 * Memory    on the run's heap, until goal_watch_end()
 * Blocks    never
 */
#ifndef EXPLORE_GOAL_H
#define EXPLORE_GOAL_H

#include <stdbool.h>

#include "scenario/run.h"

enum goal {
#define GOAL(name, sentence) GOAL_##name,
#include "explore/goals.def"
#undef GOAL
    GOAL_COUNT
};

const char *goal_name(enum goal goal);
const char *goal_sentence(enum goal goal);

struct goal_watch {
    struct run *run;
    struct observer observer;
    bool reached[GOAL_COUNT];
    struct map rounds;      /* queue id -> struct goal_round, of the message's last round */
    struct map removed;     /* queue ids that have gone */
    struct map marked;      /* queue id -> struct goal_marks, not synced */
    struct map hurried;     /* queue ids that the flush service has moved */
    int64_t etrn_ns;        /* when the last ETRN was taken */
    int active_count;       /* messages in active/ */
    int incoming_count;     /* and in incoming/ */
    int64_t active_limit;   /* of the former */
    int names_since_sync;   /* new messages since incoming/ was last synced */
    uint64_t calls_at_lock; /* calls of the world when the last lock was asked for */
    int64_t wall_ahead_ns;  /* of the world's time */
};

void goal_watch_begin(struct goal_watch *watch, struct run *run);
void goal_watch_end(struct goal_watch *watch);

/* ---- parts of it --------------------------------------------------------------------------- */

/* goal_queue.c: the disk. A mail system begins: what is there, a crash may have left. */
void goal_queue_begun(struct goal_watch *watch);
bool goal_queue_has_mail(const struct goal_watch *watch);
/* Somebody asks for all deferred mail. */
void goal_queue_flushed(struct goal_watch *watch);
/* The process wrote the mark of a recipient into the file that it has open there. */
void goal_queue_marked(struct goal_watch *watch, const struct sys *sys, int fd);
/* The flush service has moved a deferred message to incoming/. */
void goal_queue_hurried(struct goal_watch *watch, struct str path);
void goal_queue_synced(struct goal_watch *watch, struct str path);
void goal_queue_done(struct goal_watch *watch);

/* goal_record.c: what the whole record of the run shows. */
void goal_record_read(struct goal_watch *watch);

#endif
