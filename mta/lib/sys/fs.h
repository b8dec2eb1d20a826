// SPDX-License-Identifier: ISC
/* sys/fs - files and directories
 *
 * A path is relative to the directory descriptor `dir`; SYS_HERE means the working directory.
 * Modes are exact, whatever the umask. All functions are waiting unless marked; none takes a
 * deadline except sys_lock().
 *
 * Errors    NOT_FOUND EXISTS ACCESS NOT_PERMITTED NOT_DIRECTORY IS_DIRECTORY NOT_EMPTY NO_SPACE
 *           QUOTA READ_ONLY IO TOO_MANY_FILES NAME_TOO_LONG CROSS_DEVICE LINK_LOOP FILE_TOO_LARGE
 */
#ifndef SYS_FS_H
#define SYS_FS_H

#include "sys/sys.h"

enum { SYS_HERE = -100 };

enum sys_open_flag {
    SYS_OPEN_READ = 1,
    SYS_OPEN_WRITE = 2,
    SYS_OPEN_CREATE = 4,    /* mode applies to a new file */
    SYS_OPEN_EXCLUSIVE = 8, /* with CREATE: -ERR_EXISTS if the name is there */
    SYS_OPEN_TRUNCATE = 16,
    SYS_OPEN_DIRECTORY = 32, /* only a directory, for openat, sync and listing */
    SYS_OPEN_NO_FOLLOW = 64, /* -ERR_LINK_LOOP if the last part is a symbolic link */
    SYS_OPEN_NO_ATIME = 128, /* reading does not set the time of access of one's own file */
};

enum sys_file_kind {
    SYS_FILE_REGULAR,
    SYS_FILE_DIRECTORY,
    SYS_FILE_SOCKET,
    SYS_FILE_LINK,
    SYS_FILE_OTHER,
};

struct sys_stat {
    enum sys_file_kind kind;
    uint32_t mode; /* permission bits, 07777 */
    uint32_t uid;
    uint32_t gid;
    uint64_t device;
    uint64_t inode;
    uint64_t link_count;
    int64_t size;
    int64_t mtime_wall_ns;
};

struct sys_space {
    int64_t bytes_free; /* for this process's user */
    int64_t bytes_total;
    int64_t files_free;
};

MUST_USE int sys_open(struct sys *sys, int dir, const char *path, unsigned flags, uint32_t mode);

/* Bytes read; fewer than size only at the end of the file. */
MUST_USE long sys_pread(struct sys *sys, int fd, void *data, size_t size, int64_t offset);
/* Bytes written: size, or fewer when the disk is full; then the next call returns the error. */
MUST_USE long sys_pwrite(struct sys *sys, int fd, const void *data, size_t size, int64_t offset);
MUST_USE int sys_truncate(struct sys *sys, int fd, int64_t size);

/* Makes a file's data and metadata, or a directory's entries, durable. After a failure the data
 * may be lost although a second sync would succeed: abandon the file. */
MUST_USE int sys_fsync(struct sys *sys, int fd);

MUST_USE int sys_stat(struct sys *sys, int dir, const char *path, struct sys_stat *stat);
MUST_USE int sys_fstat(struct sys *sys, int fd, struct sys_stat *stat);
/* Replaces an existing `to` unless no_replace (then -ERR_EXISTS). */
MUST_USE int sys_rename(struct sys *sys, int from_dir, const char *from, int to_dir, const char *to,
                        bool no_replace);
MUST_USE int sys_link(struct sys *sys, int from_dir, const char *from, int to_dir, const char *to);
MUST_USE int sys_unlink(struct sys *sys, int dir, const char *path);
MUST_USE int sys_mkdir(struct sys *sys, int dir, const char *path, uint32_t mode);
MUST_USE int sys_rmdir(struct sys *sys, int dir, const char *path);
MUST_USE int sys_chmod(struct sys *sys, int fd, uint32_t mode);
MUST_USE int sys_chown(struct sys *sys, int fd, uint32_t uid, uint32_t gid);
MUST_USE int sys_set_mtime(struct sys *sys, int fd, int64_t wall_ns);

/* The next name of an open directory, without . and .., in no useful order: 1 with name set, 0 at
 * the end, where the next call starts again. */
MUST_USE int sys_read_dir(struct sys *sys, int fd, char name[SYS_NAME_MAX + 1]);

MUST_USE int sys_space(struct sys *sys, int fd, struct sys_space *space);

/* Whole-file lock owned by the open file, not by the process; released by sys_unlock() or when
 * the descriptor is closed. -ERR_LOCKED when the deadline passes first; a deadline in the past
 * tries once. Waiting. */
MUST_USE int sys_lock(struct sys *sys, int fd, bool exclusive, int64_t deadline_ns);
MUST_USE int sys_unlock(struct sys *sys, int fd); /* Instant. */

/* Makes path the working directory of this process, once, at its start. */
MUST_USE int sys_enter(struct sys *sys, const char *path);

/* The working directory as it was when the process started: absolute, or empty when it has no
 * name. Instant. */
const char *sys_start_directory(struct sys *sys);

#endif
