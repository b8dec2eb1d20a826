// SPDX-License-Identifier: ISC
/* Embedded databases: one ordered map for all types, read whole when it is opened and written
 * whole when it is synced or closed.
 *
 * Shape     "simulated database" NUL, the type (1 byte), then per pair the sizes of key and value
 *           (4 bytes each, highest first), key, value; in order of keys
 */
#include "sys/database.h"

#include <string.h>

#include "os/call.h"
#include "world/descriptor.h"
#include "world/disk.h"
#include "world/disk_inode.h"
#include "world/process.h"

enum { PAIRS_MAX = 10 * 1000 * 1000, SIZES_BYTES = 8, DATABASE_BYTES_MAX = DISK_FILE_BYTES_MAX };

static const char magic[] = "simulated database";

struct pair {
    struct str key;
    struct str value;
};

struct sys_database {
    struct mem *mem;
    int fd;
    enum sys_database_type type;
    enum sys_database_mode mode;
    struct pair *pairs; /* by key */
    size_t count;
    size_t capacity;
    size_t next; /* of a walk */
    bool walking;
    bool walk_broken; /* by a change; the next call says so */
    bool changed;     /* since the file was written */
    bool finished;    /* a CDB file cannot be changed any more */
};

static int leave(struct sys *sys, const char *call, struct str text, int result)
{
    return (int)call_leave(sys,
                           &(struct trace_record){.call = call, .text = text, .result = result});
}

/* ---- pairs --------------------------------------------------------------------------------- */

/* Where the key is, or would be. */
static size_t position_of(const struct sys_database *database, struct str key, bool *found)
{
    size_t low = 0;
    size_t high = database->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (str_compare(database->pairs[middle].key, key) < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    *found = low < database->count && str_equal(database->pairs[low].key, key);
    return low;
}

static struct str copy(struct mem *mem, struct str text)
{
    return str_of(mem_copy_str(mem, text), text.size);
}

static void drop(struct mem *mem, struct str text)
{
    mem_free(mem, (char *)(uintptr_t)text.data);
}

static void make_room(struct sys_database *database, size_t position)
{
    if (database->count == database->capacity) {
        database->capacity = database->capacity == 0 ? 64 : 2 * database->capacity;
        database->pairs = mem_resize(database->mem, database->pairs,
                                     database->capacity * sizeof(database->pairs[0]));
    }
    memmove(&database->pairs[position + 1], &database->pairs[position],
            (database->count - position) * sizeof(database->pairs[0]));
    database->count++;
}

static void put_pair(struct sys_database *database, struct str key, struct str value)
{
    bool found;
    size_t position = position_of(database, key, &found);
    struct pair *pair = NULL;
    if (found) {
        pair = &database->pairs[position];
        drop(database->mem, pair->value);
    } else {
        make_room(database, position);
        pair = &database->pairs[position];
        pair->key = copy(database->mem, key);
    }
    pair->value = copy(database->mem, value);
}

static int remove_pair(struct sys_database *database, struct str key)
{
    bool found;
    size_t position = position_of(database, key, &found);
    if (!found) {
        return -ERR_NOT_FOUND;
    }
    drop(database->mem, database->pairs[position].key);
    drop(database->mem, database->pairs[position].value);
    database->count--;
    memmove(&database->pairs[position], &database->pairs[position + 1],
            (database->count - position) * sizeof(database->pairs[0]));
    return 0;
}

/* ---- the file ------------------------------------------------------------------------------ */

static void put_u32(struct buf *out, uint32_t value)
{
    for (int shift = 24; shift >= 0; shift -= 8) {
        buf_put_char(out, (char)(value >> shift));
    }
}

static uint32_t take_u32(struct str *rest)
{
    uint32_t value = 0;
    for (int i = 0; i < 4; i++) {
        value = value << 8 | (unsigned char)rest->data[i];
    }
    *rest = str_skip(*rest, 4);
    return value;
}

static bool take_pair(struct sys_database *database, struct str *rest)
{
    if (rest->size < SIZES_BYTES) {
        return false;
    }
    size_t key_size = take_u32(rest);
    size_t value_size = take_u32(rest);
    if (key_size > rest->size || value_size > rest->size - key_size) {
        return false;
    }
    put_pair(database, str_first(*rest, key_size),
             str_first(str_skip(*rest, key_size), value_size));
    *rest = str_skip(*rest, key_size + value_size);
    return true;
}

static int parse_file(struct sys_database *database, struct str text)
{
    if (!str_starts_with(text, str_of(magic, sizeof(magic))) || text.size == sizeof(magic) ||
        (enum sys_database_type)text.data[sizeof(magic)] != database->type) {
        return -ERR_CORRUPT;
    }
    text = str_skip(text, sizeof(magic) + 1);
    while (text.size > 0) {
        if (!take_pair(database, &text)) {
            return -ERR_CORRUPT;
        }
    }
    return 0;
}

static struct disk_inode *inode_of(const struct sys *sys, const struct sys_database *database)
{
    return descriptor_get(sys, database->fd)->inode;
}

static int read_file(struct sys *sys, struct sys_database *database)
{
    struct sys_stat stat;
    disk_inode_stat(inode_of(sys, database), &stat);
    char *data = mem_alloc(database->mem, (size_t)stat.size);
    long size = disk_inode_read(inode_of(sys, database), data, (size_t)stat.size, 0);
    int error = parse_file(database, str_of(data, (size_t)size));
    mem_free(database->mem, data);
    return error;
}

static int write_file(struct sys *sys, struct sys_database *database)
{
    struct buf out;
    if (!database->changed) {
        return 0;
    }
    buf_init(&out, database->mem, DATABASE_BYTES_MAX);
    buf_put(&out, str_of(magic, sizeof(magic)));
    buf_put_char(&out, (char)database->type);
    for (size_t i = 0; i < database->count; i++) {
        put_u32(&out, (uint32_t)database->pairs[i].key.size);
        put_u32(&out, (uint32_t)database->pairs[i].value.size);
        buf_put(&out, database->pairs[i].key);
        buf_put(&out, database->pairs[i].value);
    }
    struct disk_inode *inode = inode_of(sys, database);
    long written = disk_inode_write(inode, out.data, out.size, 0);
    int error = written == (long)out.size ? disk_inode_truncate(inode, written) : -ERR_NO_SPACE;
    buf_done(&out);
    database->changed = error != 0;
    return error;
}

/* ---- open and close ------------------------------------------------------------------------ */

static void free_database(struct sys_database *database)
{
    for (size_t i = 0; i < database->count; i++) {
        drop(database->mem, database->pairs[i].key);
        drop(database->mem, database->pairs[i].value);
    }
    mem_free(database->mem, database->pairs);
    mem_free(database->mem, database);
}

static void close_file(struct sys *sys, int fd)
{
    struct open_file *file = descriptor_take(sys, fd);
    if (file != NULL) {
        open_file_drop(file, false);
    }
}

/* The file has a descriptor, so that it ends with the process. */
static int open_file_of(struct sys *sys, const char *path, enum sys_database_mode mode,
                        uint32_t mode_bits)
{
    static const unsigned flags[] = {
        [SYS_DATABASE_READ] = SYS_OPEN_READ,
        [SYS_DATABASE_WRITE] = SYS_OPEN_READ | SYS_OPEN_WRITE,
        [SYS_DATABASE_CREATE] =
            SYS_OPEN_READ | SYS_OPEN_WRITE | SYS_OPEN_CREATE | SYS_OPEN_EXCLUSIVE,
    };
    if (sys->descriptors_open >= sys->descriptor_max) {
        return -ERR_TOO_MANY_FILES;
    }
    struct disk_view view = process_view(sys);
    struct disk_inode *inode;
    int error = disk_open(sys->machine->disk, &view, path, flags[mode], mode_bits, &inode);
    if (error != 0) {
        return error;
    }
    return descriptor_add(sys, open_file_new(sys->world, OPEN_FILE_DISK, inode, NULL, flags[mode]));
}

static int open_database(struct sys *sys, struct sys_database *database, const char *path,
                         uint32_t mode_bits)
{
    if (database->type == SYS_DATABASE_CDB && database->mode == SYS_DATABASE_WRITE) {
        return -ERR_NOT_SUPPORTED;
    }
    database->fd = open_file_of(sys, path, database->mode, mode_bits);
    if (database->fd < 0) {
        return database->fd;
    }
    database->changed = database->mode == SYS_DATABASE_CREATE;
    int error = database->changed ? 0 : read_file(sys, database);
    if (error != 0) {
        close_file(sys, database->fd);
    }
    return error;
}

int sys_database_open(struct sys *sys, enum sys_database_type type, const char *path,
                      enum sys_database_mode mode, uint32_t mode_bits,
                      struct sys_database **database)
{
    int error = call_enter_path(sys, "database_open", SYS_HERE, path);
    struct sys_database *opened = mem_alloc(sys->mem, sizeof(*opened));
    *opened = (struct sys_database){.mem = sys->mem, .type = type, .mode = mode};
    if (error == 0) {
        error = open_database(sys, opened, path, mode_bits);
    }
    if (error == 0) {
        *database = opened;
    } else {
        free_database(opened);
    }
    return leave(sys, "database_open", str_from(path), error);
}

void sys_database_close(struct sys *sys, struct sys_database *database)
{
    if (database == NULL) {
        return;
    }
    int error = call_enter_file(sys, "database_close", database->fd);
    if (error == 0) {
        error = write_file(sys, database);
    }
    close_file(sys, database->fd);
    free_database(database);
    (void)leave(sys, "database_close", STR(""), error);
}

int sys_database_sync(struct sys *sys, struct sys_database *database)
{
    int error = call_enter_file(sys, "database_sync", database->fd);
    if (error == 0) {
        error = write_file(sys, database);
    }
    if (error == 0 && database->mode != SYS_DATABASE_READ) {
        struct disk *disk = sys->machine->disk;
        disk_sync_end(disk, inode_of(sys, database), disk_sync_start(disk));
        database->finished = database->type == SYS_DATABASE_CDB;
        database->walk_broken = database->walking;
        database->walking = false;
    }
    return leave(sys, "database_sync", STR(""), error);
}

/* ---- get and change ------------------------------------------------------------------------ */

static int check_key(struct str key)
{
    if (key.size == 0) {
        return -ERR_INVALID;
    }
    return key.size <= SYS_DATABASE_KEY_MAX ? 0 : -ERR_LIMIT;
}

static bool is_being_made(const struct sys_database *database)
{
    return database->type == SYS_DATABASE_CDB && database->mode != SYS_DATABASE_READ;
}

static int get_value(const struct sys_database *database, struct str key, struct buf *value)
{
    bool found;
    int error = check_key(key);
    if (error != 0) {
        return error;
    }
    if (is_being_made(database)) {
        return -ERR_NOT_SUPPORTED;
    }
    size_t position = position_of(database, key, &found);
    if (!found) {
        return -ERR_NOT_FOUND;
    }
    buf_put(value, database->pairs[position].value);
    return buf_error(value);
}

int sys_database_get(struct sys *sys, struct sys_database *database, struct str key,
                     struct buf *value)
{
    int error = call_enter_file(sys, "database_get", database->fd);
    buf_clear(value);
    return leave(sys, "database_get", key, error != 0 ? error : get_value(database, key, value));
}

/* A change ends a walk that is under way. */
static int check_change(struct sys_database *database, struct str key)
{
    int error = check_key(key);
    if (error != 0) {
        return error;
    }
    if (database->mode == SYS_DATABASE_READ) {
        return -ERR_ACCESS;
    }
    if (database->walking) {
        database->walking = false;
        database->walk_broken = true;
    }
    return database->finished ? -ERR_NOT_SUPPORTED : 0;
}

static int change_value(struct sys_database *database, struct str key, struct str value)
{
    if (value.size > SYS_DATABASE_VALUE_MAX) {
        return -ERR_LIMIT;
    }
    int error = check_change(database, key);
    if (error == 0) {
        error = database->count < PAIRS_MAX ? 0 : -ERR_LIMIT;
    }
    if (error == 0) {
        put_pair(database, key, value);
        database->changed = true;
    }
    return error;
}

int sys_database_put(struct sys *sys, struct sys_database *database, struct str key,
                     struct str value)
{
    int error = call_enter_file(sys, "database_put", database->fd);
    return leave(sys, "database_put", key, error != 0 ? error : change_value(database, key, value));
}

static int remove_value(struct sys_database *database, struct str key)
{
    int error = check_change(database, key);
    if (error != 0) {
        return error;
    }
    if (database->type == SYS_DATABASE_CDB) {
        return -ERR_NOT_SUPPORTED;
    }
    error = remove_pair(database, key);
    database->changed = database->changed || error == 0;
    return error;
}

int sys_database_delete(struct sys *sys, struct sys_database *database, struct str key)
{
    int error = call_enter_file(sys, "database_delete", database->fd);
    return leave(sys, "database_delete", key, error != 0 ? error : remove_value(database, key));
}

static int next_pair(struct sys_database *database, struct buf *key, struct buf *value)
{
    if (database->walk_broken) {
        database->walk_broken = false;
        return -ERR_INVALID;
    }
    buf_clear(key);
    buf_clear(value);
    if (is_being_made(database)) {
        return -ERR_NOT_SUPPORTED;
    }
    size_t next = database->walking ? database->next : 0;
    database->walking = next < database->count;
    if (!database->walking) {
        return 0;
    }
    buf_put(key, database->pairs[next].key);
    buf_put(value, database->pairs[next].value);
    database->next = next + 1;
    int error = buf_error(key) != 0 ? buf_error(key) : buf_error(value);
    return error != 0 ? error : 1;
}

int sys_database_next(struct sys *sys, struct sys_database *database, struct buf *key,
                      struct buf *value)
{
    int result = call_enter_file(sys, "database_next", database->fd);
    if (result == 0) {
        result = next_pair(database, key, value);
    }
    return leave(sys, "database_next", result == 1 ? buf_str(key) : STR(""), result);
}
