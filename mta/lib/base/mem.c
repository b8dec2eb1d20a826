// SPDX-License-Identifier: ISC
#include "base/mem.h"

#include <stdlib.h>
#include <string.h>

#include "base/assert.h"
#include "base/list.h"

struct mem {
    struct list pieces; /* every piece now allocated */
    size_t count;
    size_t bytes;
    size_t bytes_max;
    void (*exhausted)(void *argument);
    void *argument;
};

/* Stands before each piece; its alignment keeps the piece aligned for any type. */
struct piece {
    _Alignas(max_align_t) struct list node;
    size_t size;
};

static NORETURN void exhaust(void (*exhausted)(void *argument), void *argument)
{
    exhausted(argument);
    unreachable();
}

static struct piece *piece_of(void *data)
{
    return (struct piece *)data - 1;
}

/* Bytes to ask of the C library, or the end of the heap's owner. */
static size_t checked_size(const struct mem *mem, size_t size, size_t replaced)
{
    size_t others = mem->bytes - replaced;
    size_t bytes_max = mem->bytes_max != 0 ? mem->bytes_max : SIZE_MAX / 2;

    if (size > bytes_max || others > bytes_max - size) {
        exhaust(mem->exhausted, mem->argument);
    }
    return size + sizeof(struct piece);
}

struct mem *mem_create(size_t bytes_max, void (*exhausted)(void *argument), void *argument)
{
    struct mem *mem = calloc(1, sizeof(*mem));

    if (mem == NULL) {
        exhaust(exhausted, argument);
    }
    list_init(&mem->pieces);
    mem->bytes_max = bytes_max;
    mem->exhausted = exhausted;
    mem->argument = argument;
    return mem;
}

void mem_destroy(struct mem *mem)
{
    if (mem == NULL) {
        return;
    }
    list_each(node, &mem->pieces)
    {
        free(list_entry(node, struct piece, node));
    }
    free(mem);
}

void *mem_alloc(struct mem *mem, size_t size)
{
    struct piece *piece = calloc(1, checked_size(mem, size, 0));

    if (piece == NULL) {
        exhaust(mem->exhausted, mem->argument);
    }
    piece->size = size;
    list_append(&mem->pieces, &piece->node);
    mem->count++;
    mem->bytes += size;
    return piece + 1;
}

void *mem_resize(struct mem *mem, void *data, size_t size)
{
    if (data == NULL) {
        return mem_alloc(mem, size);
    }
    struct piece *piece = piece_of(data);
    size_t size_before = piece->size;
    size_t bytes = checked_size(mem, size, size_before);
    struct list *position = piece->node.next;
    list_remove(&piece->node);
    struct piece *resized = realloc(piece, bytes);
    if (resized == NULL) {
        list_insert_before(position, &piece->node);
        exhaust(mem->exhausted, mem->argument);
    }
    resized->size = size;
    list_insert_before(position, &resized->node);
    mem->bytes += size - size_before;
    return resized + 1;
}

void mem_free(struct mem *mem, void *data)
{
    if (data == NULL) {
        return;
    }
    struct piece *piece = piece_of(data);
    assert(mem->count > 0 && mem->bytes >= piece->size);
    list_remove(&piece->node);
    mem->count--;
    mem->bytes -= piece->size;
    free(piece);
}

char *mem_copy_str(struct mem *mem, struct str text)
{
    char *copy = mem_alloc(mem, text.size + 1);

    if (text.size > 0) {
        memcpy(copy, text.data, text.size);
    }
    return copy;
}

size_t mem_bytes(const struct mem *mem)
{
    return mem->bytes;
}

size_t mem_count(const struct mem *mem)
{
    return mem->count;
}
