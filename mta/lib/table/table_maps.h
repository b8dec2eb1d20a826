// SPDX-License-Identifier: ISC
/* table/table_maps - a parameter that names several tables, asked in turn: "hash:/a, inline:{k=v}"
 *
 * The first table that finds the key wins. An error ends the search: a later table must not
 * answer for one that could not.
 *
 * Errors    as table/table
 * Memory    on the process's heap; the value in the caller's buf
 * Blocks    open and find, for the disk only
 */
#ifndef TABLE_TABLE_MAPS_H
#define TABLE_TABLE_MAPS_H

#include "table/table.h"

struct table_maps;

/* value: of the parameter; an empty one gives maps that find nothing. */
MUST_USE int table_maps_open(struct sys *sys, const struct conf *conf, struct str value,
                             struct table_maps **maps, char why[TABLE_WHY_MAX]);
void table_maps_close(struct table_maps *maps); /* accepts NULL. Instant. */
bool table_maps_are_empty(const struct table_maps *maps);

MUST_USE int table_maps_find(struct table_maps *maps, struct str key, struct buf *value);

/* Which parts of an address are asked, in this order; extension only when delimiter (characters
 * of recipient_delimiter) is not empty and the local part has one. */
enum table_address_flag {
    TABLE_ADDRESS_FULL = 1,       /* user+ext@domain, then user@domain */
    TABLE_ADDRESS_LOCAL_PART = 2, /* user+ext, then user */
    TABLE_ADDRESS_AT_DOMAIN = 4,  /* @domain */
    TABLE_ADDRESS_DOMAIN = 8,     /* domain */
    TABLE_ADDRESS_PARENTS = 16,   /* .parent domains, nearest first */
};

/* extension (may be NULL): the part, with its delimiter, that the key found left out; else
 * empty. A view into address. */
MUST_USE int table_maps_find_address(struct table_maps *maps, struct str address,
                                     struct str delimiter, unsigned flags, struct buf *value,
                                     struct str *extension);

const char *table_maps_why(const struct table_maps *maps); /* as table_why() */

#endif
