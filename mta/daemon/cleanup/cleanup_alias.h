// SPDX-License-Identifier: ISC
/* cleanup/cleanup_alias - the addresses that an address stands for, by virtual_alias_maps
 *
 * An alias is looked up again and again until nothing changes; an address that leads to itself
 * alone is final.
 *
 * Limits    virtual_alias_recursion_limit lookups in a row, virtual_alias_expansion_limit
 *           addresses
 * Memory    in the arena
 * Blocks    for tables and the rewrite service
 */
#ifndef CLEANUP_CLEANUP_ALIAS_H
#define CLEANUP_CLEANUP_ALIAS_H

#include "base/list.h"
#include "cleanup/cleanup_state.h"

struct cleanup_address {
    struct list node;
    struct str text; /* internal form, complete */
    int depth;       /* how many aliases led here */
};

/* Appends to results, a list of struct cleanup_address, in the order of the tables: 0, or enum
 * cleanup_status bits when that has been logged. */
MUST_USE int64_t cleanup_alias_expand(struct cleanup_state *state, const char *queue_id,
                                      struct arena *arena, struct str address,
                                      struct list *results);

/* The address with its domain: a view into the arena. */
MUST_USE int cleanup_alias_complete(struct cleanup_state *state, struct arena *arena,
                                    struct str address, struct str *complete);

#endif
