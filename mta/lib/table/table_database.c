// SPDX-License-Identifier: ISC
#include "table/table_database.h"

#include <string.h>

#include "table/table_kind.h"

static const struct table_database_type table_database_types[] = {
    {STR_INIT("hash"), SYS_DATABASE_HASH, ".db"},
    {STR_INIT("btree"), SYS_DATABASE_BTREE, ".db"},
    {STR_INIT("lmdb"), SYS_DATABASE_LMDB, ".lmdb"},
    {STR_INIT("cdb"), SYS_DATABASE_CDB, ".cdb"},
};

const struct table_database_type *table_database_find(struct str name)
{
    for (size_t i = 0; i < sizeof(table_database_types) / sizeof(table_database_types[0]); i++) {
        if (str_equal(table_database_types[i].name, name)) {
            return &table_database_types[i];
        }
    }
    return NULL;
}

bool table_database_has_nul(struct str stored)
{
    return stored.size > 0 && stored.data[stored.size - 1] == '\0';
}

struct str table_database_strip(struct str stored)
{
    return table_database_has_nul(stored) ? str_first(stored, stored.size - 1) : stored;
}

int table_database_form(struct sys *sys, struct sys_database *database, struct mem *mem,
                        bool *has_nul)
{
    struct buf key;
    struct buf value;
    buf_init(&key, mem, SYS_DATABASE_KEY_MAX);
    buf_init(&value, mem, SYS_DATABASE_VALUE_MAX);
    int found = sys_database_next(sys, database, &key, &value);
    *has_nul = found != 1 || table_database_has_nul(buf_str(&key));
    buf_done(&key);
    buf_done(&value);
    return found < 0 ? found : 0;
}

/* The key as it is stored; data is NULL when it is too long to be in any database. */
static struct str stored_key(struct str key, bool has_nul, char bytes[SYS_DATABASE_KEY_MAX])
{
    size_t size = key.size + (has_nul ? 1 : 0);
    if (size > SYS_DATABASE_KEY_MAX) {
        return (struct str){0};
    }
    memset(bytes, 0, SYS_DATABASE_KEY_MAX);
    if (key.size > 0) {
        memcpy(bytes, key.data, key.size);
    }
    return str_of(bytes, size);
}

int table_database_get(struct sys *sys, struct sys_database *database, bool has_nul, struct str key,
                       struct buf *value)
{
    char bytes[SYS_DATABASE_KEY_MAX];
    struct str stored = stored_key(key, has_nul, bytes);
    if (stored.data == NULL) {
        return -ERR_NOT_FOUND;
    }
    int error = sys_database_get(sys, database, stored, value);
    if (error == 0) {
        buf_truncate(value, table_database_strip(buf_str(value)).size);
    }
    return error;
}

int table_database_put(struct sys *sys, struct sys_database *database, bool has_nul, struct str key,
                       struct str value)
{
    char bytes[SYS_DATABASE_KEY_MAX];
    struct str stored = stored_key(key, has_nul, bytes);
    if (stored.data == NULL) {
        return -ERR_LIMIT;
    }
    struct buf copy;
    buf_init(&copy, sys_mem(sys), SYS_DATABASE_VALUE_MAX);
    buf_put(&copy, value);
    if (has_nul) {
        buf_put_char(&copy, '\0');
    }
    int error = buf_error(&copy);
    if (error == 0) {
        error = sys_database_put(sys, database, stored, buf_str(&copy));
    }
    buf_done(&copy);
    return error;
}

/* ---- as kinds of tables ------------------------------------------------------------------------ */

struct database_content {
    struct mem *mem;
    struct sys_database *database;
    bool has_nul;
};

static void database_unload(struct sys *sys, void *content)
{
    struct database_content *opened = content;
    sys_database_close(sys, opened->database);
    mem_free(opened->mem, opened);
}

static int database_load(const struct table_kind *kind, const struct table_load *load,
                         void **content)
{
    struct database_content *opened = mem_alloc(load->mem, sizeof(*opened));
    opened->mem = load->mem;
    int error = sys_database_open(load->sys, table_database_find(kind->name)->type, load->path,
                                  SYS_DATABASE_READ, 0, &opened->database);
    if (error == 0) {
        error = table_database_form(load->sys, opened->database, load->mem, &opened->has_nul);
    }
    if (error != 0) {
        database_unload(load->sys, opened);
        return table_load_failed(load, error, "open database %s: %s", load->path,
                                 err_sentence(error));
    }
    *content = opened;
    return 0;
}

static int database_lookup(struct sys *sys, void *content, struct str key, struct buf *value)
{
    struct database_content *opened = content;
    return table_database_get(sys, opened->database, opened->has_nul, key, value);
}

#define DATABASE_KIND(variable, type_name, file_suffix) \
    const struct table_kind variable = {                \
        .name = STR_INIT(type_name),                    \
        .source = TABLE_SOURCE_DATABASE,                \
        .suffix = file_suffix,                          \
        .folds_keys = true,                             \
        .load = database_load,                          \
        .lookup = database_lookup,                      \
        .unload = database_unload,                      \
    }

DATABASE_KIND(table_kind_hash, "hash", ".db");
DATABASE_KIND(table_kind_btree, "btree", ".db");
DATABASE_KIND(table_kind_lmdb, "lmdb", ".lmdb");
DATABASE_KIND(table_kind_cdb, "cdb", ".cdb");
