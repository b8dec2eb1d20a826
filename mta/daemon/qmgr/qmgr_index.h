// SPDX-License-Identifier: ISC
/* qmgr/qmgr_index - messages that wait, by the time of their next attempt
 *
 * A heap ordered by time and then id, so that no order comes from a directory; each id is in it
 * at most once.
 *
 * Memory    entries hang on the heap given at init
 * Limits    QMGR_INDEX_MAX entries
 * Blocks    never; pure
 */
#ifndef QMGR_QMGR_INDEX_H
#define QMGR_QMGR_INDEX_H

#include "base/map.h"
#include "queue/queue.h"

enum { QMGR_INDEX_MAX = 50 * 1000 * 1000 };

struct qmgr_waiting {
    int64_t due_wall_ns;
    enum queue_name name; /* where the file lies */
    size_t place;         /* in the heap */
    size_t id_size;
    char id[];
};

struct qmgr_index {
    struct mem *mem;
    struct map by_id;
    struct qmgr_waiting **heap; /* earliest first */
    size_t count;
    size_t capacity;
};

void qmgr_index_init(struct qmgr_index *index, struct mem *mem);
void qmgr_index_done(struct qmgr_index *index);

/* Adds the id, or moves it to another time; -ERR_LIMIT when the index is full. */
MUST_USE int qmgr_index_put(struct qmgr_index *index, struct str id, enum queue_name name,
                            int64_t due_wall_ns);
void qmgr_index_remove(struct qmgr_index *index, struct str id); /* nothing when it is not there */

/* The earliest one, or NULL; valid until the next change. */
const struct qmgr_waiting *qmgr_index_first(const struct qmgr_index *index);

/* Makes everything due at that time at the latest. */
void qmgr_index_expedite(struct qmgr_index *index, int64_t due_wall_ns);

#endif
