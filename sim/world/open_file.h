// SPDX-License-Identifier: ISC
/* world/open_file - what a descriptor refers to
 *
 * As in a kernel, several descriptors, also of several processes, may share one open file; it
 * ends with the last of them.
 *
 * Blocks    never
 */
#ifndef WORLD_OPEN_FILE_H
#define WORLD_OPEN_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attribute.h"
#include "base/list.h"

struct disk_inode;
struct socket;
struct sys;
struct world;

enum open_file_kind {
    OPEN_FILE_DISK, /* file or directory */
    OPEN_FILE_SOCKET,
    OPEN_FILE_TERMINAL, /* standard input and outputs of a process: process.h */
};

struct open_file {
    struct world *world;
    int reference_count;
    enum open_file_kind kind;
    struct disk_inode *inode;
    unsigned flags; /* enum sys_open_flag */
    struct socket *socket;
    char **names; /* of a directory that is being listed, else NULL */
    size_t name_count;
    size_t name_next;
};

/* Takes over the reference to inode or socket; reference_count is 1. */
struct open_file *open_file_new(struct world *world, enum open_file_kind kind,
                                struct disk_inode *inode, struct socket *socket, unsigned flags);
void open_file_share(struct open_file *file);
/* Drops one reference. When `silent`, a socket ends without a word to its peer: power is gone. */
void open_file_drop(struct open_file *file, bool silent);

void open_file_forget_names(struct open_file *file); /* the next listing starts anew */

#endif
