// SPDX-License-Identifier: ISC
/* qmgr/qmgr_index - messages that wait, by the time of their next attempt
 *
 * A heap ordered by time and then id, so that no order comes from a directory; each id is in it
 * at most once. Entries have numbers in place of addresses, and lie in blocks that do not move.
 * An id is kept as six bits a byte, for it is of letters, digits and _ only.
 *
 * Memory    some 40 bytes an entry, on the heap given at init; ids longer than QMGR_INDEX_ID_BYTES,
 *           as of inodes beyond 800 billion, take more. A block that is empty is kept for the next
 *           entries
 * Limits    QMGR_INDEX_MAX entries
 * Blocks    never; pure
 */
#ifndef QMGR_QMGR_INDEX_H
#define QMGR_QMGR_INDEX_H

#include "base/mem.h"
#include "base/str.h"
#include "queue/queue.h"

enum { QMGR_INDEX_MAX = 50 * 1000 * 1000, QMGR_INDEX_ID_BYTES = 18 };

struct qmgr_waiting {
    int64_t due_wall_ns;
    enum queue_name name; /* where the file lies */
    char id[QUEUE_ID_BYTES_MAX + 1];
};

struct qmgr_index_entry;

struct qmgr_index {
    struct mem *mem;
    struct qmgr_index_entry **blocks;
    uint32_t *heap;  /* numbers of entries, earliest first */
    uint32_t *slots; /* of the hash: number of the first entry there, counted from 1; 0: none */
    uint32_t count;
    uint32_t entries_made; /* numbers below it were given out once */
    uint32_t free;         /* first of those that are free again, counted from 1 */
    uint32_t capacity;     /* of heap; slots are fewer */
};

void qmgr_index_init(struct qmgr_index *index, struct mem *mem);
void qmgr_index_done(struct qmgr_index *index);

/* Adds the id, or moves it to another time; -ERR_LIMIT when the index is full. */
MUST_USE int qmgr_index_put(struct qmgr_index *index, struct str id, enum queue_name name,
                            int64_t due_wall_ns);
void qmgr_index_remove(struct qmgr_index *index, struct str id); /* nothing when it is not there */
bool qmgr_index_find(const struct qmgr_index *index, struct str id, struct qmgr_waiting *waiting);

/* The earliest one; false when nothing waits. */
bool qmgr_index_first(const struct qmgr_index *index, struct qmgr_waiting *first);

/* Makes everything due at that time at the latest. */
void qmgr_index_expedite(struct qmgr_index *index, int64_t due_wall_ns);

#endif
