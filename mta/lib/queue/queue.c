// SPDX-License-Identifier: ISC
#include "queue/queue.h"

#include <string.h>

#include "base/assert.h"

enum { DIRECTORIES_MAX = 8192 };

static const char *const queue_directories[QUEUE_COUNT] = {
#define X(name, directory, mode) directory,
    QUEUE_LIST(X)
#undef X
};

/* ---- the handle ------------------------------------------------------------------------------ */

static void read_depths(struct queue *queue, const struct conf *conf)
{
    int depth = conf_int(conf, CONF_hash_queue_depth);
    if (depth > QUEUE_ID_DEPTH_MAX) {
        depth = QUEUE_ID_DEPTH_MAX;
    }
    struct str hashed = conf_text(conf, CONF_hash_queue_names);
    for (int name = 0; name < QUEUE_COUNT; name++) {
        bool is_hashed = conf_list_has(hashed, str_from(queue_directories[name]));
        queue->depth[name] = is_hashed && name != QUEUE_MAILDROP ? depth : 0;
    }
}

/* The syncs of one directory, shared by all fibers of the process. */
static int find_sync(struct queue *queue, struct str directory, struct queue_sync **sync)
{
    *sync = map_get(&queue->syncs, directory);
    if (*sync != NULL) {
        return 0;
    }
    struct mem *mem = sys_mem(queue->sys);
    char *path = mem_copy_str(mem, directory);
    *sync = mem_alloc(mem, sizeof **sync);
    queue_sync_init(*sync, queue->sys, path);
    int error = map_put(&queue->syncs, directory, *sync);
    if (error != 0) {
        mem_free(mem, path);
        mem_free(mem, *sync);
    }
    return error;
}

int queue_open(struct queue *queue, struct sys *sys, const struct conf *conf)
{
    *queue = (struct queue){.sys = sys, .long_ids = conf_bool(conf, CONF_enable_long_queue_ids)};
    read_depths(queue, conf);
    map_init(&queue->syncs, sys_mem(sys), DIRECTORIES_MAX);
    return 0;
}

int queue_open_sync(struct queue *queue, enum queue_name name)
{
    struct queue_sync *sync;
    int error = find_sync(queue, str_from(queue_directories[name]), &sync);
    return error != 0 ? error : queue_sync_open(sync);
}

void queue_close(struct queue *queue)
{
    if (queue->sys == NULL) {
        return;
    }
    struct mem *mem = sys_mem(queue->sys);
    for (struct map_entry *entry = map_next(&queue->syncs, NULL); entry != NULL;
         entry = map_next(&queue->syncs, entry)) {
        struct queue_sync *sync = entry->value;
        queue_sync_done(sync);
        mem_free(mem, (char *)sync->path);
        mem_free(mem, sync);
    }
    map_done(&queue->syncs);
}

/* ---- paths ----------------------------------------------------------------------------------- */

const char *queue_directory(enum queue_name name)
{
    assert(name < QUEUE_COUNT);
    return queue_directories[name];
}

bool queue_find(struct str directory, enum queue_name *name)
{
    for (int i = 0; i < QUEUE_COUNT; i++) {
        if (str_equal(directory, str_from(queue_directories[i]))) {
            *name = (enum queue_name)i;
            return true;
        }
    }
    return false;
}

/* Makes the path longer; size counts no NUL. A path is made for each look at a file. */
static size_t add(char path[QUEUE_PATH_SIZE], size_t size, struct str part)
{
    assert(part.size < QUEUE_PATH_SIZE - size);
    memcpy(path + size, part.data, part.size);
    path[size + part.size] = '\0';
    return size + part.size;
}

/* "deferred/A/", with its last slash. */
static size_t directory_of(const struct queue *queue, enum queue_name name, struct str id,
                           char path[QUEUE_PATH_SIZE])
{
    char levels[QUEUE_ID_PATH_SIZE];
    size_t size = add(path, 0, str_from(queue_directory(name)));
    size = add(path, size, STR("/"));
    return add(path, size, str_from(queue_id_directory(id, queue->depth[name], levels)));
}

const char *queue_path(const struct queue *queue, enum queue_name name, struct str id,
                       char path[QUEUE_PATH_SIZE])
{
    assert(queue_id_is_valid(id));
    size_t size = directory_of(queue, name, id, path);
    (void)add(path, size, id);
    return path;
}

/* ---- sub-directories ------------------------------------------------------------------------- */

static int sync_path(struct queue *queue, struct str directory)
{
    struct queue_sync *sync;
    int error = find_sync(queue, directory, &sync);
    return error != 0 ? error : queue_sync_wait(sync);
}

/* Who made a level may not have synced its name yet, or in vain: whoever puts a file below it cannot
 * rely on that. path ends with the level's name. */
static int make_level(struct queue *queue, const char *path, struct str parent, bool is_missing)
{
    struct queue_sync *sync;
    int error = find_sync(queue, str_from(path), &sync);
    if (error != 0 || (sync->name_is_durable && !is_missing)) {
        return error;
    }
    error = sys_mkdir(queue->sys, SYS_HERE, path, 0700);
    if (error == 0 || error == -ERR_EXISTS) {
        error = sync_path(queue, parent);
        sync->name_is_durable = error == 0;
    }
    return error;
}

/* The levels between the queue and the file are there, each durable in its parent. is_missing: one of
 * them is not, whatever is known of it. */
static int make_levels(struct queue *queue, enum queue_name name, struct str id, bool is_missing)
{
    char path[QUEUE_PATH_SIZE];
    size_t size = directory_of(queue, name, id, path);
    size_t parent_size = strlen(queue_directory(name));
    int error = 0;
    for (size_t i = parent_size + 1; i < size && error == 0; i++) {
        if (path[i] == '/') {
            path[i] = '\0';
            error = make_level(queue, path, str_of(path, parent_size), is_missing);
            path[i] = '/';
            parent_size = i;
        }
    }
    return error;
}

int queue_sync(struct queue *queue, enum queue_name name, struct str id)
{
    char path[QUEUE_PATH_SIZE];
    size_t size = directory_of(queue, name, id, path);
    int error = make_levels(queue, name, id, false);
    return error != 0 ? error : sync_path(queue, str_of(path, size - 1));
}

/* ---- files ----------------------------------------------------------------------------------- */

/* The time of the next attempt lies ahead of every access: kept, the time of access would be written
 * to the disk each time that somebody lists the queue. */
int queue_open_file(struct queue *queue, enum queue_name name, struct str id, unsigned flags,
                    uint32_t mode)
{
    char path[QUEUE_PATH_SIZE];
    queue_path(queue, name, id, path);
    flags |= SYS_OPEN_NO_FOLLOW | SYS_OPEN_NO_ATIME;
    int fd = sys_open(queue->sys, SYS_HERE, path, flags, mode);
    if (fd != -ERR_NOT_FOUND || (flags & SYS_OPEN_CREATE) == 0 || queue->depth[name] == 0) {
        return fd;
    }
    int error = make_levels(queue, name, id, true);
    if (error != 0) {
        return error;
    }
    return sys_open(queue->sys, SYS_HERE, path, flags, mode);
}

int queue_remove(struct queue *queue, enum queue_name name, struct str id)
{
    char path[QUEUE_PATH_SIZE];
    return sys_unlink(queue->sys, SYS_HERE, queue_path(queue, name, id, path));
}

/* From where mail comes to where it goes, twice: a file that goes the other way between two looks is
 * seen in the second round. */
int queue_has_message(struct queue *queue, struct str id)
{
    static const enum queue_name names[] = {QUEUE_INCOMING, QUEUE_ACTIVE, QUEUE_DEFERRED,
                                            QUEUE_HOLD, QUEUE_CORRUPT};
    enum { NAME_COUNT = sizeof names / sizeof names[0], ROUNDS = 2 };
    for (int i = 0; i < ROUNDS * NAME_COUNT; i++) {
        char path[QUEUE_PATH_SIZE];
        struct sys_stat stat;
        queue_path(queue, names[i % NAME_COUNT], id, path);
        int error = sys_stat(queue->sys, SYS_HERE, path, &stat);
        if (error != -ERR_NOT_FOUND) {
            return error == 0 ? 1 : error;
        }
    }
    return 0;
}

/* Both names are there: drops the old one if they are the same file. */
static int drop_second_name(struct queue *queue, const char *old, const char *kept)
{
    struct sys_stat old_stat;
    struct sys_stat kept_stat;
    int error = sys_stat(queue->sys, SYS_HERE, old, &old_stat);
    if (error != 0) {
        return error;
    }
    error = sys_stat(queue->sys, SYS_HERE, kept, &kept_stat);
    if (error != 0) {
        return error;
    }
    if (old_stat.device != kept_stat.device || old_stat.inode != kept_stat.inode) {
        return -ERR_EXISTS;
    }
    return sys_unlink(queue->sys, SYS_HERE, old);
}

int queue_place(struct queue *queue, enum queue_name name, struct str id, const char *path)
{
    char new[QUEUE_PATH_SIZE];
    queue_path(queue, name, id, new);
    int error = make_levels(queue, name, id, false);
    if (error == 0) {
        error = sys_rename(queue->sys, SYS_HERE, path, SYS_HERE, new, true);
    }
    if (error == -ERR_NOT_FOUND && queue->depth[name] > 0) {
        error = make_levels(queue, name, id, true);
        if (error == 0) {
            error = sys_rename(queue->sys, SYS_HERE, path, SYS_HERE, new, true);
        }
    }
    return error == -ERR_EXISTS ? drop_second_name(queue, path, new) : error;
}

int queue_move(struct queue *queue, enum queue_name from, enum queue_name to, struct str id)
{
    char path[QUEUE_PATH_SIZE];
    return queue_place(queue, to, id, queue_path(queue, from, id, path));
}

/* What fails here makes a difference only after a power cut. */
void queue_mark_queued(struct queue *queue, enum queue_name name, struct str id)
{
    struct sys_stat stat;
    int fd = queue_open_file(queue, name, id, SYS_OPEN_READ | SYS_OPEN_WRITE, 0);
    int error = fd < 0 ? fd : sys_fstat(queue->sys, fd, &stat);
    error = error != 0 ? error : sys_chmod(queue->sys, fd, stat.mode | QUEUE_MODE_WAS_QUEUED);
    error = error != 0 ? error : sys_fsync(queue->sys, fd);
    (void)error;
    if (fd >= 0) {
        sys_close(queue->sys, fd);
    }
}

int queue_put_aside(struct queue *queue, enum queue_name name, struct str id)
{
    queue_mark_queued(queue, name, id);
    return queue_move(queue, name, QUEUE_CORRUPT, id);
}
