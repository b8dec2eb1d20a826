// SPDX-License-Identifier: ISC
#include "table/table_build.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/arena.h"
#include "base/map.h"
#include "sys/clock.h"
#include "sys/fs.h"
#include "sys/process.h"

enum { TABLE_BUILD_LOCK_TRIES = 10 };

struct table_build {
    struct sys *sys;
    const struct table_database_type *type;
    bool has_nul;
    uint32_t mode_bits;
    char path[SYS_PATH_MAX];
    char new_path[SYS_PATH_MAX];
    int locked_fd;      /* the old file while it is being changed, or -1 */
    struct map entries; /* key to struct str *, in the order of the source */
    struct arena values;
};

static int PRINTF_LIKE(3, 4) fail(int error, char why[TABLE_WHY_MAX], const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(why, TABLE_WHY_MAX, format, arguments);
    va_end(arguments);
    return error;
}

/* ---- the table there is ------------------------------------------------------------------------------ */

/* The file at path, locked. Whoever held the lock before may have put another file in its place:
 * then that one is locked. */
static int lock_file(struct table_build *build)
{
    int64_t deadline_ns = sys_deadline(build->sys, TABLE_BUILD_LOCK_NS);
    for (int i = 0; i < TABLE_BUILD_LOCK_TRIES; i++) {
        int fd = sys_open(build->sys, SYS_HERE, build->path, SYS_OPEN_READ | SYS_OPEN_WRITE, 0);
        if (fd < 0) {
            return fd;
        }
        struct sys_stat locked;
        struct sys_stat named;
        int error = sys_lock(build->sys, fd, true, deadline_ns);
        if (error == 0) {
            error = sys_fstat(build->sys, fd, &locked);
        }
        if (error == 0) {
            error = sys_stat(build->sys, SYS_HERE, build->path, &named);
        }
        if (error == 0 && locked.inode == named.inode && locked.device == named.device) {
            build->locked_fd = fd;
            build->mode_bits = locked.mode & 0777;
            return 0;
        }
        sys_close(build->sys, fd);
        if (error != 0) {
            return error;
        }
    }
    return -ERR_LOCKED;
}

static int copy_entries(struct table_build *build, struct sys_database *database)
{
    struct mem *mem = sys_mem(build->sys);
    struct buf key;
    struct buf value;
    buf_init(&key, mem, SYS_DATABASE_KEY_MAX);
    buf_init(&value, mem, SYS_DATABASE_VALUE_MAX);
    int more = sys_database_next(build->sys, database, &key, &value);
    while (more > 0) {
        build->has_nul = table_database_has_nul(buf_str(&key));
        int error = table_build_put(build, table_database_strip(buf_str(&key)),
                                    table_database_strip(buf_str(&value)), true);
        more = error != 0 ? error : sys_database_next(build->sys, database, &key, &value);
    }
    buf_done(&key);
    buf_done(&value);
    return more;
}

static int read_old(struct table_build *build)
{
    int error = lock_file(build);
    if (error != 0) {
        return error;
    }
    struct sys_database *database = NULL;
    error = sys_database_open(build->sys, build->type->type, build->path, SYS_DATABASE_READ, 0,
                              &database);
    if (error == 0) {
        error = copy_entries(build, database);
        sys_database_close(build->sys, database);
    }
    return error;
}

/* ---- open and change --------------------------------------------------------------------------------- */

/* Both paths; false when they are too long. */
static bool set_paths(struct table_build *build, struct str name)
{
    int size =
        snprintf(build->path, sizeof(build->path), "%.*s%s", STR_ARG(name), build->type->suffix);
    int new_size = snprintf(build->new_path, sizeof(build->new_path), "%.*s.%d.new%s",
                            STR_ARG(name), sys_pid(build->sys), build->type->suffix);
    return size < SYS_PATH_MAX && new_size < SYS_PATH_MAX;
}

int table_build_open(struct sys *sys, const struct table_build_options *options,
                     struct table_build **build, char why[TABLE_WHY_MAX])
{
    struct table_build *opened = mem_alloc(sys_mem(sys), sizeof(*opened));
    opened->sys = sys;
    opened->type = options->type;
    opened->has_nul = !options->without_nul;
    opened->mode_bits = options->mode_bits;
    opened->locked_fd = -1;
    map_init(&opened->entries, sys_mem(sys), TABLE_BUILD_ENTRIES_MAX);
    arena_init(&opened->values, sys_mem(sys), SIZE_MAX);
    int error = set_paths(opened, options->name) ? 0 : -ERR_NAME_TOO_LONG;
    if (error == 0 && options->from_old) {
        error = read_old(opened);
    }
    if (error != 0) {
        fail(error, why, "open database %s: %s", opened->path, err_sentence(error));
        table_build_abort(opened);
        opened = NULL;
    }
    *build = opened;
    return error;
}

void table_build_abort(struct table_build *build)
{
    if (build == NULL) {
        return;
    }
    sys_close(build->sys, build->locked_fd);
    map_done(&build->entries);
    arena_done(&build->values);
    mem_free(sys_mem(build->sys), build);
}

int table_build_put(struct table_build *build, struct str key, struct str value, bool replace)
{
    if (!replace && map_get(&build->entries, key) != NULL) {
        return -ERR_EXISTS;
    }
    if (key.size >= SYS_DATABASE_KEY_MAX || value.size >= SYS_DATABASE_VALUE_MAX) {
        return -ERR_LIMIT;
    }
    struct str *kept = arena_alloc(&build->values, sizeof(*kept));
    if (kept == NULL) {
        return -ERR_LIMIT;
    }
    *kept = arena_copy(&build->values, value);
    return kept->data == NULL ? -ERR_LIMIT : map_put(&build->entries, key, kept);
}

int table_build_remove(struct table_build *build, struct str key)
{
    return map_remove(&build->entries, key) == NULL ? -ERR_NOT_FOUND : 0;
}

/* ---- commit ------------------------------------------------------------------------------------------ */

static int put_entries(struct table_build *build, struct sys_database *database)
{
    const struct map_entry *entry = map_next(&build->entries, NULL);
    for (; entry != NULL; entry = map_next(&build->entries, entry)) {
        const struct str *value = entry->value;
        int error = table_database_put(build->sys, database, build->has_nul, entry->key, *value);
        if (error != 0) {
            return error;
        }
    }
    return 0;
}

static int write_file(struct table_build *build)
{
    struct sys_database *database = NULL;
    int error = sys_database_open(build->sys, build->type->type, build->new_path,
                                  SYS_DATABASE_CREATE, build->mode_bits, &database);
    if (error == 0) {
        error = put_entries(build, database);
    }
    if (error == 0) {
        error = sys_database_sync(build->sys, database);
    }
    sys_database_close(build->sys, database);
    return error;
}

/* The directory that holds path. */
static void directory_of(const char *path, char directory[SYS_PATH_MAX])
{
    ptrdiff_t slash = str_find_last(str_from(path), '/');
    if (slash < 0) {
        snprintf(directory, SYS_PATH_MAX, ".");
    } else {
        snprintf(directory, SYS_PATH_MAX, "%.*s", slash == 0 ? 1 : (int)slash, path);
    }
}

static int sync_directory(struct table_build *build)
{
    char directory[SYS_PATH_MAX];
    directory_of(build->path, directory);
    int fd = sys_open(build->sys, SYS_HERE, directory, SYS_OPEN_READ | SYS_OPEN_DIRECTORY, 0);
    if (fd < 0) {
        return fd;
    }
    int error = sys_fsync(build->sys, fd);
    sys_close(build->sys, fd);
    return error;
}

static int write_and_rename(struct table_build *build)
{
    int error = write_file(build);
    if (error == 0) {
        error = sys_rename(build->sys, SYS_HERE, build->new_path, SYS_HERE, build->path, false);
    }
    if (error != 0) {
        /* Best effort: a leftover with our pid in its name is in nobody's way. */
        (void)!sys_unlink(build->sys, SYS_HERE, build->new_path);
        return error;
    }
    return sync_directory(build);
}

int table_build_commit(struct table_build *build, char why[TABLE_WHY_MAX])
{
    int error = write_and_rename(build);
    if (error != 0) {
        fail(error, why, "write database %s: %s", build->path, err_sentence(error));
    }
    table_build_abort(build);
    return error;
}
