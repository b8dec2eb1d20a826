// SPDX-License-Identifier: ISC
#include "sys/random.h"

#include "base/assert.h"

/* Values from the incomplete last round of count would favour small results: they are drawn
 * again. At most half of all values are, so that the bound is never met. */
uint64_t sys_random_below(struct sys *sys, uint64_t count)
{
    enum { DRAWS_MAX = 128 };
    assert(count > 0);
    uint64_t incomplete = (UINT64_MAX % count + 1) % count;
    uint64_t value = 0;
    for (int i = 0; i < DRAWS_MAX; i++) {
        sys_random(sys, &value, sizeof(value));
        if (value <= UINT64_MAX - incomplete) {
            break;
        }
    }
    return value % count;
}
