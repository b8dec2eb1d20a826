// SPDX-License-Identifier: ISC
/* LMDB without its lock file. Changes gather in one transaction, which ends now and then, at a
 * sync and at the close. */
#include <errno.h>
#include <fcntl.h>
#include <lmdb.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#include "os/database.h"
#include "os/os.h"

enum { CHANGES_PER_TRANSACTION_MAX = 10000 };

static const size_t map_bytes = (size_t)16 << 30; /* of address space, not of disk */

struct table {
    MDB_env *environment;
    MDB_dbi dbi;
    MDB_txn *transaction; /* NULL between transactions */
    MDB_cursor *cursor;   /* of a walk, else NULL */
    int change_count;     /* in this transaction */
};

static int error_of(int number)
{
    switch (number) {
    case 0:
        return 0;
    case MDB_NOTFOUND:
        return -ERR_NOT_FOUND;
    case MDB_MAP_FULL:
    case MDB_TXN_FULL:
        return -ERR_NO_SPACE;
    case MDB_BAD_VALSIZE:
        return -ERR_LIMIT;
    default:
        return number > 0 ? os_error(number) : -ERR_CORRUPT;
    }
}

static MDB_val from_str(struct str text)
{
    return (MDB_val){.mv_data = (void *)(uintptr_t)text.data, .mv_size = text.size};
}

static void put_val(struct buf *buf, const MDB_val *val)
{
    buf_put(buf, str_of(val->mv_data, val->mv_size));
}

/* ---- transactions ---------------------------------------------------------------------------------- */

static int begin(struct sys_database *database)
{
    struct table *table = database->handle;
    unsigned flags = database->mode == SYS_DATABASE_READ ? MDB_RDONLY : 0;
    if (table->transaction != NULL) {
        return 0;
    }
    table->change_count = 0;
    return error_of(mdb_txn_begin(table->environment, NULL, flags, &table->transaction));
}

static int commit(struct sys_database *database)
{
    struct table *table = database->handle;
    if (table->transaction == NULL) {
        return 0;
    }
    int error = error_of(mdb_txn_commit(table->transaction));
    table->transaction = NULL;
    return error;
}

/* A reader looks at the newest state, unless a walk holds on to an older one. */
static void finish_read(struct sys_database *database)
{
    struct table *table = database->handle;
    if (database->mode == SYS_DATABASE_READ && table->cursor == NULL) {
        mdb_txn_abort(table->transaction);
        table->transaction = NULL;
    }
}

static int finish_change(struct sys_database *database, int error)
{
    struct table *table = database->handle;
    if (error == 0 && ++table->change_count == CHANGES_PER_TRANSACTION_MAX) {
        error = commit(database);
    }
    return error;
}

/* ---- open and close --------------------------------------------------------------------------------- */

/* The engine would make a missing file, and take an existing one for a new one. */
static int prepare_file(const struct sys_database *database, const char *path, uint32_t mode_bits)
{
    int flags = database->mode == SYS_DATABASE_CREATE ? O_RDWR | O_CREAT | O_EXCL : O_RDONLY;
    int fd = open(path, flags | O_CLOEXEC, mode_bits);
    if (fd < 0) {
        return os_last_error();
    }
    (void)close(fd);
    return 0;
}

static int open_environment(struct sys_database *database, const char *path)
{
    struct table *table = database->handle;
    unsigned flags = MDB_NOSUBDIR | MDB_NOLOCK | MDB_NOSYNC;
    int number = mdb_env_create(&table->environment);
    if (number == 0 && database->mode == SYS_DATABASE_READ) {
        flags |= MDB_RDONLY;
    } else if (number == 0) {
        number = mdb_env_set_mapsize(table->environment, map_bytes);
    }
    if (number == 0) {
        number = mdb_env_open(table->environment, path, flags, 0600);
    }
    bool not_ours = number == ENOENT || number == EINVAL;
    return not_ours ? -ERR_CORRUPT : error_of(number);
}

static int open_table(struct sys_database *database, const char *path)
{
    struct table *table = database->handle;
    int error = open_environment(database, path);
    if (error == 0) {
        error = begin(database);
    }
    if (error == 0) {
        error = error_of(mdb_dbi_open(table->transaction, NULL, 0, &table->dbi));
    }
    return error == 0 ? commit(database) : error;
}

static void lmdb_close(struct sys_database *database)
{
    struct table *table = database->handle;
    int error = commit(database);
    (void)error;
    mdb_env_close(table->environment);
    mem_free(database->mem, table);
}

static int lmdb_open(struct sys_database *database, const char *path, uint32_t mode_bits)
{
    int error = prepare_file(database, path, mode_bits);
    if (error != 0) {
        return error;
    }
    database->handle = mem_alloc(database->mem, sizeof(struct table));
    error = open_table(database, path);
    if (error != 0) {
        lmdb_close(database);
    }
    return error;
}

/* ---- pairs -------------------------------------------------------------------------------------------- */

static int lmdb_get(struct sys_database *database, struct str key, struct buf *value)
{
    struct table *table = database->handle;
    MDB_val db_key = from_str(key);
    MDB_val db_value;
    int error = begin(database);
    if (error == 0) {
        error = error_of(mdb_get(table->transaction, table->dbi, &db_key, &db_value));
    }
    if (error == 0) {
        put_val(value, &db_value);
    }
    finish_read(database);
    return error;
}

static int lmdb_put(struct sys_database *database, struct str key, struct str value)
{
    struct table *table = database->handle;
    MDB_val db_key = from_str(key);
    MDB_val db_value = from_str(value);
    int error = begin(database);
    if (error == 0) {
        error = error_of(mdb_put(table->transaction, table->dbi, &db_key, &db_value, 0));
    }
    return finish_change(database, error);
}

static int lmdb_remove(struct sys_database *database, struct str key)
{
    struct table *table = database->handle;
    MDB_val db_key = from_str(key);
    int error = begin(database);
    if (error == 0) {
        error = error_of(mdb_del(table->transaction, table->dbi, &db_key, NULL));
    }
    return finish_change(database, error);
}

static int lmdb_next(struct sys_database *database, bool first, struct buf *key, struct buf *value)
{
    struct table *table = database->handle;
    MDB_val db_key;
    MDB_val db_value;
    int error = begin(database);
    if (error == 0 && first) {
        error = error_of(mdb_cursor_open(table->transaction, table->dbi, &table->cursor));
    }
    if (error == 0) {
        error = error_of(mdb_cursor_get(table->cursor, &db_key, &db_value, MDB_NEXT));
    }
    if (error != 0) {
        return error == -ERR_NOT_FOUND ? 0 : error;
    }
    put_val(key, &db_key);
    put_val(value, &db_value);
    return 1;
}

static void lmdb_end_walk(struct sys_database *database)
{
    struct table *table = database->handle;
    if (table->cursor != NULL) {
        mdb_cursor_close(table->cursor);
        table->cursor = NULL;
    }
    finish_read(database);
}

static int lmdb_sync(struct sys_database *database)
{
    struct table *table = database->handle;
    int error = commit(database);
    return error == 0 ? error_of(mdb_env_sync(table->environment, 1)) : error;
}

const struct database_engine database_lmdb = {
    .open = lmdb_open,
    .get = lmdb_get,
    .put = lmdb_put,
    .remove = lmdb_remove,
    .next = lmdb_next,
    .end_walk = lmdb_end_walk,
    .sync = lmdb_sync,
    .close = lmdb_close,
};
