// SPDX-License-Identifier: ISC
#include "qmgr/qmgr_heap.h"

enum { CAPACITY_FIRST = 16 };

void qmgr_heap_init(struct qmgr_heap *heap, struct mem *mem)
{
    *heap = (struct qmgr_heap){.mem = mem};
}

void qmgr_heap_done(struct qmgr_heap *heap)
{
    mem_free(heap->mem, heap->nodes);
}

static void place(struct qmgr_heap *heap, size_t at, struct qmgr_heap_node *node)
{
    heap->nodes[at] = node;
    node->place = at;
}

static void move_up(struct qmgr_heap *heap, struct qmgr_heap_node *node)
{
    size_t at = node->place;
    while (at > 1 && node->key < heap->nodes[at / 2]->key) {
        place(heap, at, heap->nodes[at / 2]);
        at /= 2;
    }
    place(heap, at, node);
}

static void move_down(struct qmgr_heap *heap, struct qmgr_heap_node *node)
{
    size_t at = node->place;
    for (;;) {
        size_t child = 2 * at;
        if (child < heap->count && heap->nodes[child + 1]->key < heap->nodes[child]->key) {
            child++;
        }
        if (child > heap->count || heap->nodes[child]->key >= node->key) {
            break;
        }
        place(heap, at, heap->nodes[child]);
        at = child;
    }
    place(heap, at, node);
}

static void make_room(struct qmgr_heap *heap)
{
    if (heap->count + 1 >= heap->capacity) {
        heap->capacity = heap->capacity == 0 ? CAPACITY_FIRST : 2 * heap->capacity;
        heap->nodes = mem_resize(heap->mem, heap->nodes, heap->capacity * sizeof *heap->nodes);
    }
}

void qmgr_heap_put(struct qmgr_heap *heap, struct qmgr_heap_node *node, int64_t key)
{
    node->key = key;
    if (node->place == 0) {
        make_room(heap);
        heap->count++;
        place(heap, heap->count, node);
    }
    move_up(heap, node);
    move_down(heap, node);
}

void qmgr_heap_remove(struct qmgr_heap *heap, struct qmgr_heap_node *node)
{
    if (node->place == 0) {
        return;
    }
    struct qmgr_heap_node *last = heap->nodes[heap->count];
    heap->count--;
    if (last != node) {
        place(heap, node->place, last);
        move_up(heap, last);
        move_down(heap, last);
    }
    node->place = 0;
}

struct qmgr_heap_node *qmgr_heap_first(const struct qmgr_heap *heap)
{
    return heap->count > 0 ? heap->nodes[1] : NULL;
}

bool qmgr_heap_has(const struct qmgr_heap_node *node)
{
    return node->place != 0;
}
