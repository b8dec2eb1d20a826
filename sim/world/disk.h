// SPDX-License-Identifier: ISC
/* world/disk - a file system in memory that knows what would survive a power cut
 *
 * Every inode has two states: what processes see, and what is certainly on the platter. Between
 * them stand the pending operations, in order (disk_log.h). fsync moves operations to the platter
 * as the contract says; a power cut keeps any set of the rest that the contract allows
 * (disk_image.h).
 *
 * Contract  of every disk: unsynced data may be missing, short, torn or zero, synced data stays; a
 *           rename leaves at least one of its names, perhaps both; an inode keeps its number
 *           posix-min: fsync of a file makes its data durable, fsync of a directory its entries;
 *           directory operations persist in any order
 *           ext4: directory operations persist in order, renames as a whole; fsync of an inode
 *           makes durable its data and every operation up to that inode's last change
 *           postfix: a file that was synced is found ever after, under its name of then or a later
 *           one; a name is removed only when those given to the file before persist
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
#include "base/str.h"
#include "sys/fs.h"

struct disk;
struct disk_inode;
struct machine;
struct process_rights;

#define DISK_NO_QUOTA INT64_MAX

enum disk_contract { DISK_POSIX_MIN, DISK_EXT4, DISK_POSTFIX };

/* ---- for scenarios and checks -------------------------------------------------------------- */

/* Contents from outside. Paths are absolute; missing parents are made, owned by root, mode 0755.
 * All of it is durable at once, and there is room for it; what is there already is replaced or, for
 * directories, kept with the new mode and owner. */
void disk_put_directory(struct disk *disk, const char *path, uint32_t mode, uint32_t uid,
                        uint32_t gid);
void disk_put_file(struct disk *disk, const char *path, struct str data, uint32_t mode,
                   uint32_t uid, uint32_t gid);

/* The file that is there gets mode, owner and time of the stat; a further name; one name less. */
void disk_put_attributes(struct disk *disk, const char *path, const struct sys_stat *stat);
void disk_put_link(struct disk *disk, const char *path, const char *new_path);
void disk_remove_link(struct disk *disk, const char *path);

/* 0 or -ERR_NOT_FOUND, -ERR_IS_DIRECTORY; out gets what processes see. */
MUST_USE int disk_read(const struct disk *disk, const char *path, struct buf *out);
MUST_USE int disk_stat(const struct disk *disk, const char *path, struct sys_stat *stat);

/* Calls visit for each entry of a directory, by name; a missing directory has none. */
void disk_list(const struct disk *disk, const char *path,
               void (*visit)(void *argument, const char *name, const struct sys_stat *stat),
               void *argument);

/* True when the file of that name would survive a power cut under posix-min, whatever contract
 * this disk has: synced since its last write and change of its owner's
 * permissions, its entry and those of all its parents by syncs of
 * their directories that started after them. */
bool disk_is_durable(const struct disk *disk, const char *path);

/* True when the file of that name was synced since its last write; its names may not be. */
bool disk_is_synced(const struct disk *disk, const char *path);

/* How long each fsync takes: what else runs may change things under way. 0 at first. */
void disk_set_sync_time(struct disk *disk, int64_t sync_ns);
void disk_set_capacity(struct disk *disk, int64_t bytes, int64_t files);
/* So many bytes may be in use: beyond that writing fails with -ERR_QUOTA, whatever space is left;
 * DISK_NO_QUOTA. */
void disk_set_quota(struct disk *disk, int64_t bytes);
/* Processes change nothing, not even files that they have open, and no sync makes anything durable,
 * as when a file system has found an error in itself. */
void disk_set_read_only(struct disk *disk, bool read_only);
void disk_set_contract(struct disk *disk, enum disk_contract contract);

/* ---- for processes ------------------------------------------------------------------------- */

/* Who asks, and where the paths start. */
struct disk_view {
    const struct process_rights *rights; /* NULL: everything is allowed */
    struct disk_inode *root;
    struct disk_inode *here; /* for relative paths */
};

struct disk *disk_new(struct machine *machine, enum disk_contract contract);
struct disk_inode *disk_root(const struct disk *disk);

/* The inode gets a reference. mode is for a new file, whose owner is the view's. */
MUST_USE int disk_open(struct disk *disk, const struct disk_view *view, const char *path,
                       unsigned flags, uint32_t mode, struct disk_inode **inode);
/* A new socket name, with a reference; an existing socket of that name is replaced. */
MUST_USE int disk_make_socket(struct disk *disk, const struct disk_view *view, const char *path,
                              struct disk_inode **inode);
/* A socket that the view may connect to, with a reference. */
MUST_USE int disk_find_socket(const struct disk_view *view, const char *path,
                              struct disk_inode **inode);
/* With a reference. */
MUST_USE int disk_find_directory(const struct disk_view *view, const char *path,
                                 struct disk_inode **inode);

MUST_USE int disk_view_stat(const struct disk_view *view, const char *path, struct sys_stat *stat);
MUST_USE int disk_rename(struct disk *disk, const struct disk_view *from_view, const char *from,
                         const struct disk_view *to_view, const char *to, bool no_replace);
MUST_USE int disk_link(struct disk *disk, const struct disk_view *from_view, const char *from,
                       const struct disk_view *to_view, const char *to);
MUST_USE int disk_unlink(struct disk *disk, const struct disk_view *view, const char *path);
MUST_USE int disk_mkdir(struct disk *disk, const struct disk_view *view, const char *path,
                        uint32_t mode);
MUST_USE int disk_rmdir(struct disk *disk, const struct disk_view *view, const char *path);

/* A sync is made of its start and, disk_sync_time() later, its end, which makes durable what was
 * there at the start. */
uint64_t disk_sync_start(struct disk *disk);
void disk_sync_end(struct disk *disk, struct disk_inode *inode, uint64_t start);
int64_t disk_sync_time(const struct disk *disk);
/* The end of a sync that failed. What it should have made durable never will be, although a later
 * sync succeeds: the system takes the data for written. Whether processes still see it (as with
 * ext4) or what was there before (as with Btrfs) is drawn. A directory's entries stay pending. */
void disk_sync_fail(struct disk *disk, struct disk_inode *inode, uint64_t start);

/* 0, or -ERR_READ_ONLY: a process changes nothing. */
MUST_USE int disk_check_writable(const struct disk *disk);

/* The same of a sync, which fails only when something waits for it. */
MUST_USE int disk_check_sync(const struct disk_inode *inode);

void disk_space(const struct disk *disk, struct sys_space *space);

#endif
