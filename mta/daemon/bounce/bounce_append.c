// SPDX-License-Identifier: ISC
#include "bounce/bounce_append.h"

#include "bounce/bounce_open.h"
#include "mail/bounce_file.h"
#include "sys/fs.h"

enum { TAIL_BYTES = 2 };

/* Where the next record goes: behind the last whole one. Only a log that a crash has cut off does
 * not end in an empty line, and only then the whole of it is read. */
static int find_end(struct sys *sys, int fd, int64_t size, int64_t *end)
{
    char tail[TAIL_BYTES] = {'\n', '\n'};
    *end = size;
    if (size >= TAIL_BYTES) {
        long count = sys_pread(sys, fd, tail, TAIL_BYTES, size - TAIL_BYTES);
        if (count < 0) {
            return (int)count;
        }
    }
    if (size == 0 || (size >= TAIL_BYTES && tail[0] == '\n' && tail[1] == '\n')) {
        return 0;
    }
    struct buf log;
    buf_init(&log, sys_mem(sys), BOUNCE_FILE_BYTES_MAX);
    int error = bounce_file_load(sys, fd, &log);
    if (error == 0) {
        *end = (int64_t)bounce_log_complete_size(buf_str(&log));
        error = sys_truncate(sys, fd, *end);
    }
    buf_done(&log);
    return error;
}

static int write_durably(struct sys *sys, int fd, struct str bytes, int64_t offset)
{
    while (bytes.size > 0) {
        long count = sys_pwrite(sys, fd, bytes.data, bytes.size, offset);
        if (count < 0) {
            return (int)count;
        }
        bytes = str_skip(bytes, (size_t)count);
        offset += count;
    }
    return sys_fsync(sys, fd);
}

/* Adds the bytes to a log that is open and locked. Nobody is told of a recipient that is tried
 * again: when any of it fails, nothing of the record stays. */
static int append_bytes(struct bounce_state *state, struct str queue_id, int fd, int64_t size,
                        struct str bytes)
{
    struct sys *sys = state->sys;
    int64_t end;
    int error = find_end(sys, fd, size, &end);
    if (error != 0) {
        return error;
    }
    if (end + (int64_t)bytes.size > BOUNCE_FILE_BYTES_MAX) {
        return -ERR_FILE_TOO_LARGE;
    }
    error = write_durably(sys, fd, bytes, end);
    error = error != 0 ? error : queue_sync(&state->queue, state->records, queue_id);
    if (error != 0) {
        int undone = sys_truncate(sys, fd, end);
        (void)undone; /* nothing else can be tried: one of the windows for duplicates */
    }
    return error;
}

int bounce_append(struct bounce_state *state, struct str queue_id,
                  const struct bounce_record *record)
{
    struct sys_stat stat;
    int fd = bounce_open(state, queue_id, SYS_OPEN_CREATE, &stat);
    if (fd < 0) {
        return fd;
    }
    struct buf bytes;
    buf_init(&bytes, sys_mem(state->sys), BOUNCE_LOG_RECORD_MAX);
    bounce_log_write(&bytes, record);
    int error = buf_error(&bytes);
    if (error == 0) {
        error = append_bytes(state, queue_id, fd, stat.size, buf_str(&bytes));
    }
    buf_done(&bytes);
    sys_close(state->sys, fd);
    return error;
}
