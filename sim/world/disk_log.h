// SPDX-License-Identifier: ISC
/* world/disk_log - operations that processes have seen and the platter has not
 *
 * Contract  an operation that is DISK_LOG_WRITEBACK_NS old is on the platter: the kernel writes
 *           back by itself
 * Blocks    never
 */
#ifndef WORLD_DISK_LOG_H
#define WORLD_DISK_LOG_H

#include "base/list.h"
#include "world/disk.h"

#define DISK_LOG_WRITEBACK_NS (30 * SYS_SECOND_NS)

enum disk_log_kind {
    DISK_LOG_LINK,   /* inode gets a name: create, link, mkdir */
    DISK_LOG_UNLINK, /* inode loses a name: unlink, rmdir */
    DISK_LOG_RENAME,
    DISK_LOG_ATTRIBUTES, /* mode, owner, mtime */
    DISK_LOG_SIZE,       /* truncate */
    DISK_LOG_DATA,
};

struct disk_operation {
    struct list in_log;
    uint64_t sequence;
    int64_t at_ns;
    enum disk_log_kind kind;
    struct disk_inode *inode;
    struct disk_inode *directory; /* of the name; RENAME: of the old one */
    char *name;
    struct disk_inode *to_directory; /* RENAME */
    char *to_name;
    uint32_t mode; /* ATTRIBUTES */
    uint32_t uid;
    uint32_t gid;
    int64_t mtime_wall_ns; /* ATTRIBUTES, DATA */
    size_t offset;         /* DATA */
    size_t size;           /* DATA, SIZE */
    char *data;
    size_t capacity;
};

/* What a power cut leaves of an operation; SHORT and ZERO only of data. */
enum disk_log_fate { DISK_LOG_KEPT, DISK_LOG_LOST, DISK_LOG_SHORT, DISK_LOG_ZERO };

/* Each is called after the change of what processes see; name operations return the sequence
 * that the entry must carry. */
uint64_t disk_log_link(struct disk_inode *directory, struct str name, struct disk_inode *inode);
void disk_log_unlink(struct disk_inode *directory, struct str name, struct disk_inode *inode);
uint64_t disk_log_rename(struct disk_inode *directory, struct str name,
                         struct disk_inode *to_directory, struct str to_name,
                         struct disk_inode *inode);
void disk_log_attributes(struct disk_inode *inode);
void disk_log_size(struct disk_inode *inode);
void disk_log_data(struct disk_inode *inode, const void *data, size_t size, size_t offset);

/* Applies old operations; the rest is what can be lost. */
void disk_log_write_back(struct disk *disk);
/* Makes durable what the contract says of a sync of this inode that started then. */
void disk_log_sync(struct disk_inode *inode, uint64_t start);

/* Brings one operation to the platter, or what its fate leaves of it, and forgets it. */
void disk_log_settle(struct disk_operation *operation, enum disk_log_fate fate);

/* "rename /a/b /a/c", "data /a/b 0+512". */
void disk_log_describe(const struct disk_operation *operation, struct buf *out);

#endif
