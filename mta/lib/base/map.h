// SPDX-License-Identifier: ISC
/* base/map - from byte strings to pointers; walks in order of insertion
 *
 * Memory    keys are copied into the heap given at init; values are the caller's
 * Limits    entries_max, given at init; map_put() beyond it returns -ERR_LIMIT
 * State     no order depends on a hash or an address
 * Blocks    never
 */
#ifndef BASE_MAP_H
#define BASE_MAP_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attribute.h"
#include "base/list.h"
#include "base/mem.h"
#include "base/str.h"

struct map_entry {
    struct list order; /* in map->order */
    struct map_entry *next_in_slot;
    uint64_t hash;
    struct str key;
    void *value;
};

struct map {
    struct mem *mem;
    struct map_entry **slots;
    size_t slot_count; /* a power of two, or 0 before the first entry */
    size_t count;
    size_t entries_max;
    struct list order; /* oldest entry first */
};

void map_init(struct map *map, struct mem *mem, size_t entries_max);
void map_done(struct map *map); /* empty afterwards, and as good as new */

void *map_get(const struct map *map, struct str key);               /* NULL when absent */
MUST_USE int map_put(struct map *map, struct str key, void *value); /* adds or replaces */
void *map_remove(struct map *map, struct str key); /* the value that was there, or NULL */

/* Walks oldest first; start with NULL; NULL at the end. Before the entry at hand is removed, the
 * next one is taken. */
struct map_entry *map_next(const struct map *map, const struct map_entry *entry);

#endif
