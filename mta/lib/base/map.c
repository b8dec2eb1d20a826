// SPDX-License-Identifier: ISC
#include "base/map.h"

#include <string.h>

#include "base/assert.h"
#include "base/err.h"
#include "base/hash.h"

enum { MAP_FIRST_SLOT_COUNT = 16 };

void map_init(struct map *map, struct mem *mem, size_t entries_max)
{
    *map = (struct map){.mem = mem, .entries_max = entries_max};
    list_init(&map->order);
}

static void free_entry(struct map *map, struct map_entry *entry)
{
    list_remove(&entry->order);
    mem_free(map->mem, entry);
}

void map_done(struct map *map)
{
    list_each(node, &map->order)
    {
        free_entry(map, list_entry(node, struct map_entry, order));
    }
    mem_free(map->mem, map->slots);
    map_init(map, map->mem, map->entries_max);
}

static uint64_t hash_key(struct str key)
{
    return hash_str(key, 0);
}

static struct map_entry **slot_of(const struct map *map, uint64_t hash)
{
    return &map->slots[hash & (map->slot_count - 1)];
}

/* Where the pointer to the key's entry stands, or would stand; NULL before the first entry. */
static struct map_entry **find_link(const struct map *map, struct str key, uint64_t hash)
{
    if (map->slot_count == 0) {
        return NULL;
    }
    struct map_entry **link = slot_of(map, hash);
    while (*link != NULL && !((*link)->hash == hash && str_equal((*link)->key, key))) {
        link = &(*link)->next_in_slot;
    }
    return link;
}

static struct map_entry *find_entry(const struct map *map, struct str key, uint64_t hash)
{
    struct map_entry **link = find_link(map, key, hash);

    return link == NULL ? NULL : *link;
}

void *map_get(const struct map *map, struct str key)
{
    struct map_entry *entry = find_entry(map, key, hash_key(key));

    return entry == NULL ? NULL : entry->value;
}

static void put_in_slot(struct map *map, struct map_entry *entry)
{
    struct map_entry **slot = slot_of(map, entry->hash);

    entry->next_in_slot = *slot;
    *slot = entry;
}

static void double_slots(struct map *map)
{
    mem_free(map->mem, map->slots);
    map->slot_count = map->slot_count == 0 ? MAP_FIRST_SLOT_COUNT : map->slot_count * 2;
    map->slots = mem_alloc(map->mem, map->slot_count * sizeof(struct map_entry *));
    list_each(node, &map->order)
    {
        put_in_slot(map, list_entry(node, struct map_entry, order));
    }
}

/* The entry and its key are one piece of memory. */
static struct map_entry *new_entry(struct map *map, struct str key, uint64_t hash)
{
    struct map_entry *entry = mem_alloc(map->mem, sizeof(*entry) + key.size + 1);
    char *copy = (char *)(entry + 1);

    if (key.size > 0) {
        memcpy(copy, key.data, key.size);
    }
    entry->key = str_of(copy, key.size);
    entry->hash = hash;
    list_append(&map->order, &entry->order);
    return entry;
}

int map_put(struct map *map, struct str key, void *value)
{
    uint64_t hash = hash_key(key);
    struct map_entry *entry = find_entry(map, key, hash);

    if (entry == NULL) {
        if (map->count >= map->entries_max) {
            return -ERR_LIMIT;
        }
        if (map->count >= map->slot_count) {
            double_slots(map);
        }
        entry = new_entry(map, key, hash);
        put_in_slot(map, entry);
        map->count++;
    }
    entry->value = value;
    return 0;
}

void *map_remove(struct map *map, struct str key)
{
    struct map_entry **link = find_link(map, key, hash_key(key));

    if (link == NULL || *link == NULL) {
        return NULL;
    }
    struct map_entry *entry = *link;
    void *value = entry->value;
    *link = entry->next_in_slot;
    free_entry(map, entry);
    assert(map->count > 0);
    map->count--;
    return value;
}

struct map_entry *map_next(const struct map *map, const struct map_entry *entry)
{
    const struct list *next = entry == NULL ? map->order.next : entry->order.next;

    return next == &map->order ? NULL : list_entry(next, struct map_entry, order);
}
