// SPDX-License-Identifier: ISC
#include "base/buf.h"

#include <stdio.h>
#include <string.h>

#include "base/assert.h"
#include "base/err.h"

enum { BUF_FIRST_CAPACITY = 64 };

void buf_init(struct buf *buf, struct mem *mem, size_t max)
{
    *buf = (struct buf){.max = max, .mem = mem};
}

void buf_done(struct buf *buf)
{
    mem_free(buf->mem, buf->data);
    buf_init(buf, buf->mem, buf->max);
}

void buf_clear(struct buf *buf)
{
    buf->error = 0;
    buf_truncate(buf, 0);
}

/* Capacity counts the NUL behind the content; it doubles, but never beyond max + 1. */
static void grow(struct buf *buf, size_t capacity_min)
{
    size_t capacity = buf->capacity != 0 ? buf->capacity : BUF_FIRST_CAPACITY;

    while (capacity < capacity_min) {
        capacity *= 2;
    }
    if (capacity > buf->max + 1) {
        capacity = buf->max + 1;
    }
    buf->data = mem_resize(buf->mem, buf->data, capacity);
    buf->capacity = capacity;
}

char *buf_reserve(struct buf *buf, size_t size)
{
    assert(buf->mem != NULL && buf->max < SIZE_MAX / 4);
    if (buf->error != 0) {
        return NULL;
    }
    if (size > buf->max - buf->size) {
        buf->error = -ERR_LIMIT;
        return NULL;
    }
    if (buf->size + size + 1 > buf->capacity) {
        grow(buf, buf->size + size + 1);
    }
    return buf->data + buf->size;
}

void buf_grew(struct buf *buf, size_t size)
{
    assert(buf->data != NULL && size < buf->capacity - buf->size);
    buf->size += size;
    buf->data[buf->size] = '\0';
}

void buf_put(struct buf *buf, struct str bytes)
{
    char *end = buf_reserve(buf, bytes.size);

    if (end == NULL) {
        return;
    }
    if (bytes.size > 0) {
        memcpy(end, bytes.data, bytes.size);
    }
    buf_grew(buf, bytes.size);
}

void buf_put_char(struct buf *buf, char byte)
{
    buf_put(buf, str_of(&byte, 1));
}

void buf_put_text(struct buf *buf, const char *text)
{
    buf_put(buf, str_from(text));
}

void buf_putf(struct buf *buf, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    buf_putv(buf, format, arguments);
    va_end(arguments);
}

/* Most texts fit what room there is. What did not fit leaves the content as it was. */
void buf_putv(struct buf *buf, const char *format, va_list arguments)
{
    va_list again;
    size_t room = buf->capacity - buf->size;

    if (buf->error != 0) {
        return;
    }
    va_copy(again, arguments);
    int size = vsnprintf(room > 0 ? buf->data + buf->size : NULL, room, format, arguments);
    assert(size >= 0);
    bool fits = (size_t)size < room;
    if (!fits) {
        buf_truncate(buf, buf->size);
        fits = buf_reserve(buf, (size_t)size) != NULL;
        size = fits ? vsnprintf(buf->data + buf->size, (size_t)size + 1, format, again) : 0;
    }
    if (fits) {
        buf_grew(buf, (size_t)size);
    }
    va_end(again);
}

void buf_drop_first(struct buf *buf, size_t size)
{
    assert(size <= buf->size);
    if (size > 0) {
        memmove(buf->data, buf->data + size, buf->size - size);
        buf_truncate(buf, buf->size - size);
    }
}

void buf_truncate(struct buf *buf, size_t size)
{
    assert(size <= buf->size);
    buf->size = size;
    if (buf->data != NULL) {
        buf->data[size] = '\0';
    }
}

struct str buf_str(const struct buf *buf)
{
    return str_of(buf_text(buf), buf->size);
}

const char *buf_text(const struct buf *buf)
{
    return buf->data != NULL ? buf->data : "";
}

int buf_error(const struct buf *buf)
{
    return buf->error;
}
