// SPDX-License-Identifier: ISC
#include "sys/fs.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/assert.h"
#include "os/os.h"
#include "sys/clock.h"

_Static_assert(SYS_HERE == AT_FDCWD, "the working directory goes to the kernel as it is");

static int result_of(int result)
{
    return result >= 0 ? result : os_last_error();
}

/* ---- open, read, write ---------------------------------------------------------------------------- */

static int open_flags(unsigned flags)
{
    static const struct {
        unsigned ours;
        int kernel;
    } table[] = {
        {SYS_OPEN_CREATE, O_CREAT},       {SYS_OPEN_EXCLUSIVE, O_EXCL},
        {SYS_OPEN_TRUNCATE, O_TRUNC},     {SYS_OPEN_DIRECTORY, O_DIRECTORY},
        {SYS_OPEN_NO_FOLLOW, O_NOFOLLOW}, {SYS_OPEN_NO_ATIME, O_NOATIME},
    };
    bool reads = (flags & SYS_OPEN_READ) != 0;
    bool writes = (flags & SYS_OPEN_WRITE) != 0;
    int kernel = O_CLOEXEC | O_NOCTTY | O_NONBLOCK;
    kernel |= writes ? (reads ? O_RDWR : O_WRONLY) : O_RDONLY;
    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        kernel |= (flags & table[i].ours) != 0 ? table[i].kernel : 0;
    }
    return kernel;
}

int sys_open(struct sys *sys, int dir, const char *path, unsigned flags, uint32_t mode)
{
    int fd = openat(dir, path, open_flags(flags), mode);
    if (fd < 0 && errno == EPERM && (flags & SYS_OPEN_NO_ATIME) != 0) { /* somebody else's file */
        fd = openat(dir, path, open_flags(flags & ~(unsigned)SYS_OPEN_NO_ATIME), mode);
    }
    return os_descriptor_add(sys, fd, 0);
}

/* A regular file gives fewer bytes than asked for only where it ends. */
long sys_pread(struct sys *sys UNUSED, int fd, void *data, size_t size, int64_t offset)
{
    ssize_t count;
    do {
        count = pread(fd, data, size, (off_t)offset);
    } while (count < 0 && errno == EINTR);
    return count < 0 ? os_last_error() : (long)count;
}

long sys_pwrite(struct sys *sys UNUSED, int fd, const void *data, size_t size, int64_t offset)
{
    size_t done = 0;
    while (done < size) {
        ssize_t count = pwrite(fd, (const char *)data + done, size - done, offset + (off_t)done);
        if (count < 0 && errno != EINTR) {
            return done > 0 ? (long)done : os_last_error();
        }
        done += count > 0 ? (size_t)count : 0;
    }
    return (long)done;
}

int sys_truncate(struct sys *sys UNUSED, int fd, int64_t size)
{
    return result_of(ftruncate(fd, size));
}

/* With nobody else to run, a helper thread would only add two wake-ups. */
int sys_fsync(struct sys *sys, int fd)
{
    if (os_descriptor(sys, fd) == NULL) {
        return -ERR_BAD_DESCRIPTOR;
    }
    return sys->fiber_count == 1 ? result_of(fsync(fd)) : os_threads_fsync(sys, fd);
}

/* ---- names and attributes --------------------------------------------------------------------------- */

static enum sys_file_kind kind_of(mode_t mode)
{
    switch (mode & S_IFMT) {
    case S_IFREG:
        return SYS_FILE_REGULAR;
    case S_IFDIR:
        return SYS_FILE_DIRECTORY;
    case S_IFSOCK:
        return SYS_FILE_SOCKET;
    case S_IFLNK:
        return SYS_FILE_LINK;
    default:
        return SYS_FILE_OTHER;
    }
}

static void from_kernel(const struct stat *kernel, struct sys_stat *stat)
{
    *stat = (struct sys_stat){
        .kind = kind_of(kernel->st_mode),
        .mode = kernel->st_mode & 07777,
        .uid = kernel->st_uid,
        .gid = kernel->st_gid,
        .device = kernel->st_dev,
        .inode = kernel->st_ino,
        .link_count = kernel->st_nlink,
        .size = kernel->st_size,
        .mtime_wall_ns = kernel->st_mtim.tv_sec * SYS_SECOND_NS + kernel->st_mtim.tv_nsec,
    };
}

int sys_stat(struct sys *sys UNUSED, int dir, const char *path, struct sys_stat *stat)
{
    struct stat kernel;
    if (fstatat(dir, path, &kernel, AT_SYMLINK_NOFOLLOW) != 0) {
        return os_last_error();
    }
    from_kernel(&kernel, stat);
    return 0;
}

int sys_fstat(struct sys *sys UNUSED, int fd, struct sys_stat *stat)
{
    struct stat kernel;
    if (fstat(fd, &kernel) != 0) {
        return os_last_error();
    }
    from_kernel(&kernel, stat);
    return 0;
}

int sys_rename(struct sys *sys UNUSED, int from_dir, const char *from, int to_dir, const char *to,
               bool no_replace)
{
    return result_of(renameat2(from_dir, from, to_dir, to, no_replace ? RENAME_NOREPLACE : 0));
}

int sys_link(struct sys *sys UNUSED, int from_dir, const char *from, int to_dir, const char *to)
{
    return result_of(linkat(from_dir, from, to_dir, to, 0));
}

int sys_unlink(struct sys *sys UNUSED, int dir, const char *path)
{
    return result_of(unlinkat(dir, path, 0));
}

int sys_mkdir(struct sys *sys UNUSED, int dir, const char *path, uint32_t mode)
{
    return result_of(mkdirat(dir, path, mode));
}

int sys_rmdir(struct sys *sys UNUSED, int dir, const char *path)
{
    return result_of(unlinkat(dir, path, AT_REMOVEDIR));
}

int sys_chmod(struct sys *sys UNUSED, int fd, uint32_t mode)
{
    return result_of(fchmod(fd, mode));
}

int sys_chown(struct sys *sys UNUSED, int fd, uint32_t uid, uint32_t gid)
{
    return result_of(fchown(fd, uid, gid));
}

/* Before 1970 the seconds are negative, the nanoseconds are not. */
static struct timespec timespec_of(int64_t wall_ns)
{
    int64_t rest_ns = (wall_ns % SYS_SECOND_NS + SYS_SECOND_NS) % SYS_SECOND_NS;
    return (struct timespec){
        .tv_sec = (time_t)((wall_ns - rest_ns) / SYS_SECOND_NS),
        .tv_nsec = (long)rest_ns,
    };
}

int sys_set_mtime(struct sys *sys UNUSED, int fd, int64_t wall_ns)
{
    struct timespec times[2] = {{.tv_nsec = UTIME_OMIT}, timespec_of(wall_ns)};
    return result_of(futimens(fd, times));
}

int sys_space(struct sys *sys UNUSED, int fd, struct sys_space *space)
{
    struct statvfs kernel;
    if (fstatvfs(fd, &kernel) != 0) {
        return os_last_error();
    }
    *space = (struct sys_space){
        .bytes_free = (int64_t)(kernel.f_bavail * kernel.f_frsize),
        .bytes_total = (int64_t)(kernel.f_blocks * kernel.f_frsize),
        .files_free = (int64_t)kernel.f_favail,
    };
    return 0;
}

int sys_enter(struct sys *sys UNUSED, const char *path)
{
    return result_of(chdir(path));
}

const char *sys_start_directory(struct sys *sys)
{
    return sys->start_directory;
}

/* ---- listing a directory ------------------------------------------------------------------------------ */

enum { DIRECTORY_BYTES = 32 * 1024 };

struct os_directory {
    size_t used;
    size_t size;
    char entries[DIRECTORY_BYTES];
};

/* As the kernel writes it. */
struct entry {
    uint64_t inode;
    int64_t next;
    uint16_t size;
    uint8_t kind;
    char name[];
};

void os_directory_free(struct os_directory *directory)
{
    free(directory);
}

static struct os_directory *listing_of(struct os_descriptor *descriptor)
{
    if (descriptor->directory == NULL) {
        descriptor->directory = malloc(sizeof(struct os_directory));
        if (descriptor->directory != NULL) {
            descriptor->directory->used = 0;
            descriptor->directory->size = 0;
        }
    }
    return descriptor->directory;
}

/* 1 when there are entries, 0 at the end, which also goes back to the start. */
static int fill_listing(struct os_descriptor *descriptor, int fd)
{
    struct os_directory *directory = descriptor->directory;
    long count = syscall(SYS_getdents64, fd, directory->entries, sizeof(directory->entries));
    if (count > 0) {
        directory->used = 0;
        directory->size = (size_t)count;
        return 1;
    }
    int error = count < 0 ? os_last_error() : 0;
    os_directory_free(directory);
    descriptor->directory = NULL;
    (void)lseek(fd, 0, SEEK_SET);
    return error;
}

static bool is_itself_or_parent(const char *name)
{
    return strcmp(name, ".") == 0 || strcmp(name, "..") == 0;
}

/* Who walks through a large directory is neither alone nor hung. */
int sys_read_dir(struct sys *sys, int fd, char name[SYS_NAME_MAX + 1])
{
    os_take_turn(sys);
    struct os_descriptor *descriptor = os_descriptor(sys, fd);
    if (descriptor == NULL) {
        return -ERR_BAD_DESCRIPTOR;
    }
    struct os_directory *directory = listing_of(descriptor);
    if (directory == NULL) {
        return -ERR_NO_MEMORY;
    }
    for (;;) {
        if (directory->used == directory->size) {
            int filled = fill_listing(descriptor, fd);
            if (filled <= 0) {
                return filled;
            }
        }
        const struct entry *entry = (const void *)(directory->entries + directory->used);
        directory->used += entry->size;
        if (!is_itself_or_parent(entry->name)) {
            size_t size = strnlen(entry->name, SYS_NAME_MAX);
            memcpy(name, entry->name, size);
            name[size] = '\0';
            return 1;
        }
    }
}

/* ---- locks ---------------------------------------------------------------------------------------------- */

/* No kernel tells one fiber of a process when a lock is free: ask again, less and less often. */
int sys_lock(struct sys *sys, int fd, bool exclusive, int64_t deadline_ns)
{
    const int64_t retry_min_ns = SYS_MILLI_NS;
    const int64_t retry_max_ns = 50 * SYS_MILLI_NS;
    struct flock lock = {.l_type = exclusive ? F_WRLCK : F_RDLCK, .l_whence = SEEK_SET};
    for (int64_t retry_ns = retry_min_ns;;
         retry_ns = retry_ns < retry_max_ns ? 2 * retry_ns : retry_max_ns) {
        if (fcntl(fd, F_OFD_SETLK, &lock) == 0) {
            return 0;
        }
        if (errno != EAGAIN && errno != EACCES && errno != EINTR) {
            return os_last_error();
        }
        int64_t now_ns = sys_now_ns(sys);
        if (now_ns >= deadline_ns) {
            return -ERR_LOCKED;
        }
        int64_t wake_ns = now_ns + retry_ns;
        int error = sys_sleep_until(sys, wake_ns < deadline_ns ? wake_ns : deadline_ns);
        if (error != 0) {
            return error;
        }
    }
}

int sys_unlock(struct sys *sys UNUSED, int fd)
{
    struct flock lock = {.l_type = F_UNLCK, .l_whence = SEEK_SET};
    return result_of(fcntl(fd, F_OFD_SETLK, &lock));
}
