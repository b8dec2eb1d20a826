// SPDX-License-Identifier: ISC
/* cleanup/cleanup_recipient - one recipient as given, as the recipients it stands for
 *
 * Completes the address, expands virtual aliases, drops what the message has already, and writes
 * the recipient records. Whose notification of success ends here, since an alias stands for
 * others, is remembered for a report.
 *
 * Limits    duplicate_filter_limit recipients that are known again
 * Errors    enum cleanup_status bits, and the log says why
 */
#ifndef CLEANUP_CLEANUP_RECIPIENT_H
#define CLEANUP_CLEANUP_RECIPIENT_H

#include "base/list.h"
#include "base/map.h"
#include "cleanup/cleanup_state.h"
#include "queue/queue_file.h"

/* An alias that was expanded, and whose sender wants to know. */
struct cleanup_expanded {
    struct list node;
    int64_t offset; /* where its first member is said of: no recipient's own */
    struct str address;
    struct str orcpt;
    int notify;
};

struct cleanup_recipients {
    struct cleanup_state *state;
    struct arena *arena;
    struct queue_file *file;
    struct map seen; /* by all that is written about a recipient */
    int64_t count;
    bool has_8bit;        /* one is not ASCII */
    struct list expanded; /* struct cleanup_expanded */
    /* What was said of the recipient that comes next. */
    struct buf original;
    struct buf orcpt;
    int notify; /* enum queue_notify */
};

void cleanup_recipients_init(struct cleanup_recipients *recipients, struct cleanup_state *state,
                             struct arena *arena, struct queue_file *file);
void cleanup_recipients_done(struct cleanup_recipients *recipients);

/* Remembers a record (ORIGINAL, DSN_ORCPT, DSN_NOTIFY) about the next recipient. Instant. */
MUST_USE int64_t cleanup_recipients_about(struct cleanup_recipients *recipients,
                                          const struct queue_record *record);
/* Blocks for tables and the rewrite service. */
MUST_USE int64_t cleanup_recipients_add(struct cleanup_recipients *recipients, struct str address);

/* Records the expansions for the notice to the sender: 0, or why the trace service did not take
 * them. Blocks for it. */
MUST_USE int cleanup_recipients_report(struct cleanup_recipients *recipients);

#endif
