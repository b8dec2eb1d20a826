// SPDX-License-Identifier: ISC
#include "host/host_files.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/assert.h"

enum { READ_BYTES = 65536 };

void host_files_init(struct host_files *files, struct arena *arena)
{
    files->arena = arena;
    files->count = 0;
    files->paths = arena_alloc(arena, HOST_FILES_MAX * sizeof(files->paths[0]));
    assert(files->paths != NULL);
}

static bool add_directory(struct host_files *files, const char *path)
{
    struct dirent **entries;
    int count = scandir(path, &entries, NULL, alphasort);
    bool good = count >= 0;
    for (int i = 0; i < count; i++) {
        const char *name = entries[i]->d_name;
        struct str below = arena_printf(files->arena, "%s/%s", path, name);
        struct stat stat_buffer;
        bool hidden = name[0] == '.';
        if (!hidden && stat(below.data, &stat_buffer) == 0 &&
            (S_ISDIR(stat_buffer.st_mode) || str_ends_with(below, STR(".scn")))) {
            good = host_files_add(files, below.data) && good;
        }
        free(entries[i]);
    }
    if (count >= 0) {
        free(entries);
    }
    return good;
}

bool host_files_add(struct host_files *files, const char *path)
{
    struct stat stat_buffer;
    if (stat(path, &stat_buffer) != 0) {
        return false;
    }
    if (S_ISDIR(stat_buffer.st_mode)) {
        return add_directory(files, path);
    }
    assert(files->count < HOST_FILES_MAX);
    files->paths[files->count++] = path;
    return true;
}

bool host_file_read(const char *path, struct buf *content)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t count = fd < 0 ? -1 : 1;
    while (count > 0) {
        char *space = buf_reserve(content, READ_BYTES);
        count = space == NULL ? -1 : read(fd, space, READ_BYTES);
        if (count > 0) {
            buf_grew(content, (size_t)count);
        }
    }
    if (fd >= 0) {
        close(fd);
    }
    return count == 0;
}

bool host_file_write(int fd, struct str content)
{
    while (content.size > 0) {
        ssize_t count = write(fd, content.data, content.size);
        if (count < 0) {
            return false;
        }
        content = str_skip(content, (size_t)count);
    }
    return true;
}
