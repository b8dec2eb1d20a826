// SPDX-License-Identifier: ISC
#include "queue/queue_file.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/assert.h"
#include "sys/clock.h"
#include "sys/process.h"

/* Whoever submits a message owns its file, which pickup must be able to read; other users are kept
 * out by the directory. */
enum { MODE_UNFINISHED = 0600, MODE_READY = 0700, MODE_MAILDROP = 0744 };

enum { FLUSH_BYTES = QUEUE_FILE_BUFFER_MAX - QUEUE_RECORD_DATA_MAX - QUEUE_RECORD_HEAD_MAX };

/* ---- creation -------------------------------------------------------------------------------- */

static void name_temporary(struct queue_file *file, int64_t wall_ns)
{
    struct queue *queue = file->queue;
    snprintf(file->path, sizeof file->path, "%s/%" PRId64 ".%d.%" PRIu32,
             queue_directory(file->name), wall_ns, sys_pid(queue->sys), queue->file_count);
    queue->file_count++;
}

static void name_by_inode(struct queue_file *file, int64_t wall_ns, uint64_t inode)
{
    if (file->queue->long_ids) {
        queue_id_write_long(wall_ns, inode, file->id);
    } else {
        queue_id_write_short(wall_ns, inode, file->id);
    }
}

static int open_temporary(struct queue_file *file)
{
    struct sys *sys = file->queue->sys;
    int64_t wall_ns = sys_wall_ns(sys);
    name_temporary(file, wall_ns);
    unsigned flags = SYS_OPEN_READ | SYS_OPEN_WRITE | SYS_OPEN_CREATE | SYS_OPEN_EXCLUSIVE;
    file->fd = sys_open(sys, SYS_HERE, file->path, flags, MODE_UNFINISHED);
    if (file->fd < 0) {
        return file->fd;
    }
    int error = sys_lock(sys, file->fd, true, 0);
    if (error != 0) {
        return error;
    }
    struct sys_stat stat;
    error = sys_fstat(sys, file->fd, &stat);
    if (error == 0) {
        name_by_inode(file, wall_ns, stat.inode);
    }
    return error;
}

static void leave_room_for_size(struct queue_file *file)
{
    static const char blanks[] = "                                                            "
                                 "                                                            ";
    queue_file_put(file, QUEUE_RECORD_SIZE, str_of(blanks, QUEUE_RECORD_SIZE_BYTES));
}

int queue_file_create(struct queue *queue, enum queue_name name, struct queue_file *file)
{
    *file = (struct queue_file){.queue = queue, .name = name, .fd = -1};
    buf_init(&file->buffer, sys_mem(queue->sys), QUEUE_FILE_BUFFER_MAX);
    int error = open_temporary(file);
    if (error != 0) {
        queue_file_abort(file);
        return error;
    }
    if (name == QUEUE_INCOMING) {
        leave_room_for_size(file);
    }
    return 0;
}

/* ---- content --------------------------------------------------------------------------------- */

static int write_at(struct sys *sys, int fd, struct str bytes, int64_t offset)
{
    while (bytes.size > 0) {
        long count = sys_pwrite(sys, fd, bytes.data, bytes.size, offset);
        if (count < 0) {
            return (int)count;
        }
        bytes = str_skip(bytes, (size_t)count);
        offset += count;
    }
    return 0;
}

static void flush(struct queue_file *file)
{
    if (file->error != 0 || file->buffer.size == 0) {
        return;
    }
    file->error = write_at(file->queue->sys, file->fd, buf_str(&file->buffer), file->offset);
    file->offset += (int64_t)file->buffer.size;
    buf_clear(&file->buffer);
}

void queue_file_put(struct queue_file *file, enum queue_record_type type, struct str data)
{
    if (file->error != 0) {
        return;
    }
    if (data.size > QUEUE_RECORD_DATA_MAX) {
        file->error = -ERR_LIMIT;
        return;
    }
    queue_record_write(&file->buffer, type, data);
    if (file->buffer.size >= FLUSH_BYTES) {
        flush(file);
    }
}

void queue_file_put_named(struct queue_file *file, enum queue_record_type type, struct str data)
{
    struct buf attribute;
    buf_init(&attribute, sys_mem(file->queue->sys), QUEUE_FILE_NAMED_MAX);
    buf_putf(&attribute, "%s=%.*s", queue_record_attribute_name(type), STR_ARG(data));
    if (buf_error(&attribute) != 0 && file->error == 0) {
        file->error = buf_error(&attribute);
    }
    queue_file_put(file, QUEUE_RECORD_ATTRIBUTE, buf_str(&attribute));
    buf_done(&attribute);
}

int64_t queue_file_offset(const struct queue_file *file)
{
    return file->offset + (int64_t)file->buffer.size;
}

/* ---- commit ---------------------------------------------------------------------------------- */

/* The SIZE record leads the file: it is still in the buffer, or written already. */
static void write_size(struct queue_file *file, const struct queue_record_size *size)
{
    char text[QUEUE_RECORD_SIZE_BYTES + 1];
    queue_record_size_write(size, text);
    size_t head = queue_record_bytes(str_from(text)) - QUEUE_RECORD_SIZE_BYTES;
    if (file->offset == 0) {
        memcpy(file->buffer.data + head, text, QUEUE_RECORD_SIZE_BYTES);
    } else if (file->error == 0) {
        file->error = write_at(file->queue->sys, file->fd, str_from(text), (int64_t)head);
    }
}

/* The file's own sync, in a fiber beside that of its directory. */
struct file_sync {
    int fd;
    int error;
};

static void sync_file(struct sys *sys, void *argument)
{
    struct file_sync *sync = argument;
    sync->error = sys_fsync(sys, sync->fd);
}

static int sync_file_and_directory(struct queue_file *file)
{
    struct sys *sys = file->queue->sys;
    struct file_sync sync = {.fd = file->fd};
    struct sys_group group;
    sys_group_init(&group);
    int error = sys_fiber_start(sys, &group, sync_file, &sync);
    if (error != 0) {
        return error;
    }
    error = queue_sync(file->queue, file->name, str_from(file->id));
    sys_group_join(sys, &group);
    return error != 0 ? error : sync.error;
}

/* The name first: what lies under a temporary name is never ready, whatever a crash leaves. */
static int publish(struct queue_file *file)
{
    struct sys *sys = file->queue->sys;
    struct str id = str_from(file->id);
    int error = queue_place(file->queue, file->name, id, file->path);
    if (error != 0) {
        return error;
    }
    queue_path(file->queue, file->name, id, file->path);
    error = sys_chmod(sys, file->fd, file->name == QUEUE_MAILDROP ? MODE_MAILDROP : MODE_READY);
    return error != 0 ? error : sync_file_and_directory(file);
}

int queue_file_commit(struct queue_file *file, const struct queue_record_size *size)
{
    assert(file->fd >= 0 && (size == NULL) == (file->name == QUEUE_MAILDROP));
    if (size != NULL) {
        write_size(file, size);
    }
    flush(file);
    if (file->error == 0) {
        file->error = publish(file);
    }
    if (file->error != 0) {
        int error = file->error;
        queue_file_abort(file);
        return error;
    }
    sys_close(file->queue->sys, file->fd);
    file->fd = -1;
    buf_done(&file->buffer);
    return 0;
}

/* What cannot be removed is at least no mail any more: whoever sends it is told that it was not taken,
 * and comes again. Both happen under the lock. */
void queue_file_abort(struct queue_file *file)
{
    struct sys *sys = file->queue->sys;
    if (file->fd >= 0 && sys_unlink(sys, SYS_HERE, file->path) != 0) {
        int error = sys_chmod(sys, file->fd, MODE_UNFINISHED);
        (void)error; /* nothing else can be tried: one of the windows for duplicates */
    }
    sys_close(sys, file->fd);
    file->fd = -1;
    buf_done(&file->buffer);
}
