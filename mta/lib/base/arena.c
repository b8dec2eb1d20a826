// SPDX-License-Identifier: ISC
#include "base/arena.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/assert.h"

enum { ARENA_FIRST_CHUNK_BYTES = 1024, ARENA_LARGEST_CHUNK_BYTES = 65536 };

struct arena_chunk {
    _Alignas(max_align_t) struct arena_chunk *next; /* older */
    size_t used;
    size_t size;
};

void arena_init(struct arena *arena, struct mem *mem, size_t bytes_max)
{
    *arena = (struct arena){.mem = mem, .bytes_max = bytes_max};
}

/* Frees chunks from the newest on, down to and without `last`. */
static void free_chunks_until(struct arena *arena, const struct arena_chunk *last)
{
    while (arena->chunks != last) {
        struct arena_chunk *chunk = arena->chunks;
        arena->chunks = chunk->next;
        mem_free(arena->mem, chunk);
    }
}

void arena_reset(struct arena *arena)
{
    struct arena_chunk *oldest = arena->chunks;

    arena->bytes_used = 0;
    if (oldest == NULL) {
        return;
    }
    while (oldest->next != NULL) {
        oldest = oldest->next;
    }
    free_chunks_until(arena, oldest);
    oldest->used = 0;
}

void arena_done(struct arena *arena)
{
    free_chunks_until(arena, NULL);
    arena->bytes_used = 0;
}

/* Each chunk is twice the one before it, so that few are needed and little is left over. */
static struct arena_chunk *add_chunk(struct arena *arena, size_t size_min)
{
    size_t size = ARENA_FIRST_CHUNK_BYTES;

    if (arena->chunks != NULL && arena->chunks->size < ARENA_LARGEST_CHUNK_BYTES / 2) {
        size = arena->chunks->size * 2;
    } else if (arena->chunks != NULL) {
        size = ARENA_LARGEST_CHUNK_BYTES;
    }
    if (size < size_min) {
        size = size_min;
    }
    struct arena_chunk *chunk = mem_alloc(arena->mem, sizeof(*chunk) + size);
    chunk->size = size;
    chunk->next = arena->chunks;
    arena->chunks = chunk;
    return chunk;
}

void *arena_alloc(struct arena *arena, size_t size)
{
    enum { ALIGNMENT = _Alignof(max_align_t) };

    if (size > arena->bytes_max || size > SIZE_MAX / 2) {
        return NULL;
    }
    size_t rounded = (size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    if (rounded > arena->bytes_max - arena->bytes_used) {
        return NULL;
    }
    struct arena_chunk *chunk = arena->chunks;
    if (chunk == NULL || chunk->size - chunk->used < rounded) {
        chunk = add_chunk(arena, rounded);
    }
    char *data = (char *)(chunk + 1) + chunk->used;
    chunk->used += rounded;
    arena->bytes_used += rounded;
    return memset(data, 0, rounded);
}

struct str arena_copy(struct arena *arena, struct str text)
{
    char *copy = arena_alloc(arena, text.size + 1);

    if (copy == NULL) {
        return str_of(NULL, 0);
    }
    if (text.size > 0) {
        memcpy(copy, text.data, text.size);
    }
    return str_of(copy, text.size);
}

struct str arena_copy_lower(struct arena *arena, struct str text)
{
    struct str copy = arena_copy(arena, text);
    char *data = (char *)(uintptr_t)copy.data; /* ours until it is returned */
    for (size_t i = 0; i < copy.size; i++) {
        data[i] = char_lower(data[i]);
    }
    return copy;
}

struct str arena_printf(struct arena *arena, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    int size = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    assert(size >= 0);
    char *text = arena_alloc(arena, (size_t)size + 1);
    if (text == NULL) {
        return str_of(NULL, 0);
    }
    va_start(arguments, format);
    (void)vsnprintf(text, (size_t)size + 1, format, arguments);
    va_end(arguments);
    return str_of(text, (size_t)size);
}
