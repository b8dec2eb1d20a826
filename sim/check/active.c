// SPDX-License-Identifier: ISC
#include "check/active.h"

#include <stdio.h>
#include <string.h>

#include "world/disk.h"

struct walk {
    const struct disk *disk;
    char path[SYS_PATH_MAX]; /* of the directory, or of the file that is visited */
    struct str wanted;       /* an id to look for, or empty: none */
    char *found;             /* gets its path */
    int64_t count;
};

static void visit(void *argument, const char *name, const struct sys_stat *stat)
{
    struct walk *walk = argument;
    size_t size = strlen(walk->path);
    snprintf(walk->path + size, sizeof(walk->path) - size, "/%s", name);
    if (stat->kind == SYS_FILE_DIRECTORY) {
        disk_list(walk->disk, walk->path, visit, walk);
    } else if (walk->wanted.size > 0 && str_equal(walk->wanted, str_from(name))) {
        memcpy(walk->found, walk->path, SYS_PATH_MAX);
        walk->count++;
    } else if (walk->wanted.size == 0 && stat->kind == SYS_FILE_REGULAR) {
        walk->count++;
    }
    walk->path[size] = '\0';
}

static void walk_active(struct walk *walk, const char *queue_directory)
{
    snprintf(walk->path, sizeof(walk->path), "%s/active", queue_directory);
    disk_list(walk->disk, walk->path, visit, walk);
}

int64_t active_count(const struct disk *disk, const char *queue_directory)
{
    struct walk walk = {.disk = disk};
    walk_active(&walk, queue_directory);
    return walk.count;
}

bool active_find(const struct disk *disk, const char *queue_directory, struct str id,
                 char path[SYS_PATH_MAX])
{
    struct walk walk = {.disk = disk, .wanted = id, .found = path};
    walk_active(&walk, queue_directory);
    return walk.count > 0;
}
