// SPDX-License-Identifier: ISC
/* os/database - one table of functions for each database engine
 *
 * database.c checks arguments and keeps track of walks; the engine's file (database_berkeley.c,
 * database_lmdb.c, database_cdb.c) only translates.
 */
#ifndef OS_DATABASE_H
#define OS_DATABASE_H

#include "base/attribute.h"
#include "sys/database.h"

struct database_engine {
    /* The file's state hangs on database->handle; a failed open leaves nothing behind. */
    int (*open)(struct sys_database *database, const char *path, uint32_t mode_bits);
    int (*get)(struct sys_database *database, struct str key, struct buf *value);
    int (*put)(struct sys_database *database, struct str key, struct str value);
    int (*remove)(struct sys_database *database, struct str key);
    /* 1 with both put, 0 at the end. */
    int (*next)(struct sys_database *database, bool first, struct buf *key, struct buf *value);
    void (*end_walk)(struct sys_database *database);
    int (*sync)(struct sys_database *database);
    void (*close)(struct sys_database *database);
};

struct sys_database {
    const struct database_engine *engine;
    enum sys_database_type type;
    enum sys_database_mode mode;
    struct mem *mem;
    void *handle;
    bool walking;
    bool walk_broken; /* by a change; the next call says so */
};

extern const struct database_engine database_berkeley;
extern const struct database_engine database_lmdb;
extern const struct database_engine database_cdb;

#endif
