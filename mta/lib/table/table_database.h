// SPDX-License-Identifier: ISC
/* table/table_database - types hash, btree, lmdb, cdb: their files and the form of their keys
 *
 * Keys and values are stored with a NUL behind them, as Postfix does, unless the file that is
 * there says otherwise: its first key shows which form it has, and lookups follow.
 *
 * Errors    as sys/database; -ERR_NOT_SUPPORTED from the finder for other types
 * Memory    none of its own
 * Blocks    lookups and form, for the disk only
 */
#ifndef TABLE_TABLE_DATABASE_H
#define TABLE_TABLE_DATABASE_H

#include "base/buf.h"
#include "sys/database.h"

struct table_database_type {
    struct str name;
    enum sys_database_type type;
    const char *suffix; /* of the file */
};

/* NULL for a type that is no database. */
const struct table_database_type *table_database_find(struct str name);

/* Whether the keys of an open database end with a NUL; an empty one counts as such. */
MUST_USE int table_database_form(struct sys *sys, struct sys_database *database, struct mem *mem,
                                 bool *has_nul);

/* Get and put in that form: the NUL is added and taken off. */
MUST_USE int table_database_get(struct sys *sys, struct sys_database *database, bool has_nul,
                                struct str key, struct buf *value);
MUST_USE int table_database_put(struct sys *sys, struct sys_database *database, bool has_nul,
                                struct str key, struct str value);

/* A key or value as it is stored: whether a NUL is behind it, and without it. */
bool table_database_has_nul(struct str stored);
struct str table_database_strip(struct str stored);

#endif
