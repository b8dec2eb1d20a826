// SPDX-License-Identifier: ISC
/* qmgr/qmgr_heap - things by a number, the smallest first; the node sits inside the thing
 *
 * A zeroed node is in no heap. Among equal keys the order follows from the history of the heap,
 * never from an address.
 *
 * Memory    the heap's array hangs on the mem given at init; nodes are the caller's
 * Blocks    never; pure
 */
#ifndef QMGR_QMGR_HEAP_H
#define QMGR_QMGR_HEAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/mem.h"

struct qmgr_heap_node {
    int64_t key;
    size_t place; /* in the array, counted from 1; 0: in no heap */
};

struct qmgr_heap {
    struct mem *mem;
    struct qmgr_heap_node **nodes; /* nodes[1] is the smallest */
    size_t count;
    size_t capacity;
};

/* The struct of the given type whose member `member` is *node. */
#define heap_entry(node, type, member) ((type *)(void *)((char *)(node)-offsetof(type, member)))

void qmgr_heap_init(struct qmgr_heap *heap, struct mem *mem);
void qmgr_heap_done(struct qmgr_heap *heap);

/* Adds the node, or moves it to another key. */
void qmgr_heap_put(struct qmgr_heap *heap, struct qmgr_heap_node *node, int64_t key);
void qmgr_heap_remove(struct qmgr_heap *heap, struct qmgr_heap_node *node); /* if it is in one */

struct qmgr_heap_node *qmgr_heap_first(const struct qmgr_heap *heap); /* NULL when empty */
bool qmgr_heap_has(const struct qmgr_heap_node *node);

#endif
