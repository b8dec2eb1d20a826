// SPDX-License-Identifier: ISC
/* CDB (tinycdb): written once, then only read. */
#include <cdb.h>
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "os/database.h"
#include "os/os.h"

enum { HEADER_BYTES = 2048, TABLE_COUNT = 256, SLOT_BYTES = 8 };

struct table {
    int fd;
    bool finished; /* the file is complete; while it is made, only puts make sense */
    struct cdb_make make;
    struct cdb read;
    unsigned position; /* of a walk */
};

/* ---- open and close ---------------------------------------------------------------------------------- */

/* The format has no mark of its own, but its header tells where 256 tables lie. */
static bool looks_like_cdb(const struct cdb *cdb)
{
    const unsigned char *header = cdb_get(cdb, HEADER_BYTES, 0);
    for (int i = 0; header != NULL && i < TABLE_COUNT; i++) {
        uint64_t start = cdb_unpack(header + SLOT_BYTES * i);
        uint64_t count = cdb_unpack(header + SLOT_BYTES * i + 4);
        if (start < HEADER_BYTES || start + count * SLOT_BYTES > cdb->cdb_fsize) {
            return false;
        }
    }
    return header != NULL;
}

static int start_reading(struct table *table)
{
    if (cdb_init(&table->read, table->fd) != 0) {
        return errno == EPROTO || errno == EINVAL ? -ERR_CORRUPT : os_last_error();
    }
    if (!looks_like_cdb(&table->read)) {
        cdb_free(&table->read);
        return -ERR_CORRUPT;
    }
    table->finished = true;
    return 0;
}

static int open_file(struct table *table, const struct sys_database *database, const char *path,
                     uint32_t mode_bits)
{
    bool creates = database->mode == SYS_DATABASE_CREATE;
    table->fd = open(path, O_CLOEXEC | (creates ? O_RDWR | O_CREAT | O_EXCL : O_RDONLY), mode_bits);
    if (table->fd < 0) {
        return os_last_error();
    }
    if (!creates) {
        return start_reading(table);
    }
    return cdb_make_start(&table->make, table->fd) == 0 ? 0 : os_last_error();
}

static int cdb_open(struct sys_database *database, const char *path, uint32_t mode_bits)
{
    if (database->mode == SYS_DATABASE_WRITE) {
        return -ERR_NOT_SUPPORTED;
    }
    struct table *table = mem_alloc(database->mem, sizeof(*table));
    int error = open_file(table, database, path, mode_bits);
    if (error != 0) {
        if (table->fd >= 0) {
            (void)close(table->fd);
        }
        mem_free(database->mem, table);
        return error;
    }
    database->handle = table;
    return 0;
}

static int finish(struct table *table)
{
    if (table->finished) {
        return 0;
    }
    table->finished = true;
    return cdb_make_finish(&table->make) == 0 ? 0 : os_last_error();
}

static int cdb_sync(struct sys_database *database)
{
    struct table *table = database->handle;
    int error = finish(table);
    if (error != 0) {
        return error;
    }
    return fsync(table->fd) == 0 ? 0 : os_last_error();
}

static void cdb_close(struct sys_database *database)
{
    struct table *table = database->handle;
    if (database->mode == SYS_DATABASE_READ) {
        cdb_free(&table->read);
    } else {
        int error = finish(table);
        (void)error;
    }
    (void)close(table->fd);
    mem_free(database->mem, table);
}

/* ---- pairs --------------------------------------------------------------------------------------------- */

/* A position outside the file shows that it is damaged. */
static int put_part(const struct table *table, unsigned size, unsigned position, struct buf *buf)
{
    const void *data = cdb_get(&table->read, size, position);
    if (data == NULL) {
        return -ERR_CORRUPT;
    }
    buf_put(buf, str_of(data, size));
    return 0;
}

static int cdb_get_value(struct sys_database *database, struct str key, struct buf *value)
{
    struct table *table = database->handle;
    if (database->mode != SYS_DATABASE_READ) {
        return -ERR_NOT_SUPPORTED;
    }
    int found = cdb_find(&table->read, key.data, (unsigned)key.size);
    if (found <= 0) {
        return found == 0 ? -ERR_NOT_FOUND : -ERR_CORRUPT;
    }
    return put_part(table, cdb_datalen(&table->read), cdb_datapos(&table->read), value);
}

static int cdb_put(struct sys_database *database, struct str key, struct str value)
{
    struct table *table = database->handle;
    if (table->finished) {
        return -ERR_NOT_SUPPORTED;
    }
    int result = cdb_make_put(&table->make, key.data, (unsigned)key.size, value.data,
                              (unsigned)value.size, CDB_PUT_REPLACE);
    return result >= 0 ? 0 : os_last_error();
}

static int cdb_remove(struct sys_database *database UNUSED, struct str key UNUSED)
{
    return -ERR_NOT_SUPPORTED;
}

static int cdb_next(struct sys_database *database, bool first, struct buf *key, struct buf *value)
{
    struct table *table = database->handle;
    struct cdb *read = &table->read;
    if (database->mode != SYS_DATABASE_READ) {
        return -ERR_NOT_SUPPORTED;
    }
    if (first) {
        cdb_seqinit(&table->position, read);
    }
    int found = cdb_seqnext(&table->position, read);
    if (found <= 0) {
        return found == 0 ? 0 : -ERR_CORRUPT;
    }
    int error = put_part(table, cdb_keylen(read), cdb_keypos(read), key);
    if (error == 0) {
        error = put_part(table, cdb_datalen(read), cdb_datapos(read), value);
    }
    return error == 0 ? 1 : error;
}

static void cdb_end_walk(struct sys_database *database UNUSED)
{
}

const struct database_engine database_cdb = {
    .open = cdb_open,
    .get = cdb_get_value,
    .put = cdb_put,
    .remove = cdb_remove,
    .next = cdb_next,
    .end_walk = cdb_end_walk,
    .sync = cdb_sync,
    .close = cdb_close,
};
