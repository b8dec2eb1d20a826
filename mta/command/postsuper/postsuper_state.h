// SPDX-License-Identifier: ISC
/* postsuper/postsuper_state - what all parts of the command share */
#ifndef POSTSUPER_POSTSUPER_STATE_H
#define POSTSUPER_POSTSUPER_STATE_H

#include "conf/command.h"
#include "queue/queue.h"

/* What is counted. */
enum postsuper_count {
    POSTSUPER_REQUEUED,
    POSTSUPER_DELETED,
    POSTSUPER_HELD,
    POSTSUPER_EXPIRED,
    POSTSUPER_RELEASED,
    POSTSUPER_RENAMED,
    POSTSUPER_COUNTS
};

struct postsuper {
    struct command command;
    struct sys *sys;
    struct queue queue;
    struct map changed;      /* directories with changes to be synced */
    bool given[QUEUE_COUNT]; /* queues named on the command line */
    bool any_given;
    int64_t counts[POSTSUPER_COUNTS];
    bool failed;    /* something was warned about */
    bool has_fixes; /* a file waits under a new name that is not its last */
};

/* Says what went wrong with a message; the exit status will be 1. */
void postsuper_warn(struct postsuper *postsuper, struct str id, const char *what, int error);

/* The directory of that path has a change that must be durable in the end. */
void postsuper_changed(struct postsuper *postsuper, const char *path);

#endif
