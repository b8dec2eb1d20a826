// SPDX-License-Identifier: ISC
/* mail/bounce_index - the records of one bounce or defer log, by recipient
 *
 * A log may hold several records of one recipient; the last one counts. A recipient is known by its
 * offset in the queue file. An alias that was expanded stands nowhere there, and has offset 0: it is
 * known by its address.
 *
 * Limits    BOUNCE_INDEX_MAX recipients
 * Memory    the index on the heap given; records are views into the log, which must outlive it
 * Blocks    never; pure
 */
#ifndef MAIL_BOUNCE_INDEX_H
#define MAIL_BOUNCE_INDEX_H

#include "base/map.h"
#include "mail/bounce_log.h"

enum { BOUNCE_INDEX_MAX = 1000000 };

struct bounce_index {
    struct str log;
    struct map last; /* recipient -> where in the log its last record begins */
};

/* 0 or -ERR_LIMIT; call done in both cases. */
MUST_USE int bounce_index_init(struct bounce_index *index, struct mem *mem, struct str log);
void bounce_index_done(struct bounce_index *index);

/* The record of the recipient at that offset of the queue file. */
bool bounce_index_find(const struct bounce_index *index, int64_t offset,
                       struct bounce_record *record);

/* Takes the next record that counts out of *rest, which begins as index->log. */
bool bounce_index_next(const struct bounce_index *index, struct str *rest,
                       struct bounce_record *record);

#endif
