// SPDX-License-Identifier: ISC
#include "os/database.h"

#include "os/os.h"

static const struct database_engine *const engines[] = {
    [SYS_DATABASE_HASH] = &database_berkeley,
    [SYS_DATABASE_BTREE] = &database_berkeley,
    [SYS_DATABASE_LMDB] = &database_lmdb,
    [SYS_DATABASE_CDB] = &database_cdb,
};

int sys_database_open(struct sys *sys, enum sys_database_type type, const char *path,
                      enum sys_database_mode mode, uint32_t mode_bits,
                      struct sys_database **database)
{
    struct sys_database *opened = mem_alloc(sys->mem, sizeof(*opened));
    *opened =
        (struct sys_database){.engine = engines[type], .type = type, .mode = mode, .mem = sys->mem};
    int error = opened->engine->open(opened, path, mode_bits);
    if (error != 0) {
        mem_free(sys->mem, opened);
        return error;
    }
    *database = opened;
    return 0;
}

void sys_database_close(struct sys *sys, struct sys_database *database)
{
    if (database == NULL) {
        return;
    }
    database->engine->end_walk(database);
    database->engine->close(database);
    mem_free(sys->mem, database);
}

/* ---- keys ---------------------------------------------------------------------------------------- */

static int check_key(struct str key)
{
    if (key.size == 0) {
        return -ERR_INVALID;
    }
    return key.size <= SYS_DATABASE_KEY_MAX ? 0 : -ERR_LIMIT;
}

int sys_database_get(struct sys *sys UNUSED, struct sys_database *database, struct str key,
                     struct buf *value)
{
    int error = check_key(key);
    buf_clear(value);
    if (error == 0) {
        error = database->engine->get(database, key, value);
    }
    return error == 0 ? buf_error(value) : error;
}

/* A change may make the position of a walk meaningless. */
static void break_walk(struct sys_database *database)
{
    if (database->walking) {
        database->engine->end_walk(database);
        database->walking = false;
        database->walk_broken = true;
    }
}

static int check_change(struct sys_database *database, struct str key)
{
    int error = check_key(key);
    if (error != 0) {
        return error;
    }
    if (database->mode == SYS_DATABASE_READ) {
        return -ERR_ACCESS;
    }
    break_walk(database);
    return 0;
}

int sys_database_put(struct sys *sys UNUSED, struct sys_database *database, struct str key,
                     struct str value)
{
    if (value.size > SYS_DATABASE_VALUE_MAX) {
        return -ERR_LIMIT;
    }
    int error = check_change(database, key);
    return error == 0 ? database->engine->put(database, key, value) : error;
}

int sys_database_delete(struct sys *sys UNUSED, struct sys_database *database, struct str key)
{
    int error = check_change(database, key);
    return error == 0 ? database->engine->remove(database, key) : error;
}

/* ---- all pairs ------------------------------------------------------------------------------------- */

int sys_database_next(struct sys *sys UNUSED, struct sys_database *database, struct buf *key,
                      struct buf *value)
{
    if (database->walk_broken) {
        database->walk_broken = false;
        return -ERR_INVALID;
    }
    buf_clear(key);
    buf_clear(value);
    int result = database->engine->next(database, !database->walking, key, value);
    database->walking = result > 0;
    if (result <= 0) {
        database->engine->end_walk(database);
        return result;
    }
    int error = buf_error(key) != 0 ? buf_error(key) : buf_error(value);
    return error != 0 ? error : 1;
}

int sys_database_sync(struct sys *sys UNUSED, struct sys_database *database)
{
    if (database->mode == SYS_DATABASE_READ) {
        return 0;
    }
    break_walk(database);
    return database->engine->sync(database);
}
