// SPDX-License-Identifier: ISC
/* cleanup/cleanup_recipient - one recipient as given, as the recipients it stands for
 *
 * Completes the address, expands virtual aliases again and again until nothing changes, drops
 * what the message has already, and writes the recipient records.
 */
#ifndef CLEANUP_CLEANUP_RECIPIENT_H
#define CLEANUP_CLEANUP_RECIPIENT_H

#include "base/map.h"
#include "cleanup/cleanup_state.h"
#include "queue/queue_file.h"

struct cleanup_recipients {
    struct cleanup_state *state;
    struct queue_file *file;
    struct map seen; /* original and final recipient, as far as duplicate_filter_limit */
    int64_t count;
    /* What was said of the recipient that comes next. */
    struct buf original;
    struct buf dsn_orcpt;
    struct buf dsn_notify;
};

void cleanup_recipients_init(struct cleanup_recipients *recipients, struct cleanup_state *state,
                             struct queue_file *file);
void cleanup_recipients_done(struct cleanup_recipients *recipients);

/* Remembers a record (ORIGINAL, DSN_ORCPT, DSN_NOTIFY) about the next recipient. */
void cleanup_recipients_about(struct cleanup_recipients *recipients, enum queue_record_type type,
                              struct str data);

/* 0, or enum cleanup_status bits with the reason. Blocks for tables and the rewrite service. */
MUST_USE int64_t cleanup_recipients_add(struct cleanup_recipients *recipients, struct arena *arena,
                                        struct str address, struct str *reason);

/* The address with its domain: views into the arena; empty data when that failed. */
MUST_USE int cleanup_recipients_complete(struct cleanup_state *state, struct arena *arena,
                                         struct str address, struct str *complete);

#endif
