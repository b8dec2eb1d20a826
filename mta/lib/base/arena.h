// SPDX-License-Identifier: ISC
/* base/arena - memory of one connection, one message or one request, released at once
 *
 * Memory    chunks come from the heap given at init; arena_done() returns them, arena_reset()
 *           empties the arena and keeps its first chunk; mem_destroy() of the heap frees all
 * Limits    bytes_max over all pieces; arena_alloc() beyond it returns NULL
 * Blocks    never
 */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include <stddef.h>

#include "base/attribute.h"
#include "base/mem.h"
#include "base/str.h"

struct arena_chunk;

struct arena {
    struct mem *mem;
    struct arena_chunk *chunks; /* newest first */
    size_t bytes_used;
    size_t bytes_max;
};

void arena_init(struct arena *arena, struct mem *mem, size_t bytes_max);
void arena_reset(struct arena *arena);
void arena_done(struct arena *arena);

/* Zeroed, aligned for any type; NULL when bytes_max would be exceeded. */
MUST_USE void *arena_alloc(struct arena *arena, size_t size);

/* Copies with a NUL behind; data is NULL when bytes_max would be exceeded (size is then 0). */
MUST_USE struct str arena_copy(struct arena *arena, struct str text);
MUST_USE struct str arena_copy_lower(struct arena *arena, struct str text); /* ASCII letters */
MUST_USE struct str arena_printf(struct arena *arena, const char *format, ...) PRINTF_LIKE(2, 3);

#endif
