// SPDX-License-Identifier: ISC
/* base/mem - the heap of one process; the only place that calls malloc
 *
 * Every allocation hangs on its heap, so that a simulated crash releases a daemon's memory
 * without running its code, and a leak is a count.
 *
 * Errors    none: exhaustion calls the handler given at creation, which does not return
 * Memory    mem_free() releases one piece, mem_destroy() everything and the heap itself
 * Blocks    never
 */
#ifndef BASE_MEM_H
#define BASE_MEM_H

#include <stddef.h>

#include "base/attribute.h"
#include "base/str.h"

struct mem;

/* bytes_max 0 means without limit. exhausted(argument) must not return. */
struct mem *mem_create(size_t bytes_max, void (*exhausted)(void *argument), void *argument);
void mem_destroy(struct mem *mem); /* accepts NULL */

MUST_USE void *mem_alloc(struct mem *mem, size_t size); /* zeroed; size 0 gives a unique pointer */
MUST_USE void *mem_resize(struct mem *mem, void *data, size_t size); /* new bytes are not zeroed */
void mem_free(struct mem *mem, void *data);                          /* accepts NULL */

MUST_USE char *mem_copy_str(struct mem *mem, struct str text); /* with a NUL behind it */

size_t mem_bytes(const struct mem *mem); /* now allocated, without bookkeeping */
size_t mem_count(const struct mem *mem); /* pieces now allocated */

#endif
