// SPDX-License-Identifier: ISC
/* sim/check/failure - what was found to be wrong with a run
 *
 * Limits    FAILURES_MAX are kept, FAILURES_BYTES_MAX of text; all are counted
 * Memory    on the heap given at init
 * Blocks    never
 */
#ifndef CHECK_FAILURE_H
#define CHECK_FAILURE_H

#include "base/attribute.h"
#include "base/buf.h"
#include "base/str.h"

enum { FAILURES_MAX = 50, FAILURES_BYTES_MAX = 1 << 18 };

struct failures {
    struct buf text; /* each failure ends with a NUL */
    int count;
};

void failure_init(struct failures *failures, struct mem *mem);
void failure_done(struct failures *failures);

/* Adds a failure of a check that is always on. */
void failure_add(struct failures *failures, const char *format, ...) PRINTF_LIKE(2, 3);

/* Takes the next one out of *rest, which starts as the whole text; false at the end. */
bool failure_next(struct str *rest, struct str *failure);

#endif
