// SPDX-License-Identifier: ISC
/* sys/database - embedded key-value files: Berkeley DB, LMDB, CDB in production; one ordered map
 * on the simulated disk in simulation
 *
 * A table is rebuilt as a new file that is synced and then renamed over the old one, so a reader
 * sees the old table or the new one.
 *
 * Limits    keys of 1 to SYS_DATABASE_KEY_MAX bytes (511, LMDB's), values up to
 *           SYS_DATABASE_VALUE_MAX
 * Errors    NOT_FOUND; CORRUPT for a file of another format; INVALID for an empty key, LIMIT for
 *           one or a value that is too long; ACCESS for a change of a file opened to read;
 *           NOT_SUPPORTED for an operation that the type lacks: CDB cannot change in place, and
 *           while it is created it takes puts only, up to the first sync
 * Memory    handles are the backend's; sys_database_close() ends them
 * Blocks    all waiting, for the disk only
 */
#ifndef SYS_DATABASE_H
#define SYS_DATABASE_H

#include "base/buf.h"
#include "sys/sys.h"

struct sys_database;

enum sys_database_type {
    SYS_DATABASE_HASH,  /* Berkeley DB; file name ends .db */
    SYS_DATABASE_BTREE, /* Berkeley DB; .db; scans in key order */
    SYS_DATABASE_LMDB,  /* .lmdb */
    SYS_DATABASE_CDB,   /* .cdb */
};

enum sys_database_mode {
    SYS_DATABASE_READ,
    SYS_DATABASE_WRITE,  /* read and change an existing file */
    SYS_DATABASE_CREATE, /* a new file; -ERR_EXISTS if it is there */
};

enum { SYS_DATABASE_KEY_MAX = 511, SYS_DATABASE_VALUE_MAX = 65536 };

/* path names the file itself, with its suffix; mode_bits apply to a new file. */
MUST_USE int sys_database_open(struct sys *sys, enum sys_database_type type, const char *path,
                               enum sys_database_mode mode, uint32_t mode_bits,
                               struct sys_database **database);
/* value is cleared first; 0 or -ERR_NOT_FOUND. */
MUST_USE int sys_database_get(struct sys *sys, struct sys_database *database, struct str key,
                              struct buf *value);
MUST_USE int sys_database_put(struct sys *sys, struct sys_database *database, struct str key,
                              struct str value); /* adds or replaces */
MUST_USE int sys_database_delete(struct sys *sys, struct sys_database *database, struct str key);
/* Walks all pairs: 1 with both set, 0 at the end, where the next call starts again. Any change
 * or sync ends the walk: the next call returns -ERR_INVALID, and the one after it starts again. */
MUST_USE int sys_database_next(struct sys *sys, struct sys_database *database, struct buf *key,
                               struct buf *value);
/* Makes all puts so far durable. */
MUST_USE int sys_database_sync(struct sys *sys, struct sys_database *database);
void sys_database_close(struct sys *sys, struct sys_database *database); /* accepts NULL */

#endif
