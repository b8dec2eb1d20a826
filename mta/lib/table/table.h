// SPDX-License-Identifier: ISC
/* table/table - lookup tables by "type:name"
 *
 * A lookup has three ends, never to be confused: found, not found, and an error, after which
 * nobody knows. A table whose file is missing or broken opens all the same and answers each
 * lookup with the error, and why with its text; it works as soon as the file does.
 *
 *   hash, btree   Berkeley DB, file name.db    texthash  text file in postmap's form
 *   lmdb          file name.lmdb               inline    inline:{ {key=value}, key=value ... }
 *   cdb           file name.cdb                static    one value for every key; static:{ text }
 *                                              cidr      networks, first match, if and endif
 *
 * The caller asks for parts of an address; the table knows whole keys only. Keys are folded to
 * lower case except by static and cidr.
 *
 * Limits    keys SYS_DATABASE_KEY_MAX, values TABLE_VALUE_MAX, text files TABLE_FILE_BYTES_MAX
 * Errors    0, -ERR_NOT_FOUND, or anything else: try again later; table_why() says it in words
 * Memory    a table on the process's heap; the value in the caller's buf
 * Blocks    open and lookup, for the disk only. A file is looked at for change at most once a
 *           second and then read again
 */
#ifndef TABLE_TABLE_H
#define TABLE_TABLE_H

#include "base/arena.h"
#include "base/buf.h"
#include "sys/sys.h"

struct conf;
struct table;

enum {
    TABLE_VALUE_MAX = 65536,
    TABLE_FILE_BYTES_MAX = 64 * 1024 * 1024,
    TABLE_WHY_MAX = 512,
};

/* A name without a type is one of default_database_type. The error is one of syntax (-ERR_SYNTAX),
 * of a type that does not exist or is not there yet (-ERR_NOT_SUPPORTED); why says it in words. */
MUST_USE int table_open(struct sys *sys, const struct conf *conf, struct str spec,
                        struct table **table, char why[TABLE_WHY_MAX]);
void table_close(struct table *table); /* accepts NULL. Instant. */

/* From now on keys are asked as they are, not in lower case. */
void table_keep_case(struct table *table);

MUST_USE int table_lookup(struct table *table, struct str key, struct buf *value);

struct str table_spec(const struct table *table); /* "type:name", as opened */
/* The last error in words, fit for "warning: %s"; empty when the last lookup had none. */
const char *table_why(const struct table *table);

#endif
