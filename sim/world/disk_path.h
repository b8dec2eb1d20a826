// SPDX-License-Identifier: ISC
/* world/disk_path - from paths to inodes, with the rights of who asks
 *
 * Errors    NOT_FOUND NOT_DIRECTORY ACCESS NAME_TOO_LONG
 * Blocks    never
 */
#ifndef WORLD_DISK_PATH_H
#define WORLD_DISK_PATH_H

#include "world/disk.h"

enum { DISK_READ = 4, DISK_WRITE = 2, DISK_SEARCH = 1 };

/* Where a path leads: the directory that is there, the last name, and what has it, if anything.
 * Of "/" and of paths that end in . or .. the name is empty. */
struct disk_place {
    struct disk_inode *directory;
    struct str name; /* looks into the path */
    struct disk_inode *inode;
};

MUST_USE int disk_path_find(const struct disk_view *view, const char *path,
                            struct disk_place *place);
/* The same for what must exist. */
MUST_USE int disk_path_find_inode(const struct disk_view *view, const char *path,
                                  struct disk_inode **inode);

bool disk_path_allowed(const struct disk_inode *inode, const struct process_rights *rights,
                       unsigned access);
/* Owner or root. */
bool disk_path_owned(const struct disk_inode *inode, const struct process_rights *rights);

#endif
