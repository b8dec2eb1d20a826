// SPDX-License-Identifier: ISC
#include "world/open_file.h"

#include "base/assert.h"
#include "world/disk_inode.h"
#include "world/socket.h"
#include "world/world_state.h"

struct open_file *open_file_new(struct world *world, enum open_file_kind kind,
                                struct disk_inode *inode, struct socket *socket, unsigned flags)
{
    struct open_file *file = mem_alloc(world->mem, sizeof(*file));
    file->world = world;
    file->reference_count = 1;
    file->kind = kind;
    file->inode = inode;
    file->socket = socket;
    file->flags = flags;
    return file;
}

void open_file_share(struct open_file *file)
{
    assert(file->reference_count > 0);
    file->reference_count++;
}

void open_file_forget_names(struct open_file *file)
{
    for (size_t i = 0; i < file->name_count; i++) {
        mem_free(file->world->mem, file->names[i]);
    }
    mem_free(file->world->mem, file->names);
    file->names = NULL;
    file->name_count = 0;
    file->name_next = 0;
}

void open_file_drop(struct open_file *file, bool silent)
{
    assert(file->reference_count > 0);
    file->reference_count--;
    if (file->reference_count > 0) {
        return;
    }
    if (file->inode != NULL) {
        disk_inode_unlock(file->inode, file);
        disk_inode_drop(file->inode);
    }
    if (file->socket != NULL) {
        socket_close(file->socket, silent);
    }
    open_file_forget_names(file);
    mem_free(file->world->mem, file);
}
