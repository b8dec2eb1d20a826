// SPDX-License-Identifier: ISC
/* base/buf - bytes that grow, up to a maximum
 *
 * Writers need no check for each piece: the first failure is remembered, later puts do nothing,
 * and buf_error() tells at the end.
 *
 * Shape     data[0..size); there is always a NUL behind the content, so data is a C string
 * Limits    max bytes of content, given at init
 * Errors    -ERR_LIMIT from buf_error() once a put did not fit; that put is left out whole
 * Memory    owned; buf_done() releases it
 * Blocks    never
 */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attribute.h"
#include "base/mem.h"
#include "base/str.h"

struct buf {
    char *data;
    size_t size;
    size_t capacity;
    size_t max;
    struct mem *mem;
    int error;
};

void buf_init(struct buf *buf, struct mem *mem, size_t max); /* allocates nothing yet */
void buf_done(struct buf *buf);
void buf_clear(struct buf *buf); /* empty again, error forgotten, memory kept */

void buf_put(struct buf *buf, struct str bytes);
void buf_put_char(struct buf *buf, char byte);
void buf_put_text(struct buf *buf, const char *text);
void buf_putf(struct buf *buf, const char *format, ...) PRINTF_LIKE(2, 3);
void buf_putv(struct buf *buf, const char *format, va_list arguments);

/* Room for size more bytes at data + size, or NULL and the error set; buf_grew() takes what was
 * written there into the content. */
MUST_USE char *buf_reserve(struct buf *buf, size_t size);
void buf_grew(struct buf *buf, size_t size);

void buf_drop_first(struct buf *buf, size_t size); /* moves the rest to the front */
void buf_truncate(struct buf *buf, size_t size);   /* size <= buf->size */

struct str buf_str(const struct buf *buf);   /* valid until the next change */
const char *buf_text(const struct buf *buf); /* never NULL */
int buf_error(const struct buf *buf);        /* 0 or -ERR_LIMIT */

#endif
