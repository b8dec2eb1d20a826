// SPDX-License-Identifier: ISC
#include "check/durability.h"

#include <stdio.h>

#include "base/assert.h"
#include "world/disk.h"

enum { IDS_MAX = 5 * 1000 * 1000 };

void durability_init(struct durability *durability, struct mem *mem, const struct disk *disk,
                     const char *queue_directory, struct failures *failures)
{
    *durability = (struct durability){disk, queue_directory, {.mem = NULL}, failures};
    map_init(&durability->durable, mem, IDS_MAX);
}

void durability_done(struct durability *durability)
{
    map_done(&durability->durable);
}

/* Where mail is accepted. */
static const char *const entrances[] = {"incoming", "maildrop"};

struct visit {
    struct durability *durability;
    const char *directory;
};

/* Down into the levels of a hashed queue as well. */
static void note_durable(void *argument, const char *name, const struct sys_stat *stat)
{
    const struct visit *visit = argument;
    struct durability *durability = visit->durability;
    char path[SYS_PATH_MAX];
    snprintf(path, sizeof(path), "%s/%s", visit->directory, name);
    if (stat->kind == SYS_FILE_DIRECTORY) {
        struct visit below = {durability, path};
        disk_list(durability->disk, path, note_durable, &below);
        return;
    }
    if (stat->kind == SYS_FILE_REGULAR && map_get(&durability->durable, str_from(name)) == NULL &&
        disk_is_durable(durability->disk, path)) {
        int error = map_put(&durability->durable, str_from(name), durability);
        assert(error == 0);
    }
}

void durability_synced(struct durability *durability, struct str path)
{
    for (size_t i = 0; i < sizeof(entrances) / sizeof(entrances[0]); i++) {
        char directory[SYS_PATH_MAX];
        struct visit visit = {durability, directory};
        snprintf(directory, sizeof(directory), "%s/%s", durability->queue_directory, entrances[i]);
        if (str_starts_with(path, str_from(directory))) {
            disk_list(durability->disk, directory, note_durable, &visit);
        }
    }
}

/* A file that is not durable: what is missing. The queue manager may have moved it already. */
static const char *missing_sync(const struct durability *durability, struct str id)
{
    static const char *const directories[] = {"incoming", "active", "maildrop"};
    for (size_t i = 0; i < sizeof(directories) / sizeof(directories[0]); i++) {
        char path[SYS_PATH_MAX];
        struct sys_stat stat;
        snprintf(path, sizeof(path), "%s/%s/%.*s", durability->queue_directory, directories[i],
                 STR_ARG(id));
        if (disk_stat(durability->disk, path, &stat) == 0) {
            return disk_is_synced(durability->disk, path) ? "its directory entry was synced"
                                                          : "the file was synced";
        }
    }
    return "there was a file";
}

void durability_written(struct durability *durability, struct str data)
{
    static const struct str before = STR_INIT("queued as ");
    ptrdiff_t start = str_find_str(data, before);
    if (start < 0) {
        return;
    }
    struct str id = str_skip(data, (size_t)start + before.size);
    size_t size = 0;
    while (size < id.size && char_is_alnum(id.data[size])) {
        size++;
    }
    id = str_first(id, size);
    if (map_get(&durability->durable, id) == NULL) {
        failure_add(durability->failures,
                    "durable before 250: the client was told \"queued as %.*s\" before %s",
                    STR_ARG(id), missing_sync(durability, id));
    }
}
