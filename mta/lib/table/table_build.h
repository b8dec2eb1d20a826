// SPDX-License-Identifier: ISC
/* table/table_build - a new version of a database table
 *
 * The entries are collected in memory, then written to a new file beside the old one, which is
 * synced and renamed over it: a reader sees the old table or the new one, also after a power cut.
 * A change of some entries is the old table with these changes, written anew; meanwhile the old
 * file is locked, so that two changes at the same time do not lose one.
 *
 * Limits    TABLE_BUILD_ENTRIES_MAX entries; keys and values as in sys/database
 * Errors    of sys/database and sys/fs; why says what failed, in words
 * Memory    a build on the process's heap; commit and abort end it
 * Blocks    open, commit: for the disk, and up to TABLE_BUILD_LOCK_NS for another change
 */
#ifndef TABLE_TABLE_BUILD_H
#define TABLE_TABLE_BUILD_H

#include "table/table.h"
#include "table/table_database.h"

enum { TABLE_BUILD_ENTRIES_MAX = 10 * 1000 * 1000 };

#define TABLE_BUILD_LOCK_NS (30 * SYS_SECOND_NS)

struct table_build;

struct table_build_options {
    const struct table_database_type *type;
    struct str name;    /* of the table: the file's without its suffix */
    bool from_old;      /* begin with the entries of the table there is */
    bool without_nul;   /* of a table that begins empty: no NUL behind keys and values */
    uint32_t mode_bits; /* of a new file; with from_old it keeps those of the old one */
};

MUST_USE int table_build_open(struct sys *sys, const struct table_build_options *options,
                              struct table_build **build, char why[TABLE_WHY_MAX]);

/* -ERR_EXISTS, and nothing changed, when the key is there and replace is false; -ERR_LIMIT. */
MUST_USE int table_build_put(struct table_build *build, struct str key, struct str value,
                             bool replace);
/* -ERR_NOT_FOUND when the key is not there. */
MUST_USE int table_build_remove(struct table_build *build, struct str key);

/* Puts the new table in place, or leaves the old one as it was. */
MUST_USE int table_build_commit(struct table_build *build, char why[TABLE_WHY_MAX]);
void table_build_abort(struct table_build *build); /* accepts NULL */

#endif
