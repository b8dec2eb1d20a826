// SPDX-License-Identifier: ISC
#include "virtual/virtual_maildir.h"

#include <stdio.h>
#include <string.h>

#include "sys/clock.h"
#include "sys/fs.h"
#include "sys/process.h"

enum { WRITE_BYTES = 64 * 1024, BUFFER_MAX = 2 * QUEUE_RECORD_DATA_MAX, NAME_TRIES = 100 };

struct delivery {
    struct virtual_maildir *maildir;
    int fd;
    char path[SYS_PATH_MAX]; /* its name now: in tmp/, then in new/ */
    struct buf out;
    int64_t offset;
};

/* ---- directories ----------------------------------------------------------------------------- */

static int open_directory(struct virtual_maildir *maildir, const char *path)
{
    return sys_open(maildir->sys, maildir->base_fd, path, SYS_OPEN_READ | SYS_OPEN_DIRECTORY, 0);
}

static int sync_directory(struct virtual_maildir *maildir, const char *path)
{
    int fd = open_directory(maildir, path);
    if (fd < 0) {
        return fd;
    }
    int error = sys_fsync(maildir->sys, fd);
    sys_close(maildir->sys, fd);
    return error;
}

/* Makes one directory, durably, below those that are there. */
static int make_directory(struct virtual_maildir *maildir, const char *path)
{
    int error = sys_mkdir(maildir->sys, maildir->base_fd, path, 0700);
    if (error != 0) {
        return error == -ERR_EXISTS ? 0 : error;
    }
    char parent[SYS_PATH_MAX];
    ptrdiff_t slash = str_find_last(str_from(path), '/');
    snprintf(parent, sizeof(parent), "%.*s", slash > 0 ? (int)slash : 1, slash > 0 ? path : ".");
    return sync_directory(maildir, parent);
}

/* "a/b/new": a, a/b and a/b/new, as far as they lack. */
static int make_directories(struct virtual_maildir *maildir, const char *name)
{
    char path[SYS_PATH_MAX];
    int size = snprintf(path, sizeof(path), "%.*s%s", STR_ARG(maildir->path), name);
    if (size >= SYS_PATH_MAX) {
        return -ERR_NAME_TOO_LONG;
    }
    for (int i = 1; i <= size; i++) {
        if (path[i] != '/' && path[i] != '\0') {
            continue;
        }
        char end = path[i];
        path[i] = '\0';
        int error = make_directory(maildir, path);
        path[i] = end;
        if (error != 0) {
            return error;
        }
    }
    return 0;
}

static int make_maildir(struct virtual_maildir *maildir)
{
    static const char *const names[] = {"cur", "new", "tmp"};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        int error = make_directories(maildir, names[i]);
        if (error != 0) {
            return error;
        }
    }
    return 0;
}

/* ---- the file -------------------------------------------------------------------------------- */

static int open_once(struct delivery *delivery)
{
    struct virtual_maildir *maildir = delivery->maildir;
    struct sys *sys = maildir->sys;
    int64_t wall_ns = sys_wall_ns(sys);
    int size = snprintf(delivery->path, sizeof(delivery->path), "%.*stmp/%lld.P%d_%u.%.*s",
                        STR_ARG(maildir->path), (long long)(wall_ns / SYS_SECOND_NS), sys_pid(sys),
                        maildir->file_count++, STR_ARG(maildir->host));
    if (size >= SYS_PATH_MAX) {
        return -ERR_NAME_TOO_LONG;
    }
    return sys_open(sys, maildir->base_fd, delivery->path,
                    SYS_OPEN_WRITE | SYS_OPEN_CREATE | SYS_OPEN_EXCLUSIVE, 0600);
}

static int open_temporary(struct delivery *delivery)
{
    bool made = false;
    int fd = -ERR_EXISTS;
    for (int i = 0; i < NAME_TRIES && (fd == -ERR_EXISTS || fd == -ERR_NOT_FOUND); i++) {
        fd = open_once(delivery);
        if (fd == -ERR_NOT_FOUND) {
            int error = made ? -ERR_NOT_FOUND : make_maildir(delivery->maildir);
            if (error != 0) {
                return error;
            }
            made = true;
        }
    }
    delivery->fd = fd;
    return fd < 0 ? fd : 0;
}

static int write_out(struct delivery *delivery)
{
    struct str rest = buf_str(&delivery->out);
    int error = buf_error(&delivery->out);
    while (error == 0 && rest.size > 0) {
        long count = sys_pwrite(delivery->maildir->sys, delivery->fd, rest.data, rest.size,
                                delivery->offset);
        if (count < 0) {
            return (int)count;
        }
        delivery->offset += count;
        rest = str_skip(rest, (size_t)count);
    }
    buf_clear(&delivery->out);
    return error;
}

static int write_message(struct delivery *delivery, struct str head, struct queue_message *message)
{
    struct str line;
    bool ends_line;
    int found;
    int error = 0;
    buf_put(&delivery->out, head);
    queue_message_content(message);
    while (error == 0 && (found = queue_message_line(message, &line, &ends_line)) == 1) {
        buf_put(&delivery->out, line);
        if (ends_line) {
            buf_put_char(&delivery->out, '\n');
        }
        if (delivery->out.size >= WRITE_BYTES) {
            error = write_out(delivery);
        }
    }
    if (error == 0) {
        error = found < 0 ? found : write_out(delivery);
    }
    return error != 0 ? error : sys_fsync(delivery->maildir->sys, delivery->fd);
}

/* "user/new/1767225600.V801I4711M25.mx.our.test" */
static int name_in_new(const struct delivery *delivery, char path[SYS_PATH_MAX])
{
    struct virtual_maildir *maildir = delivery->maildir;
    struct sys_stat stat;
    int error = sys_fstat(maildir->sys, delivery->fd, &stat);
    if (error != 0) {
        return error;
    }
    int64_t wall_ns = sys_wall_ns(maildir->sys);
    int size = snprintf(path, SYS_PATH_MAX, "%.*snew/%lld.V%llxI%llxM%lld.%.*s",
                        STR_ARG(maildir->path), (long long)(wall_ns / SYS_SECOND_NS),
                        (unsigned long long)stat.device, (unsigned long long)stat.inode,
                        (long long)(wall_ns % SYS_SECOND_NS / 1000), STR_ARG(maildir->host));
    return size >= SYS_PATH_MAX ? -ERR_NAME_TOO_LONG : 0;
}

static int move_to_new(struct delivery *delivery)
{
    struct virtual_maildir *maildir = delivery->maildir;
    char path[SYS_PATH_MAX];
    int error = name_in_new(delivery, path);
    if (error != 0) {
        return error;
    }
    error =
        sys_rename(maildir->sys, maildir->base_fd, delivery->path, maildir->base_fd, path, true);
    if (error == 0) {
        memcpy(delivery->path, path, sizeof(path));
    }
    return error;
}

/* The directory is opened first: once readers can see the file, only the sync may fail. */
static int publish(struct delivery *delivery)
{
    struct virtual_maildir *maildir = delivery->maildir;
    char path[SYS_PATH_MAX];
    snprintf(path, sizeof(path), "%.*snew", STR_ARG(maildir->path));
    int fd = open_directory(maildir, path);
    if (fd < 0) {
        return fd;
    }
    int error = move_to_new(delivery);
    error = error != 0 ? error : sys_fsync(maildir->sys, fd);
    sys_close(maildir->sys, fd);
    return error;
}

int virtual_maildir_deliver(struct virtual_maildir *maildir, struct str head,
                            struct queue_message *message)
{
    struct sys *sys = maildir->sys;
    struct delivery delivery = {.maildir = maildir, .fd = -1};
    int error = open_temporary(&delivery);
    if (error != 0) {
        return error;
    }
    buf_init(&delivery.out, sys_mem(sys), BUFFER_MAX);
    error = write_message(&delivery, head, message);
    if (error == 0) {
        error = publish(&delivery);
    }
    if (error != 0) {
        int unlinked = sys_unlink(sys, maildir->base_fd, delivery.path);
        (void)unlinked; /* tried again all the same: a second copy is better than none */
    }
    sys_close(sys, delivery.fd);
    buf_done(&delivery.out);
    return error;
}
