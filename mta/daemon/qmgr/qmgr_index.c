// SPDX-License-Identifier: ISC
#include "qmgr/qmgr_index.h"

#include <string.h>

#include "base/assert.h"
#include "base/err.h"

enum {
    BLOCK_ENTRIES = 4096,
    CAPACITY_FIRST = 1024,
    ENTRIES_PER_SLOT = 2, /* when the index is full */
    SYMBOL_BITS = 6,
    PACKED_BYTES = (QMGR_INDEX_ID_BYTES * SYMBOL_BITS + 7) / 8,
};

/* What ids are made of, in the order of bytes: a packed one is of their numbers, counted from 1, and
 * zeros behind them, so that packed ids are ordered as their texts are. */
static const char symbols[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz";
_Static_assert(sizeof(symbols) == 1 << SYMBOL_BITS, "each symbol has a number, and so has the end");

/* An id as it is looked for. */
struct key {
    struct str text;
    bool is_packed;
    char packed[PACKED_BYTES];
};

struct qmgr_index_entry {
    int64_t due_wall_ns;
    uint32_t place; /* in the heap */
    uint32_t next;  /* in its slot, or among the free; counted from 1 */
    uint8_t name;
    bool is_packed;
    char id[PACKED_BYTES]; /* or, when it is longer, the address of a copy */
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

/* The two bytes over which a symbol goes begin with that of its first bit. */
static unsigned shift_of(size_t bit)
{
    return 16 - SYMBOL_BITS - bit % 8;
}

/* What somebody asks about may be no id at all. */
static bool can_be_packed(struct str id)
{
    return id.size <= QMGR_INDEX_ID_BYTES && queue_id_is_valid(id);
}

static struct key key_of(struct str id)
{
    struct key key = {.text = id, .is_packed = can_be_packed(id)};
    for (size_t i = 0; key.is_packed && i < id.size; i++) {
        size_t bit = i * SYMBOL_BITS;
        ptrdiff_t symbol = str_find(str_of(symbols, sizeof(symbols) - 1), id.data[i]);
        assert(symbol >= 0);
        unsigned both = (unsigned)(symbol + 1) << shift_of(bit);
        key.packed[bit / 8] = (char)((unsigned char)key.packed[bit / 8] | both >> 8);
        key.packed[bit / 8 + 1] = (char)(both & 0xff);
    }
    return key;
}

static unsigned symbol_at(const char packed[PACKED_BYTES], size_t index)
{
    size_t bit = index * SYMBOL_BITS;
    unsigned both = (unsigned)(unsigned char)packed[bit / 8] << 8;
    both |= (unsigned char)packed[bit / 8 + 1];
    return both >> shift_of(bit) & ((1U << SYMBOL_BITS) - 1);
}

static void unpack(const char packed[PACKED_BYTES], char id[QMGR_INDEX_ID_BYTES + 1])
{
    size_t size = 0;
    while (size < QMGR_INDEX_ID_BYTES && symbol_at(packed, size) != 0) {
        id[size] = symbols[symbol_at(packed, size) - 1];
        size++;
    }
    id[size] = '\0';
}

static char *copy_of(const struct qmgr_index_entry *entry)
{
    char *copy;
    memcpy(&copy, entry->id, sizeof(copy));
    return copy;
}

static struct str id_of(const struct qmgr_index_entry *entry,
                        char unpacked[QMGR_INDEX_ID_BYTES + 1])
{
    if (!entry->is_packed) {
        return str_from(copy_of(entry));
    }
    unpack(entry->id, unpacked);
    return str_from(unpacked);
}

static void set_id(struct qmgr_index *index, struct qmgr_index_entry *entry, const struct key *key)
{
    entry->is_packed = key->is_packed;
    if (key->is_packed) {
        memcpy(entry->id, key->packed, PACKED_BYTES);
    } else {
        char *copy = mem_copy_str(index->mem, key->text);
        memcpy(entry->id, &copy, sizeof(copy));
    }
}

static void clear_id(struct qmgr_index *index, struct qmgr_index_entry *entry)
{
    if (!entry->is_packed) {
        mem_free(index->mem, copy_of(entry));
    }
}

static bool has_id(const struct qmgr_index_entry *entry, const struct key *key)
{
    if (entry->is_packed != key->is_packed) {
        return false;
    }
    return key->is_packed ? memcmp(entry->id, key->packed, PACKED_BYTES) == 0
                          : str_equal(str_from(copy_of(entry)), key->text);
}

static int compare_ids(const struct qmgr_index_entry *first, const struct qmgr_index_entry *second)
{
    char a[QMGR_INDEX_ID_BYTES + 1];
    char b[QMGR_INDEX_ID_BYTES + 1];
    if (first->is_packed && second->is_packed) {
        return memcmp(first->id, second->id, PACKED_BYTES);
    }
    return str_compare(id_of(first, a), id_of(second, b));
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
    return compare_ids(first, second) < 0;
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

static uint32_t *slot_of(const struct qmgr_index *index, const struct key *key)
{
    struct str bytes = key->is_packed ? str_of(key->packed, PACKED_BYTES) : key->text;
    uint64_t hash = UINT64_C(0xcbf29ce484222325); /* FNV-1a */
    for (size_t i = 0; i < bytes.size; i++) {
        hash = (hash ^ (unsigned char)bytes.data[i]) * UINT64_C(0x100000001b3);
    }
    return &index->slots[(hash ^ hash >> 32) & (index->capacity / ENTRIES_PER_SLOT - 1)];
}

/* Where the number of the id's entry stands; it is 0 when there is none. */
static uint32_t *find(const struct qmgr_index *index, const struct key *key)
{
    uint32_t *link = slot_of(index, key);
    while (*link != 0) {
        struct qmgr_index_entry *entry = entry_at(index, *link - 1);
        if (has_id(entry, key)) {
            break;
        }
        link = &entry->next;
    }
    return link;
}

static void chain_all(struct qmgr_index *index)
{
    char unpacked[QMGR_INDEX_ID_BYTES + 1];
    memset(index->slots, 0, index->capacity / ENTRIES_PER_SLOT * sizeof(*index->slots));
    for (uint32_t i = 0; i < index->count; i++) {
        struct qmgr_index_entry *entry = entry_at(index, index->heap[i]);
        const struct key key = key_of(id_of(entry, unpacked));
        uint32_t *slot = slot_of(index, &key);
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
    index->slots = mem_resize(index->mem, index->slots,
                              index->capacity / ENTRIES_PER_SLOT * sizeof(*index->slots));
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

static uint32_t add(struct qmgr_index *index, const struct key *key)
{
    make_room(index);
    uint32_t number = take_number(index);
    struct qmgr_index_entry *entry = entry_at(index, number);
    uint32_t *slot = slot_of(index, key);
    set_id(index, entry, key);
    entry->next = *slot;
    *slot = number + 1;
    place(index, index->count, number);
    index->count++;
    return number;
}

int qmgr_index_put(struct qmgr_index *index, struct str id, enum queue_name name,
                   int64_t due_wall_ns)
{
    const struct key key = key_of(id);
    uint32_t known = index->count == 0 ? 0 : *find(index, &key);
    if (known == 0 && index->count >= QMGR_INDEX_MAX) {
        return -ERR_LIMIT;
    }
    uint32_t number = known == 0 ? add(index, &key) : known - 1;
    struct qmgr_index_entry *entry = entry_at(index, number);
    entry->name = (uint8_t)name;
    entry->due_wall_ns = due_wall_ns;
    move_up(index, number);
    move_down(index, number);
    return 0;
}

void qmgr_index_remove(struct qmgr_index *index, struct str id)
{
    const struct key key = key_of(id);
    uint32_t *link = index->count == 0 ? NULL : find(index, &key);
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
    char unpacked[QMGR_INDEX_ID_BYTES + 1];
    const struct qmgr_index_entry *entry = entry_at(index, number);
    struct str id = id_of(entry, unpacked);
    waiting->due_wall_ns = entry->due_wall_ns;
    waiting->name = (enum queue_name)entry->name;
    memcpy(waiting->id, id.data, id.size + 1);
    return true;
}

bool qmgr_index_find(const struct qmgr_index *index, struct str id, struct qmgr_waiting *waiting)
{
    const struct key key = key_of(id);
    uint32_t known = index->count == 0 ? 0 : *find(index, &key);
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
