// SPDX-License-Identifier: ISC
#include "qmgr/qmgr_index.h"

#include <string.h>

#include "base/assert.h"
#include "base/err.h"

enum { BLOCK_ENTRIES = 4096, CAPACITY_FIRST = 1024 };

struct qmgr_index_entry {
    int64_t due_wall_ns;
    uint32_t place; /* in the heap */
    uint32_t next;  /* in its slot, or among the free; counted from 1 */
    uint8_t id_size;
    uint8_t name;
    char id[QMGR_INDEX_ID_BYTES]; /* or, when it is longer, the address of a copy */
};

void qmgr_index_init(struct qmgr_index *index, struct mem *mem)
{
    *index = (struct qmgr_index){.mem = mem};
}

static struct qmgr_index_entry *entry_at(const struct qmgr_index *index, uint32_t number)
{
    return &index->blocks[number / BLOCK_ENTRIES][number % BLOCK_ENTRIES];
}

/* ---- ids ------------------------------------------------------------------------------------- */

static struct str id_of(const struct qmgr_index_entry *entry)
{
    const char *data = entry->id;
    if (entry->id_size > QMGR_INDEX_ID_BYTES) {
        memcpy(&data, entry->id, sizeof(data));
    }
    return str_of(data, entry->id_size);
}

static void set_id(struct qmgr_index *index, struct qmgr_index_entry *entry, struct str id)
{
    assert(id.size <= UINT8_MAX);
    entry->id_size = (uint8_t)id.size;
    if (id.size > QMGR_INDEX_ID_BYTES) {
        char *copy = mem_copy_str(index->mem, id);
        memcpy(entry->id, &copy, sizeof(copy));
    } else {
        memcpy(entry->id, id.data, id.size);
    }
}

static void clear_id(struct qmgr_index *index, struct qmgr_index_entry *entry)
{
    if (entry->id_size > QMGR_INDEX_ID_BYTES) {
        mem_free(index->mem, (char *)(uintptr_t)id_of(entry).data);
    }
    entry->id_size = 0;
}

void qmgr_index_done(struct qmgr_index *index)
{
    for (uint32_t i = 0; i < index->count; i++) {
        clear_id(index, entry_at(index, index->heap[i]));
    }
    for (uint32_t i = 0; i < index->entries_made; i += BLOCK_ENTRIES) {
        mem_free(index->mem, index->blocks[i / BLOCK_ENTRIES]);
    }
    mem_free(index->mem, index->blocks);
    mem_free(index->mem, index->heap);
    mem_free(index->mem, index->slots);
}

/* ---- heap ------------------------------------------------------------------------------------ */

static bool is_earlier(const struct qmgr_index *index, uint32_t a, uint32_t b)
{
    const struct qmgr_index_entry *first = entry_at(index, a);
    const struct qmgr_index_entry *second = entry_at(index, b);
    if (first->due_wall_ns != second->due_wall_ns) {
        return first->due_wall_ns < second->due_wall_ns;
    }
    return str_compare(id_of(first), id_of(second)) < 0;
}

static void place(struct qmgr_index *index, uint32_t at, uint32_t number)
{
    index->heap[at] = number;
    entry_at(index, number)->place = at;
}

static void move_up(struct qmgr_index *index, uint32_t number)
{
    uint32_t at = entry_at(index, number)->place;
    while (at > 0 && is_earlier(index, number, index->heap[(at - 1) / 2])) {
        place(index, at, index->heap[(at - 1) / 2]);
        at = (at - 1) / 2;
    }
    place(index, at, number);
}

static void move_down(struct qmgr_index *index, uint32_t number)
{
    uint32_t at = entry_at(index, number)->place;
    for (;;) {
        uint32_t child = 2 * at + 1;
        if (child + 1 < index->count &&
            is_earlier(index, index->heap[child + 1], index->heap[child])) {
            child++;
        }
        if (child >= index->count || !is_earlier(index, index->heap[child], number)) {
            break;
        }
        place(index, at, index->heap[child]);
        at = child;
    }
    place(index, at, number);
}

/* ---- hash ------------------------------------------------------------------------------------ */

static uint32_t *slot_of(const struct qmgr_index *index, struct str id)
{
    uint64_t hash = UINT64_C(0xcbf29ce484222325); /* FNV-1a */
    for (size_t i = 0; i < id.size; i++) {
        hash = (hash ^ (unsigned char)id.data[i]) * UINT64_C(0x100000001b3);
    }
    return &index->slots[(hash ^ hash >> 32) & (index->capacity - 1)];
}

/* Where the number of the id's entry stands; it is 0 when there is none. */
static uint32_t *find(const struct qmgr_index *index, struct str id)
{
    uint32_t *link = slot_of(index, id);
    while (*link != 0) {
        struct qmgr_index_entry *entry = entry_at(index, *link - 1);
        if (str_equal(id_of(entry), id)) {
            break;
        }
        link = &entry->next;
    }
    return link;
}

static void chain_all(struct qmgr_index *index)
{
    memset(index->slots, 0, index->capacity * sizeof(*index->slots));
    for (uint32_t i = 0; i < index->count; i++) {
        struct qmgr_index_entry *entry = entry_at(index, index->heap[i]);
        uint32_t *slot = slot_of(index, id_of(entry));
        entry->next = *slot;
        *slot = index->heap[i] + 1;
    }
}

/* ---- entries --------------------------------------------------------------------------------- */

static void make_room(struct qmgr_index *index)
{
    if (index->count < index->capacity) {
        return;
    }
    index->capacity = index->capacity == 0 ? CAPACITY_FIRST : 2 * index->capacity;
    index->heap = mem_resize(index->mem, index->heap, index->capacity * sizeof(*index->heap));
    index->slots = mem_resize(index->mem, index->slots, index->capacity * sizeof(*index->slots));
    chain_all(index);
}

static uint32_t take_number(struct qmgr_index *index)
{
    if (index->free != 0) {
        uint32_t number = index->free - 1;
        index->free = entry_at(index, number)->next;
        return number;
    }
    uint32_t number = index->entries_made++;
    if (number % BLOCK_ENTRIES == 0) {
        uint32_t block = number / BLOCK_ENTRIES;
        index->blocks = mem_resize(index->mem, index->blocks, (block + 1) * sizeof(*index->blocks));
        index->blocks[block] =
            mem_alloc(index->mem, BLOCK_ENTRIES * sizeof(struct qmgr_index_entry));
    }
    return number;
}

static uint32_t add(struct qmgr_index *index, struct str id)
{
    make_room(index);
    uint32_t number = take_number(index);
    struct qmgr_index_entry *entry = entry_at(index, number);
    uint32_t *slot = slot_of(index, id);
    set_id(index, entry, id);
    entry->next = *slot;
    *slot = number + 1;
    place(index, index->count, number);
    index->count++;
    return number;
}

int qmgr_index_put(struct qmgr_index *index, struct str id, enum queue_name name,
                   int64_t due_wall_ns)
{
    uint32_t known = index->count == 0 ? 0 : *find(index, id);
    if (known == 0 && index->count >= QMGR_INDEX_MAX) {
        return -ERR_LIMIT;
    }
    uint32_t number = known == 0 ? add(index, id) : known - 1;
    struct qmgr_index_entry *entry = entry_at(index, number);
    entry->name = (uint8_t)name;
    entry->due_wall_ns = due_wall_ns;
    move_up(index, number);
    move_down(index, number);
    return 0;
}

void qmgr_index_remove(struct qmgr_index *index, struct str id)
{
    uint32_t *link = index->count == 0 ? NULL : find(index, id);
    if (link == NULL || *link == 0) {
        return;
    }
    uint32_t number = *link - 1;
    struct qmgr_index_entry *entry = entry_at(index, number);
    uint32_t last = index->heap[--index->count];
    *link = entry->next;
    clear_id(index, entry);
    if (last != number) {
        place(index, entry->place, last);
        move_up(index, last);
        move_down(index, last);
    }
    entry->next = index->free;
    index->free = number + 1;
}

/* ---- questions ------------------------------------------------------------------------------- */

static bool show(const struct qmgr_index *index, uint32_t number, struct qmgr_waiting *waiting)
{
    const struct qmgr_index_entry *entry = entry_at(index, number);
    *waiting = (struct qmgr_waiting){
        .due_wall_ns = entry->due_wall_ns,
        .name = (enum queue_name)entry->name,
        .id = id_of(entry),
    };
    return true;
}

bool qmgr_index_find(const struct qmgr_index *index, struct str id, struct qmgr_waiting *waiting)
{
    uint32_t known = index->count == 0 ? 0 : *find(index, id);
    return known != 0 && show(index, known - 1, waiting);
}

bool qmgr_index_first(const struct qmgr_index *index, struct qmgr_waiting *first)
{
    return index->count > 0 && show(index, index->heap[0], first);
}

void qmgr_index_expedite(struct qmgr_index *index, int64_t due_wall_ns)
{
    for (uint32_t i = 0; i < index->count; i++) {
        struct qmgr_index_entry *entry = entry_at(index, index->heap[i]);
        if (entry->due_wall_ns > due_wall_ns) {
            entry->due_wall_ns = due_wall_ns;
        }
    }
    for (uint32_t i = index->count / 2; i > 0; i--) {
        move_down(index, index->heap[i - 1]);
    }
}
