// SPDX-License-Identifier: ISC
/* world/disk_log - operations that processes have seen and the platter has not
 *
 * A rename is two operations of the same sequence, the new name and then the old one's removal,
 * since the platter may get one without the other. Where a contract says that a removal needs
 * another operation, a sync that covers the removal covers that one too; what a sync brings to the platter
 * ahead of older operations on the same name makes these void.
 *
 * Contract  with ext4 and postfix, an operation that is DISK_LOG_WRITEBACK_NS old is on the
 *           platter: the kernel writes back by itself. With posix-min only a sync brings it there
 * Limits    DISK_LOG_OPERATIONS_MAX; older ones are then on the platter, whatever the contract
 * Blocks    never
 */
#ifndef WORLD_DISK_LOG_H
#define WORLD_DISK_LOG_H

#include "base/list.h"
#include "world/disk.h"

#define DISK_LOG_WRITEBACK_NS (30 * SYS_SECOND_NS)

enum { DISK_LOG_OPERATIONS_MAX = 20 * 1000, DISK_SECTOR_BYTES = 512 };

enum disk_log_kind {
    DISK_LOG_LINK,   /* inode gets a name: create, link, mkdir */
    DISK_LOG_UNLINK, /* inode loses a name: unlink, rmdir */
    DISK_LOG_RENAME_TO,
    DISK_LOG_RENAME_FROM,
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
    struct disk_inode *directory; /* of the name */
    char *name;
    uint32_t mode; /* ATTRIBUTES */
    uint32_t uid;
    uint32_t gid;
    int64_t mtime_wall_ns; /* ATTRIBUTES, DATA */
    size_t offset;         /* DATA */
    size_t size;           /* DATA, SIZE */
    char *data;
    size_t capacity;
};

/* What a power cut leaves of an operation; behind LOST only of data. What is missing of a file
 * that grew is zeros, of one that was overwritten what stood there. */
enum disk_log_fate {
    DISK_LOG_KEPT,
    DISK_LOG_LOST,
    DISK_LOG_SHORT,        /* the file ends in the middle of it */
    DISK_LOG_ZERO,         /* the size without the data */
    DISK_LOG_TORN_SECTORS, /* of its sectors the first, third, ... are missing */
    DISK_LOG_TORN_BLOCKS,  /* of its blocks the second, fourth, ... are missing */
    DISK_LOG_FATES,
};

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

bool disk_log_is_of_names(const struct disk_operation *operation);
bool disk_log_is_removal(const struct disk_operation *operation);
/* Whether the two are one rename. */
bool disk_log_is_rename(const struct disk_operation *operation, const struct disk_operation *next);
/* Whether this fate leaves something else of the operation than KEPT and LOST do. */
bool disk_log_may_be(const struct disk_operation *operation, enum disk_log_fate fate);

/* Brings one operation to the platter, or what its fate leaves of it, and forgets it. */
void disk_log_settle(struct disk_operation *operation, enum disk_log_fate fate);
/* The data of the inode up to that sequence will not come to the platter, ever. */
void disk_log_lose_data(struct disk_inode *inode, uint64_t start);

/* "rename to /a/c", "data /a/b 0+512". */
void disk_log_describe(const struct disk_operation *operation, struct buf *out);

#endif
