// SPDX-License-Identifier: ISC
/* world/disk_state - the inside of struct disk, for the files disk*.c */
#ifndef WORLD_DISK_STATE_H
#define WORLD_DISK_STATE_H

#include "base/list.h"
#include "base/map.h"
#include "base/mem.h"
#include "world/disk.h"

enum {
    DISK_BLOCK_BYTES = 4096,
    DISK_ENTRIES_MAX = 10 * 1000 * 1000,
    DISK_ROOT_NUMBER = 2,
    DISK_FIRST_NUMBER = 11,
};

/* A name in a directory. */
struct disk_entry {
    struct disk_inode *inode;
    uint64_t changed; /* sequence of the operation that made it; 0: there from the start */
};

/* One of the two states of an inode. */
struct disk_content {
    uint32_t mode;
    uint32_t uid;
    uint32_t gid;
    int64_t mtime_wall_ns;
    char *data; /* regular files */
    size_t size;
    size_t capacity;
    struct map entries;  /* directories: name -> struct disk_entry */
    uint32_t link_count; /* names of this inode in this state */
};

struct disk_inode {
    struct disk *disk;
    struct list in_disk;
    uint64_t number;
    enum sys_file_kind kind;
    struct disk_content now;     /* what processes see */
    struct disk_content durable; /* what is on the platter */
    uint32_t open_count;         /* open files, working directories, sockets */
    uint32_t pending_count;      /* operations in the log that know it */
    uint32_t pending_names;      /* and those of its own names */
    uint64_t changed;            /* sequence of the last change of data, size, mode or owner */
    uint64_t synced;             /* start of the last sync that ended */
    bool sync_failed;            /* and what it should have brought there is lost */
    bool name_lost;              /* in a power cut under way: one of its new names was */
    struct disk_inode *parent;   /* where its latest name is; NULL: gone */
    char *name;
    int64_t bytes_counted; /* its part of disk->bytes_used */
    int64_t files_counted; /* and of disk->files_used: 0 or 1 */
    struct list locks;     /* struct disk_lock */
    struct list lock_waiters;
};

struct disk {
    struct machine *machine;
    struct mem *mem;
    enum disk_contract contract;
    struct disk_inode *root;
    struct list inodes;
    struct list log; /* struct disk_operation, oldest first */
    int log_count;
    uint64_t sequence;
    uint64_t last_sync_start;
    int64_t sync_ns;
    int64_t tick_ns;     /* times of files are multiples of it */
    bool read_only;      /* for processes */
    int64_t quota_bytes; /* like bytes_max, but nobody is told how much is left */
    int64_t bytes_max;
    int64_t bytes_used; /* by what processes see, in whole blocks */
    int64_t files_max;
    int64_t files_used;
    uint64_t next_number;
    uint64_t *free_numbers; /* freed last is used first */
    size_t free_count;
    size_t free_capacity;
};

/* The time that a file gets which is changed now. */
int64_t disk_now_wall_ns(const struct disk *disk);

#endif
