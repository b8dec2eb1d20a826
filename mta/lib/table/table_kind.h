// SPDX-License-Identifier: ISC
/* table/table_kind - what the kinds of tables have in common (private to this folder)
 *
 * A kind turns its source (a text, or a database file) into content and asks it. Content never
 * changes: when the file does, new content takes its place, and the old one goes when the last
 * lookup that uses it has ended.
 */
#ifndef TABLE_TABLE_KIND_H
#define TABLE_TABLE_KIND_H

#include "base/buf.h"
#include "base/mem.h"
#include "sys/database.h"
#include "table/table.h"

/* What a kind needs in order to load, and where it says what went wrong. */
struct table_load {
    struct sys *sys;
    struct mem *mem;
    const char *path; /* of the file; for messages only when there is a text */
    struct str text;  /* kinds with source TABLE_SOURCE_TEXT */
    char *why;        /* TABLE_WHY_MAX */
};

enum table_source_kind {
    TABLE_SOURCE_NONE,     /* the name itself is all there is */
    TABLE_SOURCE_TEXT,     /* a text file, or {items} in place of its name */
    TABLE_SOURCE_INLINE,   /* {items} only */
    TABLE_SOURCE_DATABASE, /* the kind opens the file itself */
};

struct table_kind {
    struct str name;
    enum table_source_kind source;
    const char *suffix; /* of the file */
    bool folds_keys;
    /* 0 with *content set, or an error with load->why set. Waiting. */
    int (*load)(const struct table_kind *kind, const struct table_load *load, void **content);
    /* As table_lookup(); the key is folded. Waiting for databases only. */
    int (*lookup)(struct sys *sys, void *content, struct str key, struct buf *value);
    void (*unload)(struct sys *sys, void *content); /* Instant. */
};

/* NULL when there is no such kind. */
const struct table_kind *table_kind_find(struct str name);

/* table_map.c, table_cidr.c, table_database.c */
extern const struct table_kind table_kind_texthash;
extern const struct table_kind table_kind_inline;
extern const struct table_kind table_kind_static;
extern const struct table_kind table_kind_cidr;
extern const struct table_kind table_kind_hash;
extern const struct table_kind table_kind_btree;
extern const struct table_kind table_kind_lmdb;
extern const struct table_kind table_kind_cdb;

/* Writes to load->why and returns error. */
int table_load_failed(const struct table_load *load, int error, const char *format, ...)
    PRINTF_LIKE(3, 4);

/* The key in lower case, as it is stored and asked; data is NULL when it is too long for a key. */
struct str table_fold(struct str key, char folded[SYS_DATABASE_KEY_MAX + 1]);

#endif
