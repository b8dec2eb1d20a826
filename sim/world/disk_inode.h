// SPDX-License-Identifier: ISC
/* world/disk_inode - files, directories and sockets on a simulated disk, whatever their names
 *
 * Memory    an inode is freed when it has no name in either state, no pending operation and
 *           nobody has it open
 * Blocks    never
 */
#ifndef WORLD_DISK_INODE_H
#define WORLD_DISK_INODE_H

#include "world/disk.h"

struct disk_content;
struct list;
struct open_file;

enum { DISK_FILE_BYTES_MAX = 1 << 30 };

/* ---- life ---------------------------------------------------------------------------------- */

struct disk_inode *disk_inode_new(struct disk *disk, enum sys_file_kind kind, uint32_t mode,
                                  uint32_t uid, uint32_t gid);
void disk_inode_share(struct disk_inode *inode); /* one more that has it open */
void disk_inode_drop(struct disk_inode *inode);
void disk_inode_free_if_unused(struct disk_inode *inode);
void disk_inode_count(struct disk_inode *inode); /* brings the disk's use up to date */

enum sys_file_kind disk_inode_kind(const struct disk_inode *inode);
bool disk_inode_is_removed(const struct disk_inode *inode); /* it has no name any more */
void disk_inode_stat(const struct disk_inode *inode, struct sys_stat *stat);
/* Its latest name, from the root of the disk; nothing once that is gone. */
void disk_inode_path(const struct disk_inode *inode, struct buf *out);

/* ---- data and attributes ------------------------------------------------------------------- */

long disk_inode_read(const struct disk_inode *inode, void *data, size_t size, int64_t offset);
/* A count, short when the disk is full, then -ERR_NO_SPACE; -ERR_FILE_TOO_LARGE. */
MUST_USE long disk_inode_write(struct disk_inode *inode, const void *data, size_t size,
                               int64_t offset);
MUST_USE int disk_inode_truncate(struct disk_inode *inode, int64_t size);
MUST_USE int disk_inode_chmod(struct disk_inode *inode, const struct process_rights *rights,
                              uint32_t mode);
MUST_USE int disk_inode_chown(struct disk_inode *inode, const struct process_rights *rights,
                              uint32_t uid, uint32_t gid);
MUST_USE int disk_inode_set_mtime(struct disk_inode *inode, const struct process_rights *rights,
                                  int64_t wall_ns);

/* Of one state, without a word to the log. */
void disk_inode_put_data(struct disk_inode *inode, struct disk_content *content, const void *data,
                         size_t size, size_t offset);
void disk_inode_put_size(struct disk_inode *inode, struct disk_content *content, size_t size);

/* ---- directories --------------------------------------------------------------------------- */

struct disk_inode *disk_inode_lookup(const struct disk_inode *directory, struct str name);
/* Its names in an order that depends on the key, with key 0 in that of their making; the array and
 * its strings are world memory. */
char **disk_inode_names(const struct disk_inode *directory, uint64_t key, size_t *count);

/* Of one state; set replaces. */
void disk_inode_set_entry(struct disk_inode *directory, bool durable, struct str name,
                          struct disk_inode *inode, uint64_t changed);
void disk_inode_clear_entry(struct disk_inode *directory, bool durable, struct str name);
void disk_inode_clear_content(struct disk_inode *inode, bool durable);

/* ---- whole-file locks ---------------------------------------------------------------------- */

/* False when another open file's lock is in the way. */
bool disk_inode_lock(struct disk_inode *inode, struct open_file *file, bool exclusive);
void disk_inode_unlock(struct disk_inode *inode, const struct open_file *file);
struct list *disk_inode_lock_waiters(struct disk_inode *inode);

#endif
