// SPDX-License-Identifier: ISC
#include "mail/bounce_file.h"

#include "sys/fs.h"

int bounce_file_load(struct sys *sys, int fd, struct buf *log)
{
    struct sys_stat stat;
    int error = sys_fstat(sys, fd, &stat);
    if (error != 0 || stat.size == 0) {
        return error;
    }
    char *room = stat.size > BOUNCE_FILE_BYTES_MAX ? NULL : buf_reserve(log, (size_t)stat.size);
    if (room == NULL) {
        return -ERR_FILE_TOO_LARGE;
    }
    long count = sys_pread(sys, fd, room, (size_t)stat.size, 0);
    if (count < 0) {
        return (int)count;
    }
    buf_grew(log, (size_t)count);
    return 0;
}

int bounce_file_read(struct queue *queue, enum queue_name records, struct str queue_id,
                     struct buf *log)
{
    int fd = queue_open_file(queue, records, queue_id, SYS_OPEN_READ, 0);
    if (fd < 0) {
        return fd == -ERR_NOT_FOUND ? 0 : fd;
    }
    int error = bounce_file_load(queue->sys, fd, log);
    sys_close(queue->sys, fd);
    return error;
}
