// SPDX-License-Identifier: ISC
#include "qmgr/qmgr_index.h"

#include <string.h>

enum { CAPACITY_FIRST = 64 };

void qmgr_index_init(struct qmgr_index *index, struct mem *mem)
{
    *index = (struct qmgr_index){.mem = mem};
    map_init(&index->by_id, mem, QMGR_INDEX_MAX);
}

void qmgr_index_done(struct qmgr_index *index)
{
    for (size_t i = 0; i < index->count; i++) {
        mem_free(index->mem, index->heap[i]);
    }
    mem_free(index->mem, index->heap);
    map_done(&index->by_id);
}

/* ---- heap ------------------------------------------------------------------------------------ */

static struct str id_of(const struct qmgr_waiting *waiting)
{
    return str_of(waiting->id, waiting->id_size);
}

static bool is_earlier(const struct qmgr_waiting *a, const struct qmgr_waiting *b)
{
    if (a->due_wall_ns != b->due_wall_ns) {
        return a->due_wall_ns < b->due_wall_ns;
    }
    return str_compare(id_of(a), id_of(b)) < 0;
}

static void place(struct qmgr_index *index, size_t at, struct qmgr_waiting *waiting)
{
    index->heap[at] = waiting;
    waiting->place = at;
}

static void move_up(struct qmgr_index *index, struct qmgr_waiting *waiting)
{
    size_t at = waiting->place;
    while (at > 0 && is_earlier(waiting, index->heap[(at - 1) / 2])) {
        place(index, at, index->heap[(at - 1) / 2]);
        at = (at - 1) / 2;
    }
    place(index, at, waiting);
}

static void move_down(struct qmgr_index *index, struct qmgr_waiting *waiting)
{
    size_t at = waiting->place;
    for (;;) {
        size_t child = 2 * at + 1;
        if (child + 1 < index->count && is_earlier(index->heap[child + 1], index->heap[child])) {
            child++;
        }
        if (child >= index->count || !is_earlier(index->heap[child], waiting)) {
            break;
        }
        place(index, at, index->heap[child]);
        at = child;
    }
    place(index, at, waiting);
}

static void settle(struct qmgr_index *index, struct qmgr_waiting *waiting)
{
    move_up(index, waiting);
    move_down(index, waiting);
}

static void make_room(struct qmgr_index *index)
{
    if (index->count == index->capacity) {
        index->capacity = index->capacity == 0 ? CAPACITY_FIRST : 2 * index->capacity;
        index->heap = mem_resize(index->mem, index->heap, index->capacity * sizeof *index->heap);
    }
}

/* ---- entries --------------------------------------------------------------------------------- */

static int add(struct qmgr_index *index, struct str id, struct qmgr_waiting **added)
{
    struct qmgr_waiting *waiting = mem_alloc(index->mem, sizeof *waiting + id.size);
    memcpy(waiting->id, id.data, id.size);
    waiting->id_size = id.size;
    int error = map_put(&index->by_id, id, waiting);
    if (error != 0) {
        mem_free(index->mem, waiting);
        return error;
    }
    make_room(index);
    place(index, index->count, waiting);
    index->count++;
    *added = waiting;
    return 0;
}

int qmgr_index_put(struct qmgr_index *index, struct str id, enum queue_name name,
                   int64_t due_wall_ns)
{
    struct qmgr_waiting *waiting = map_get(&index->by_id, id);
    if (waiting == NULL) {
        int error = add(index, id, &waiting);
        if (error != 0) {
            return error;
        }
    }
    waiting->name = name;
    waiting->due_wall_ns = due_wall_ns;
    settle(index, waiting);
    return 0;
}

void qmgr_index_remove(struct qmgr_index *index, struct str id)
{
    struct qmgr_waiting *waiting = map_remove(&index->by_id, id);
    if (waiting == NULL) {
        return;
    }
    struct qmgr_waiting *last = index->heap[--index->count];
    if (last != waiting) {
        place(index, waiting->place, last);
        settle(index, last);
    }
    mem_free(index->mem, waiting);
}

const struct qmgr_waiting *qmgr_index_first(const struct qmgr_index *index)
{
    return index->count > 0 ? index->heap[0] : NULL;
}

void qmgr_index_expedite(struct qmgr_index *index, int64_t due_wall_ns)
{
    for (size_t i = 0; i < index->count; i++) {
        if (index->heap[i]->due_wall_ns > due_wall_ns) {
            index->heap[i]->due_wall_ns = due_wall_ns;
        }
    }
    for (size_t i = index->count / 2; i > 0; i--) {
        move_down(index, index->heap[i - 1]);
    }
}
