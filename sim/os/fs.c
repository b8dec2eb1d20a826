// SPDX-License-Identifier: ISC
#include "sys/fs.h"

#include <stdio.h>

#include "os/call.h"
#include "sys/clock.h"
#include "world/descriptor.h"
#include "world/disk.h"
#include "world/disk_inode.h"
#include "world/fault.h"
#include "world/fiber.h"
#include "world/process.h"
#include "world/world_state.h"

enum { SYNC_JITTER_NS = 20 * 1000 * 1000 };

/* ---- beginnings and ends ------------------------------------------------------------------- */

static struct disk *disk_of(const struct sys *sys)
{
    return sys->machine->disk;
}

static int view_from(const struct sys *sys, int dir, struct disk_view *view)
{
    *view = process_view(sys);
    if (dir == SYS_HERE) {
        return 0;
    }
    struct open_file *file = descriptor_get(sys, dir);
    if (file == NULL) {
        return -ERR_BAD_DESCRIPTOR;
    }
    if (file->kind != OPEN_FILE_DISK || disk_inode_kind(file->inode) != SYS_FILE_DIRECTORY) {
        return -ERR_NOT_DIRECTORY;
    }
    view->here = file->inode;
    return 0;
}

/* The file behind a descriptor that must allow this access; 0: any. */
static int file_of(const struct sys *sys, int fd, unsigned access, struct open_file **file)
{
    *file = descriptor_get(sys, fd);
    if (*file == NULL) {
        return -ERR_BAD_DESCRIPTOR;
    }
    if ((*file)->kind != OPEN_FILE_DISK) {
        return -ERR_INVALID;
    }
    if (access != 0 && disk_inode_kind((*file)->inode) == SYS_FILE_DIRECTORY) {
        return access == SYS_OPEN_READ ? -ERR_IS_DIRECTORY : -ERR_BAD_DESCRIPTOR;
    }
    return ((*file)->flags & access) == access ? 0 : -ERR_BAD_DESCRIPTOR;
}

static int leave_path(struct sys *sys, const char *call, const char *path, int64_t number,
                      int result)
{
    return (int)call_leave(sys, &(struct trace_record){
                                    .call = call,
                                    .numbers = {number},
                                    .text = str_from(path),
                                    .result = result,
                                });
}

static long leave_data(struct sys *sys, const char *call, int fd, int64_t offset, struct str data,
                       long result)
{
    return call_leave(sys, &(struct trace_record){
                               .call = call,
                               .numbers = {fd, offset},
                               .text = data,
                               .result = result,
                           });
}

static int leave_file(struct sys *sys, const char *call, int fd, int64_t a, int64_t b, int result)
{
    return (int)call_leave(
        sys, &(struct trace_record){.call = call, .numbers = {fd, a, b}, .result = result});
}

/* ---- open, read, write --------------------------------------------------------------------- */

static int open_path(struct sys *sys, int dir, const char *path, unsigned flags, uint32_t mode)
{
    struct disk_view view;
    int error = view_from(sys, dir, &view);
    flags |= (flags & SYS_OPEN_WRITE) == 0 ? SYS_OPEN_READ : 0;
    if (error == 0 && sys->descriptors_open >= sys->descriptor_max) {
        error = -ERR_TOO_MANY_FILES;
    }
    struct disk_inode *inode;
    if (error == 0) {
        error = disk_open(disk_of(sys), &view, path, flags, mode, &inode);
    }
    if (error != 0) {
        return error;
    }
    struct open_file *file = open_file_new(sys->world, OPEN_FILE_DISK, inode, NULL, flags);
    int fd = descriptor_add(sys, file);
    if (fd < 0) {
        open_file_drop(file, false);
    }
    return fd;
}

int sys_open(struct sys *sys, int dir, const char *path, unsigned flags, uint32_t mode)
{
    const char *name = (flags & SYS_OPEN_CREATE) != 0 ? "create" : "open";
    int result = call_enter_path(sys, name, dir, path);
    if (result == 0) {
        result = open_path(sys, dir, path, flags, mode);
    }
    return leave_path(sys, "open", path, flags, result);
}

long sys_pread(struct sys *sys, int fd, void *data, size_t size, int64_t offset)
{
    struct open_file *file;
    long result = call_enter_file(sys, "pread", fd);
    if (result == 0 && size > 0) {
        result = file_of(sys, fd, SYS_OPEN_READ, &file);
    }
    if (result == 0 && size > 0) {
        result = offset < 0 ? -ERR_INVALID : disk_inode_read(file->inode, data, size, offset);
    }
    struct str read = str_of(data, result > 0 ? (size_t)result : 0);
    return leave_data(sys, "pread", fd, offset, read, result);
}

long sys_pwrite(struct sys *sys, int fd, const void *data, size_t size, int64_t offset)
{
    struct open_file *file;
    long result = call_enter_file(sys, "pwrite", fd);
    if (result == FAULT_SHORT_WRITE) {
        size -= size / 2;
        result = 0;
    }
    if (result == 0 && size > 0) {
        result = file_of(sys, fd, SYS_OPEN_WRITE, &file);
    }
    if (result == 0 && size > 0) {
        result = disk_check_writable(disk_of(sys));
    }
    if (result == 0 && size > 0) {
        result = offset < 0 ? -ERR_INVALID : disk_inode_write(file->inode, data, size, offset);
    }
    struct str written = str_of(data, result > 0 ? (size_t)result : 0);
    return leave_data(sys, "pwrite", fd, offset, written, result);
}

int sys_truncate(struct sys *sys, int fd, int64_t size)
{
    struct open_file *file;
    int result = call_enter_file(sys, "truncate", fd);
    if (result == 0) {
        result = file_of(sys, fd, SYS_OPEN_WRITE, &file);
        if (result == -ERR_BAD_DESCRIPTOR && file != NULL) {
            result = -ERR_INVALID; /* open, but not for writing */
        }
    }
    if (result == 0) {
        result = disk_check_writable(disk_of(sys));
    }
    if (result == 0) {
        result = disk_inode_truncate(file->inode, size);
    }
    return leave_file(sys, "truncate", fd, size, 0, result);
}

/* The fiber holds the inode meanwhile: the descriptor may be closed, the process may be killed. */
static void sync_inode(struct sys *sys, struct disk_inode *inode, bool fails)
{
    struct fiber *fiber = fiber_running(sys->world);
    uint64_t start = disk_sync_start(disk_of(sys));
    int64_t time_ns =
        disk_sync_time(disk_of(sys)) + (int64_t)draw_from(sys->machine->sites.sync, SYNC_JITTER_NS);
    disk_inode_share(inode);
    fiber->syncing = inode;
    if (time_ns > 0) {
        int error = fiber_wait(sys, NULL, -1, false, machine_now_ns(sys->machine) + time_ns);
        (void)error; /* always the end of the time */
    } else {
        fiber_yield(sys);
    }
    if (fails) {
        disk_sync_fail(disk_of(sys), inode, start);
    } else {
        disk_sync_end(disk_of(sys), inode, start);
    }
    fiber->syncing = NULL;
    disk_inode_drop(inode);
}

int sys_fsync(struct sys *sys, int fd)
{
    struct open_file *file;
    int failure = call_enter_fd(sys, "fsync", fd);
    int result = file_of(sys, fd, 0, &file);
    if (result == 0 && failure == 0) {
        failure = disk_check_sync(file->inode);
    }
    if (result == 0) {
        sync_inode(sys, file->inode, failure != 0);
        result = failure;
    }
    return leave_file(sys, "fsync", fd, 0, 0, result);
}

/* ---- attributes ---------------------------------------------------------------------------- */

int sys_stat(struct sys *sys, int dir, const char *path, struct sys_stat *stat)
{
    struct disk_view view;
    int result = call_enter_path(sys, "stat", dir, path);
    if (result == 0) {
        result = view_from(sys, dir, &view);
    }
    if (result == 0) {
        result = disk_view_stat(&view, path, stat);
    }
    return leave_path(sys, "stat", path, result == 0 ? stat->size : 0, result);
}

static void stat_file(const struct open_file *file, struct sys_stat *stat)
{
    if (file->kind == OPEN_FILE_DISK) {
        disk_inode_stat(file->inode, stat);
    } else {
        *stat = (struct sys_stat){.kind = file->kind == OPEN_FILE_SOCKET ? SYS_FILE_SOCKET
                                                                         : SYS_FILE_OTHER};
    }
}

int sys_fstat(struct sys *sys, int fd, struct sys_stat *stat)
{
    int result = call_enter_file(sys, "fstat", fd);
    const struct open_file *file = descriptor_get(sys, fd);
    if (result == 0 && file == NULL) {
        result = -ERR_BAD_DESCRIPTOR;
    }
    if (result == 0) {
        stat_file(file, stat);
    }
    return leave_file(sys, "fstat", fd, result == 0 ? stat->size : 0, 0, result);
}

int sys_chmod(struct sys *sys, int fd, uint32_t mode)
{
    struct open_file *file;
    int result = call_enter_file(sys, "chmod", fd);
    if (result == 0) {
        result = file_of(sys, fd, 0, &file);
    }
    if (result == 0) {
        result = disk_check_writable(disk_of(sys));
    }
    if (result == 0) {
        result = disk_inode_chmod(file->inode, &sys->rights, mode);
    }
    return leave_file(sys, "chmod", fd, mode, 0, result);
}

int sys_chown(struct sys *sys, int fd, uint32_t uid, uint32_t gid)
{
    struct open_file *file;
    int result = call_enter_file(sys, "chown", fd);
    if (result == 0) {
        result = file_of(sys, fd, 0, &file);
    }
    if (result == 0) {
        result = disk_check_writable(disk_of(sys));
    }
    if (result == 0) {
        result = disk_inode_chown(file->inode, &sys->rights, uid, gid);
    }
    return leave_file(sys, "chown", fd, uid, gid, result);
}

int sys_set_mtime(struct sys *sys, int fd, int64_t wall_ns)
{
    struct open_file *file;
    int result = call_enter_file(sys, "set_mtime", fd);
    if (result == 0) {
        result = file_of(sys, fd, 0, &file);
    }
    if (result == 0) {
        result = disk_check_writable(disk_of(sys));
    }
    if (result == 0) {
        result = disk_inode_set_mtime(file->inode, &sys->rights, wall_ns);
    }
    return leave_file(sys, "set_mtime", fd, wall_ns, 0, result);
}

int sys_space(struct sys *sys, int fd, struct sys_space *space)
{
    struct open_file *file;
    int result = call_enter_file(sys, "space", fd);
    if (result == 0) {
        result = file_of(sys, fd, 0, &file);
    }
    if (result == 0) {
        disk_space(disk_of(sys), space);
    }
    return leave_file(sys, "space", fd, 0, 0, result);
}

/* ---- names --------------------------------------------------------------------------------- */

static int leave_two_paths(struct sys *sys, const char *call, const char *from, const char *to,
                           int result)
{
    char text[TRACE_TEXT_MAX * 4];
    snprintf(text, sizeof(text), "%s %s", from, to);
    return leave_path(sys, call, text, 0, result);
}

int sys_rename(struct sys *sys, int from_dir, const char *from, int to_dir, const char *to,
               bool no_replace)
{
    struct disk_view from_view;
    struct disk_view to_view;
    int result = call_enter_path(sys, "rename", from_dir, from);
    if (result == 0) {
        result = view_from(sys, from_dir, &from_view);
    }
    if (result == 0) {
        result = view_from(sys, to_dir, &to_view);
    }
    if (result == 0) {
        result = disk_rename(disk_of(sys), &from_view, from, &to_view, to, no_replace);
    }
    return leave_two_paths(sys, "rename", from, to, result);
}

int sys_link(struct sys *sys, int from_dir, const char *from, int to_dir, const char *to)
{
    struct disk_view from_view;
    struct disk_view to_view;
    int result = call_enter_path(sys, "link", from_dir, from);
    if (result == 0) {
        result = view_from(sys, from_dir, &from_view);
    }
    if (result == 0) {
        result = view_from(sys, to_dir, &to_view);
    }
    if (result == 0) {
        result = disk_link(disk_of(sys), &from_view, from, &to_view, to);
    }
    return leave_two_paths(sys, "link", from, to, result);
}

int sys_unlink(struct sys *sys, int dir, const char *path)
{
    struct disk_view view;
    int result = call_enter_path(sys, "unlink", dir, path);
    if (result == 0) {
        result = view_from(sys, dir, &view);
    }
    if (result == 0) {
        result = disk_unlink(disk_of(sys), &view, path);
    }
    return leave_path(sys, "unlink", path, 0, result);
}

int sys_mkdir(struct sys *sys, int dir, const char *path, uint32_t mode)
{
    struct disk_view view;
    int result = call_enter_path(sys, "mkdir", dir, path);
    if (result == 0) {
        result = view_from(sys, dir, &view);
    }
    if (result == 0) {
        result = disk_mkdir(disk_of(sys), &view, path, mode);
    }
    return leave_path(sys, "mkdir", path, mode, result);
}

int sys_rmdir(struct sys *sys, int dir, const char *path)
{
    struct disk_view view;
    int result = call_enter_path(sys, "rmdir", dir, path);
    if (result == 0) {
        result = view_from(sys, dir, &view);
    }
    if (result == 0) {
        result = disk_rmdir(disk_of(sys), &view, path);
    }
    return leave_path(sys, "rmdir", path, 0, result);
}

/* The names are those at the start of the walk, less what is gone when its turn comes. */
static int next_name(struct sys *sys, struct open_file *file, char name[SYS_NAME_MAX + 1])
{
    if (disk_inode_is_removed(file->inode)) {
        return -ERR_NOT_FOUND;
    }
    if (file->names == NULL) {
        uint64_t key = draw_from(sys->machine->sites.directory, UINT32_MAX);
        file->names = disk_inode_names(file->inode, key, &file->name_count);
    }
    while (file->name_next < file->name_count) {
        const char *next = file->names[file->name_next++];
        if (disk_inode_lookup(file->inode, str_from(next)) != NULL) {
            snprintf(name, SYS_NAME_MAX + 1, "%s", next);
            return 1;
        }
    }
    open_file_forget_names(file);
    return 0;
}

int sys_read_dir(struct sys *sys, int fd, char name[SYS_NAME_MAX + 1])
{
    struct open_file *file;
    int result = call_enter_file(sys, "read_dir", fd);
    if (result == 0) {
        result = file_of(sys, fd, 0, &file);
    }
    if (result == 0 && disk_inode_kind(file->inode) != SYS_FILE_DIRECTORY) {
        result = -ERR_NOT_DIRECTORY;
    }
    if (result == 0) {
        result = next_name(sys, file, name);
    }
    return leave_path(sys, "read_dir", result == 1 ? name : "", fd, result);
}

int sys_enter(struct sys *sys, const char *path)
{
    struct disk_view view = process_view(sys);
    struct disk_inode *directory;
    int result = call_enter_path(sys, "enter", SYS_HERE, path);
    if (result == 0) {
        result = disk_find_directory(&view, path, &directory);
    }
    if (result == 0) {
        disk_inode_drop(sys->directory);
        sys->directory = directory;
    }
    return leave_path(sys, "enter", path, 0, result);
}

const char *sys_start_directory(struct sys *sys)
{
    return sys->start_directory;
}

/* ---- locks --------------------------------------------------------------------------------- */

static int lock_file(struct sys *sys, int fd, struct open_file *file, bool exclusive,
                     int64_t deadline_ns)
{
    while (!disk_inode_lock(file->inode, file, exclusive)) {
        struct list *waiters = disk_inode_lock_waiters(file->inode);
        int error = fiber_wait(sys, waiters, fd, true, deadline_ns);
        if (error != 0) {
            return error == -ERR_TIMEOUT ? -ERR_LOCKED : error;
        }
    }
    return 0;
}

int sys_lock(struct sys *sys, int fd, bool exclusive, int64_t deadline_ns)
{
    struct open_file *file;
    int result = call_enter_fd(sys, "lock", fd);
    if (result == 0) {
        result = file_of(sys, fd, 0, &file);
    }
    if (result == 0 && (file->flags & (exclusive ? SYS_OPEN_WRITE : SYS_OPEN_READ)) == 0) {
        result = -ERR_BAD_DESCRIPTOR;
    }
    if (result == 0) {
        result = lock_file(sys, fd, file, exclusive, deadline_ns);
    }
    return leave_file(sys, "lock", fd, exclusive, deadline_ns, result);
}

int sys_unlock(struct sys *sys, int fd)
{
    call_enter(sys, "unlock");
    struct open_file *file;
    int result = file_of(sys, fd, 0, &file);
    if (result == 0) {
        disk_inode_unlock(file->inode, file);
    }
    return leave_file(sys, "unlock", fd, 0, 0, result);
}
