// SPDX-License-Identifier: ISC
#include "flush/flush_log.h"

#include <stdio.h>

#include "sys/clock.h"

enum {
    PATH_SIZE = FLUSH_NAME_SIZE + 8,
    MODE_LOG = 0600,
    OPENINGS_MAX = 3,
    TAIL_BYTES = 2048, /* an id that stands in the last ones is not added again */
};

static const int64_t lock_ns = 10 * SYS_SECOND_NS;

bool flush_log_name(struct str site, char name[FLUSH_NAME_SIZE])
{
    if (site.size == 0 || site.size > FLUSH_SITE_MAX) {
        return false;
    }
    for (size_t i = 0; i < site.size; i++) {
        char byte = site.data[i];
        name[i] = char_is_alpha(byte) || char_is_digit(byte) ? char_lower(byte) : '_';
    }
    name[site.size] = '\0';
    return true;
}

/* A log that is open and locked. */
struct log_file {
    int fd;
    struct sys_stat stat;
};

static int open_once(struct sys *sys, const char *name, unsigned flags, struct log_file *file)
{
    char path[PATH_SIZE];
    snprintf(path, sizeof(path), "flush/%s", name);
    file->fd = sys_open(sys, SYS_HERE, path, SYS_OPEN_READ | SYS_OPEN_WRITE | flags, MODE_LOG);
    int error = file->fd < 0 ? file->fd : sys_lock(sys, file->fd, true, sys_deadline(sys, lock_ns));
    error = error != 0 ? error : sys_fstat(sys, file->fd, &file->stat);
    if (error == 0 && file->stat.link_count == 0) {
        error = -ERR_UNAVAILABLE; /* it was removed while we waited */
    }
    if (error != 0) {
        sys_close(sys, file->fd);
    }
    return error;
}

static int open_log(struct sys *sys, const char *name, unsigned flags, struct log_file *file)
{
    int error = -ERR_UNAVAILABLE;
    for (int i = 0; error == -ERR_UNAVAILABLE && i < OPENINGS_MAX; i++) {
        error = open_once(sys, name, flags, file);
    }
    return error;
}

/* ---- add ------------------------------------------------------------------------------------- */

/* The last bytes of the log, from the beginning of a line if it is long. */
static int read_tail(struct sys *sys, const struct log_file *file, char data[TAIL_BYTES],
                     struct str *tail)
{
    int64_t offset = file->stat.size > TAIL_BYTES ? file->stat.size - TAIL_BYTES : 0;
    long count = sys_pread(sys, file->fd, data, TAIL_BYTES, offset);
    struct str line;
    if (count < 0) {
        return (int)count;
    }
    *tail = str_of(data, (size_t)count);
    if (offset > 0) {
        (void)str_next(tail, '\n', &line);
    }
    return 0;
}

static bool has_line(struct str lines, struct str wanted)
{
    struct str line;
    while (str_next(&lines, '\n', &line)) {
        if (str_equal(line, wanted)) {
            return true;
        }
    }
    return false;
}

static int write_line(struct sys *sys, const struct log_file *file, struct str line)
{
    long count = sys_pwrite(sys, file->fd, line.data, line.size, file->stat.size);
    return count == (long)line.size ? 0 : count < 0 ? (int)count : -ERR_NO_SPACE;
}

/* A piece of a line, as a crash or a full disk may leave it, is closed first. */
static int append(struct sys *sys, const struct log_file *file, struct str queue_id)
{
    char data[TAIL_BYTES];
    char text[FLUSH_NAME_SIZE];
    struct str tail;
    int error = read_tail(sys, file, data, &tail);
    if (error != 0 || has_line(tail, queue_id)) {
        return error;
    }
    bool is_torn = file->stat.size > 0 && !str_ends_with(tail, STR("\n"));
    int size = snprintf(text, sizeof(text), "%s%.*s\n", is_torn ? "\n" : "", STR_ARG(queue_id));
    error = write_line(sys, file, str_of(text, (size_t)size));
    return error != 0 || file->stat.size == 0
               ? error
               : sys_set_mtime(sys, file->fd, file->stat.mtime_wall_ns);
}

int flush_log_add(struct sys *sys, const char *name, struct str queue_id)
{
    struct log_file file;
    int error = open_log(sys, name, SYS_OPEN_CREATE, &file);
    if (error != 0) {
        return error;
    }
    error =
        file.stat.size > FLUSH_LOG_BYTES_MAX ? -ERR_FILE_TOO_LARGE : append(sys, &file, queue_id);
    sys_close(sys, file.fd);
    return error;
}

/* ---- read ------------------------------------------------------------------------------------ */

static int load(struct sys *sys, const struct log_file *file, struct buf *lines)
{
    char *room = buf_reserve(lines, (size_t)file->stat.size);
    long count =
        room == NULL ? -ERR_LIMIT : sys_pread(sys, file->fd, room, (size_t)file->stat.size, 0);
    if (count >= 0) {
        buf_grew(lines, (size_t)count);
    }
    return count < 0 ? (int)count : 0;
}

static int remove_log(struct sys *sys, const char *name)
{
    char path[PATH_SIZE];
    snprintf(path, sizeof(path), "flush/%s", name);
    return sys_unlink(sys, SYS_HERE, path);
}

static int act_on(struct sys *sys, const struct log_file *file,
                  int (*act)(void *argument, struct str lines), void *argument)
{
    struct buf lines;
    buf_init(&lines, sys_mem(sys), FLUSH_LOG_BYTES_MAX + FLUSH_NAME_SIZE);
    int error = load(sys, file, &lines);
    error = error != 0 ? error : act(argument, buf_str(&lines));
    buf_done(&lines);
    return error != 0 ? error : sys_truncate(sys, file->fd, 0);
}

int flush_log_read(struct sys *sys, const char *name, const struct flush_log_age *age,
                   int (*act)(void *argument, struct str lines), void *argument)
{
    struct log_file file;
    int error = open_log(sys, name, 0, &file);
    if (error != 0) {
        return error == -ERR_NOT_FOUND ? 0 : error;
    }
    int64_t unread_wall_ns = file.stat.mtime_wall_ns;
    if (file.stat.size == 0) {
        error = age != NULL && unread_wall_ns <= age->empty_wall_ns ? remove_log(sys, name) : 0;
    } else if (age == NULL || unread_wall_ns <= age->unread_wall_ns) {
        error = act_on(sys, &file, act, argument);
    }
    sys_close(sys, file.fd);
    return error;
}
