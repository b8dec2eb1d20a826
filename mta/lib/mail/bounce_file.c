// SPDX-License-Identifier: ISC
#include "mail/bounce_file.h"

#include "sys/fs.h"

enum { FIRST_BYTES = 4000 }; /* a buffer of one page has room for them */

/* Bytes read, fewer than size only at the end of the file. */
static long load_part(struct sys *sys, int fd, int64_t offset, size_t size, struct buf *log)
{
    char *room = buf_reserve(log, size);
    if (room == NULL) {
        return -ERR_FILE_TOO_LARGE;
    }
    long count = sys_pread(sys, fd, room, size, offset);
    if (count > 0) {
        buf_grew(log, (size_t)count);
    }
    return count;
}

/* Most logs are of one recipient: the first read tells that they end there. */
int bounce_file_load(struct sys *sys, int fd, struct buf *log)
{
    struct sys_stat stat;
    long count = load_part(sys, fd, 0, FIRST_BYTES, log);
    if (count < FIRST_BYTES) {
        return count < 0 ? (int)count : 0;
    }
    int error = sys_fstat(sys, fd, &stat);
    if (error != 0 || stat.size <= FIRST_BYTES) {
        return error;
    }
    if (stat.size > BOUNCE_FILE_BYTES_MAX) {
        return -ERR_FILE_TOO_LARGE;
    }
    count = load_part(sys, fd, FIRST_BYTES, (size_t)stat.size - FIRST_BYTES, log);
    return count < 0 ? (int)count : 0;
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
