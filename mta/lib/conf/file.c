// SPDX-License-Identifier: ISC
#include "conf/file.h"

static int read_all(struct sys *sys, int fd, struct buf *out)
{
    struct sys_stat stat;
    int error = sys_fstat(sys, fd, &stat);
    if (error != 0) {
        return error;
    }
    if (stat.kind != SYS_FILE_REGULAR) {
        return stat.kind == SYS_FILE_DIRECTORY ? -ERR_IS_DIRECTORY : -ERR_INVALID;
    }
    char *room = buf_reserve(out, (size_t)stat.size);
    if (room == NULL) {
        return -ERR_FILE_TOO_LARGE;
    }
    long count = sys_pread(sys, fd, room, (size_t)stat.size, 0);
    if (count < 0) {
        return (int)count;
    }
    buf_grew(out, (size_t)count);
    return 0;
}

int file_read(struct sys *sys, const char *path, struct buf *out)
{
    int fd = sys_open(sys, SYS_HERE, path, SYS_OPEN_READ, 0);
    if (fd < 0) {
        return fd;
    }
    int error = read_all(sys, fd, out);
    sys_close(sys, fd);
    return error;
}

bool file_is_same(const struct sys_stat *a, const struct sys_stat *b)
{
    return a->device == b->device && a->inode == b->inode && a->size == b->size &&
           a->mtime_wall_ns == b->mtime_wall_ns;
}
