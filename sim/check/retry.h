// SPDX-License-Identifier: ISC
/* sim/check/retry - deferred mail is tried again when it is due, and returned when it has expired
 *
 *   backoff     a message that is deferred is due after its age, between minimal_backoff_time and
 *               maximal_backoff_time (LC-28); the file's time says when
 *   not early   it is taken up no sooner than that, unless somebody asked for it
 *   not late    and at most one queue_run_delay and LATE_NS after it, while the queue manager runs
 *               and has room
 *   expiry      a message older than its lifetime is not deferred again, unless something went wrong
 *               since shortly before it was taken up, so that a record or its notice is missing; and
 *               no younger one is returned
 *
 * Units     wall time of the mail system's machine, but for world_ns
 * Memory    on the heap given at init
 * Blocks    never
 */
#ifndef CHECK_RETRY_H
#define CHECK_RETRY_H

#include <stdbool.h>

#include "base/map.h"
#include "check/failure.h"
#include "check/mail_event.h"
#include "check/rules.h"
#include "check/trouble.h"

struct disk;

struct retry {
    const struct rules *rules;
    const struct trouble *trouble;
    const struct trouble *failing; /* when calls failed */
    const struct disk *disk;
    const char *queue_directory;
    struct mem *mem;
    struct map deferred; /* queue id -> struct retry_deferred: by the queue manager */
    struct map active;   /* queue id -> int64_t: when in the world it was taken up */
    struct map
        taken_out; /* queue id -> retry: of active/, and the queue manager has said nothing */
    int64_t expedited_ns; /* when somebody last asked for all mail */
    bool request_waits;   /* for room in active/ */
    int64_t watched_ns;   /* since when the queue manager runs and has room; INT64_MAX: unknown */
    bool clock_gains;     /* waiting times cannot be judged any more */
    bool hindered;        /* calls fail or processes stand still: mail may be late */
    struct failures *failures;
};

void retry_init(struct retry *retry, const struct rules *rules, const struct trouble *trouble,
                const struct trouble *failing, struct mem *mem, const struct disk *disk,
                const char *queue_directory, struct failures *failures);
void retry_done(struct retry *retry);

/* What happens on the mail system's machine. A file was renamed. */
void retry_renamed(struct retry *retry, struct str from, struct str to, int64_t now_ns,
                   int64_t world_ns);
void retry_logged(struct retry *retry, const struct mail_event *event, int64_t now_ns);
/* Somebody changed the message's file: what was known of it may not hold any more. */
void retry_forget(struct retry *retry, struct str id);
/* Somebody asks for deferred mail, or may have. */
void retry_expedited(struct retry *retry, int64_t now_ns);
/* A queue manager ended: what the next one finds, it may try at once. */
void retry_interrupted(struct retry *retry);
/* The wall clock jumps to now_ns. */
void retry_clock_stepped(struct retry *retry, int64_t step_ns, int64_t now_ns);
/* A clock does not run true any more. */
void retry_clock_gains(struct retry *retry);
void retry_set_hindered(struct retry *retry, bool hindered);

#endif
