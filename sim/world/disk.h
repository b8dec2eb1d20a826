// SPDX-License-Identifier: ISC
/* world/disk - a file system in memory that knows what would survive a power cut
 *
 * Every inode has two states: what processes see, and what is certainly on the platter. Between
 * them stand the pending operations, in order. fsync moves operations to the platter as the
 * contract says; a power cut keeps any set of the rest that the contract allows.
 *
 * Contract  ext4: directory operations persist in order; fsync of an inode makes durable its data
 *           and every operation up to that inode's last change; unsynced data may be missing,
 *           short or zero
 * Limits    capacity in bytes and files, settable; names SYS_NAME_MAX; no symbolic links
 * State     inode numbers are used again as soon as neither state knows them
 * Blocks    never: sim/os waits
 */
#ifndef WORLD_DISK_H
#define WORLD_DISK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attribute.h"
#include "base/buf.h"
#include "base/list.h"
#include "base/map.h"
#include "base/str.h"
#include "sys/fs.h"

struct disk;
struct disk_inode;
struct machine;
struct process_rights;

enum disk_contract { DISK_EXT4 };

/* ---- for scenarios and checks -------------------------------------------------------------- */

/* Contents from outside. Paths are absolute; missing parents are made, owned by root, mode 0755.
 * All of it is durable at once. */
void disk_put_directory(struct disk *disk, const char *path, uint32_t mode, uint32_t uid,
                        uint32_t gid);
void disk_put_file(struct disk *disk, const char *path, struct str data, uint32_t mode,
                   uint32_t uid, uint32_t gid);

/* 0 or -ERR_NOT_FOUND, -ERR_IS_DIRECTORY; out gets what processes see. */
MUST_USE int disk_read(const struct disk *disk, const char *path, struct buf *out);
MUST_USE int disk_stat(const struct disk *disk, const char *path, struct sys_stat *stat);

/* Calls visit for each entry of a directory, by name; missing directories have none. */
void disk_list(const struct disk *disk, const char *path,
               void (*visit)(void *argument, const char *name, const struct sys_stat *stat),
               void *argument);

/* True when the file of that name would survive a power cut under posix-min, whatever contract
 * this disk has: synced since its last write, its entry and those of all its parents by syncs of
 * their directories that started after them. */
bool disk_is_durable(const struct disk *disk, const char *path);

/* Also a latency of each fsync: what else runs may change things under way. */
void disk_set_sync_time(struct disk *disk, int64_t sync_ns);
void disk_set_capacity(struct disk *disk, int64_t bytes, int64_t files);

/* The images that a power cut now may leave under the contract: 0 keeps nothing pending, 1 keeps
 * all; then each operation alone lost, each alone kept, and DISK_RANDOM_IMAGES random ones. */
enum { DISK_RANDOM_IMAGES = 8 };
int disk_image_count(const struct disk *disk);
/* In words, for reports: "lost: rename /a/b /a/c". */
void disk_image_describe(const struct disk *disk, int image, struct buf *out);

/* ---- for sim/os and machine.c -------------------------------------------------------------- */

struct disk *disk_new(struct machine *machine, enum disk_contract contract);
void disk_power_cut(struct disk *disk, int image); /* no process has anything open */

/* Who asks, and where its paths start. */
struct disk_view {
    const struct process_rights *rights; /* NULL: everything is allowed */
    struct disk_inode *root;
    struct disk_inode *here; /* for relative paths */
};

struct disk_inode *disk_root(const struct disk *disk);
void disk_inode_share(struct disk_inode *inode); /* one more open file or working directory */
void disk_inode_drop(struct disk_inode *inode);
enum sys_file_kind disk_inode_kind(const struct disk_inode *inode);
/* Its path from the root of the disk, one of them; "" once it has no name. */
void disk_inode_path(const struct disk_inode *inode, struct buf *out);

/* The inode gets a reference. mode is for a new file, whose owner is the view's. */
MUST_USE int disk_open(struct disk *disk, const struct disk_view *view, const char *path,
                       unsigned flags, uint32_t mode, struct disk_inode **inode);
/* A new socket name; an existing socket of that name is replaced. */
MUST_USE int disk_make_socket(struct disk *disk, const struct disk_view *view, const char *path,
                              struct disk_inode **inode);
/* A socket that the view may connect to, with a reference. */
MUST_USE int disk_find_socket(struct disk *disk, const struct disk_view *view, const char *path,
                              struct disk_inode **inode);
MUST_USE int disk_find_directory(struct disk *disk, const struct disk_view *view, const char *path,
                                 struct disk_inode **inode);

long disk_inode_read(const struct disk_inode *inode, void *data, size_t size, int64_t offset);
MUST_USE long disk_inode_write(struct disk_inode *inode, const void *data, size_t size,
                               int64_t offset);
MUST_USE int disk_inode_truncate(struct disk_inode *inode, int64_t size);
MUST_USE int disk_inode_chmod(struct disk_inode *inode, const struct disk_view *view,
                              uint32_t mode);
MUST_USE int disk_inode_chown(struct disk_inode *inode, const struct disk_view *view, uint32_t uid,
                              uint32_t gid);
MUST_USE int disk_inode_set_mtime(struct disk_inode *inode, const struct disk_view *view,
                                  int64_t wall_ns);
void disk_inode_stat(const struct disk_inode *inode, struct sys_stat *stat);

MUST_USE int disk_view_stat(struct disk *disk, const struct disk_view *view, const char *path,
                            struct sys_stat *stat);
MUST_USE int disk_rename(struct disk *disk, const struct disk_view *from_view, const char *from,
                         const struct disk_view *to_view, const char *to, bool no_replace);
MUST_USE int disk_link(struct disk *disk, const struct disk_view *from_view, const char *from,
                       const struct disk_view *to_view, const char *to);
MUST_USE int disk_unlink(struct disk *disk, const struct disk_view *view, const char *path);
MUST_USE int disk_mkdir(struct disk *disk, const struct disk_view *view, const char *path,
                        uint32_t mode);
MUST_USE int disk_rmdir(struct disk *disk, const struct disk_view *view, const char *path);

/* A sync is made of its start and, sync time later, its end, which makes durable what the start
 * saw. */
uint64_t disk_sync_start(const struct disk *disk);
void disk_sync_end(struct disk_inode *inode, uint64_t start);
int64_t disk_sync_time(const struct disk *disk);

/* Names of a directory in the order of a drawn permutation; the array is world memory. */
char **disk_inode_names(const struct disk_inode *inode, size_t *count);
bool disk_inode_has(const struct disk_inode *inode, const char *name);

/* Whole-file locks of open files. */
struct open_file;
bool disk_inode_lock(struct disk_inode *inode, struct open_file *file, bool exclusive);
void disk_inode_unlock(struct disk_inode *inode, const struct open_file *file);
struct list *disk_inode_lock_waiters(struct disk_inode *inode);

void disk_space(const struct disk *disk, struct sys_space *space);

#endif
