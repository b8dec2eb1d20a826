// SPDX-License-Identifier: ISC
/* Berkeley DB 5.3, hash and btree, without an environment: no files beside the table. */
#include <db.h>
#include <errno.h>
#include <string.h>

#include "os/database.h"
#include "os/os.h"

enum { CREATE_CACHE_BYTES = 8 * 1024 * 1024 };

struct table {
    DB *db;
    DBC *cursor; /* of a walk, else NULL */
};

static int error_of(int number)
{
    if (number == 0) {
        return 0;
    }
    if (number == DB_NOTFOUND || number == DB_KEYEMPTY) {
        return -ERR_NOT_FOUND;
    }
    return number > 0 ? os_error(number) : -ERR_CORRUPT;
}

static DBT from_str(struct str text)
{
    return (DBT){.data = (void *)(uintptr_t)text.data, .size = (u_int32_t)text.size};
}

static void put_dbt(struct buf *buf, const DBT *dbt)
{
    buf_put(buf, str_of(dbt->data, dbt->size));
}

static void ignore_message(const DB_ENV *environment UNUSED, const char *prefix UNUSED,
                           const char *message UNUSED)
{
}

static int open_table(DB *db, const struct sys_database *database, const char *path,
                      uint32_t mode_bits)
{
    static const u_int32_t flags[] = {
        [SYS_DATABASE_READ] = DB_RDONLY,
        [SYS_DATABASE_WRITE] = 0,
        [SYS_DATABASE_CREATE] = DB_CREATE | DB_EXCL,
    };
    DBTYPE type = database->type == SYS_DATABASE_BTREE ? DB_BTREE : DB_HASH;
    db->set_errcall(db, ignore_message);
    if (database->mode == SYS_DATABASE_CREATE) {
        (void)db->set_cachesize(db, 0, CREATE_CACHE_BYTES, 1);
    }
    int number = db->open(db, NULL, path, NULL, type, flags[database->mode], (int)mode_bits);
    return number == EINVAL ? -ERR_CORRUPT : error_of(number);
}

static int berkeley_open(struct sys_database *database, const char *path, uint32_t mode_bits)
{
    DB *db;
    int error = error_of(db_create(&db, NULL, 0));
    if (error != 0) {
        return error;
    }
    error = open_table(db, database, path, mode_bits);
    if (error != 0) {
        (void)db->close(db, 0);
        return error;
    }
    struct table *table = mem_alloc(database->mem, sizeof(*table));
    table->db = db;
    database->handle = table;
    return 0;
}

static int berkeley_get(struct sys_database *database, struct str key, struct buf *value)
{
    struct table *table = database->handle;
    DBT db_key = from_str(key);
    DBT db_value = {0};
    int error = error_of(table->db->get(table->db, NULL, &db_key, &db_value, 0));
    if (error == 0) {
        put_dbt(value, &db_value);
    }
    return error;
}

static int berkeley_put(struct sys_database *database, struct str key, struct str value)
{
    struct table *table = database->handle;
    DBT db_key = from_str(key);
    DBT db_value = from_str(value);
    return error_of(table->db->put(table->db, NULL, &db_key, &db_value, 0));
}

static int berkeley_remove(struct sys_database *database, struct str key)
{
    struct table *table = database->handle;
    DBT db_key = from_str(key);
    return error_of(table->db->del(table->db, NULL, &db_key, 0));
}

static int berkeley_next(struct sys_database *database, bool first, struct buf *key,
                         struct buf *value)
{
    struct table *table = database->handle;
    DBT db_key = {0};
    DBT db_value = {0};
    int error = first ? error_of(table->db->cursor(table->db, NULL, &table->cursor, 0)) : 0;
    if (error == 0) {
        error = error_of(table->cursor->get(table->cursor, &db_key, &db_value, DB_NEXT));
    }
    if (error != 0) {
        return error == -ERR_NOT_FOUND ? 0 : error;
    }
    put_dbt(key, &db_key);
    put_dbt(value, &db_value);
    return 1;
}

static void berkeley_end_walk(struct sys_database *database)
{
    struct table *table = database->handle;
    if (table->cursor != NULL) {
        (void)table->cursor->close(table->cursor);
        table->cursor = NULL;
    }
}

static int berkeley_sync(struct sys_database *database)
{
    struct table *table = database->handle;
    return error_of(table->db->sync(table->db, 0));
}

static void berkeley_close(struct sys_database *database)
{
    struct table *table = database->handle;
    (void)table->db->close(table->db, 0);
    mem_free(database->mem, table);
}

const struct database_engine database_berkeley = {
    .open = berkeley_open,
    .get = berkeley_get,
    .put = berkeley_put,
    .remove = berkeley_remove,
    .next = berkeley_next,
    .end_walk = berkeley_end_walk,
    .sync = berkeley_sync,
    .close = berkeley_close,
};
