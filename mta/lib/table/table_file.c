// SPDX-License-Identifier: ISC
#include "table/table_file.h"

enum { TABLE_FILE_STEP = 64 * 1024 };

static int read_all(struct sys *sys, int fd, struct buf *text)
{
    int64_t offset = 0;
    for (;;) {
        char *room = buf_reserve(text, TABLE_FILE_STEP);
        if (room == NULL) {
            return -ERR_FILE_TOO_LARGE;
        }
        long count = sys_pread(sys, fd, room, TABLE_FILE_STEP, offset);
        if (count <= 0) {
            return (int)count;
        }
        buf_grew(text, (size_t)count);
        offset += count;
    }
}

int table_file_read(struct sys *sys, const char *path, struct buf *text, struct sys_stat *state)
{
    int fd = sys_open(sys, SYS_HERE, path, SYS_OPEN_READ, 0);
    if (fd < 0) {
        return fd;
    }
    struct sys_stat found;
    int error = sys_fstat(sys, fd, &found);
    if (error == 0 && found.kind != SYS_FILE_REGULAR) {
        error = found.kind == SYS_FILE_DIRECTORY ? -ERR_IS_DIRECTORY : -ERR_INVALID;
    }
    if (error == 0) {
        error = read_all(sys, fd, text);
    }
    sys_close(sys, fd);
    if (error == 0 && state != NULL) {
        *state = found;
    }
    return error;
}

bool table_file_is_same(const struct sys_stat *a, const struct sys_stat *b)
{
    return a->device == b->device && a->inode == b->inode && a->size == b->size &&
           a->mtime_wall_ns == b->mtime_wall_ns;
}
