// SPDX-License-Identifier: ISC
/* sim/explore/shrink - the smallest scenario that still fails in the same way
 *
 * Leaves out statements with what is below them, then lines, then words, and lowers numbers, as
 * long as the failure stays. Draws are lines like all others, so choices that do not matter go too.
 *
 * Memory    on the heap given
 * Blocks    never; fails() may take real time
 */
#ifndef EXPLORE_SHRINK_H
#define EXPLORE_SHRINK_H

#include <stdbool.h>

#include "base/attribute.h"
#include "base/buf.h"

struct shrink {
    struct mem *mem;
    void *argument;
    /* Whether that text fails in the same way; text that is no scenario does not. */
    bool (*fails)(void *argument, struct str text);
    /* Asked before each try: no more tries. */
    bool (*is_enough)(void *argument);
};

/* text fails; what it becomes fails too. */
void shrink_text(const struct shrink *shrink, struct buf *text);

/* What makes a failure the same: its kind, without the names, times and numbers of one run. */
struct str shrink_kind(struct str failure);

#endif
