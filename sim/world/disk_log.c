// SPDX-License-Identifier: ISC
#include "world/disk_log.h"

#include <string.h>

#include "base/assert.h"
#include "world/disk_inode.h"
#include "world/disk_state.h"
#include "world/machine.h"
#include "world/world_state.h"

/* ---- new operations ------------------------------------------------------------------------ */

static bool is_of_names(enum disk_log_kind kind)
{
    return kind == DISK_LOG_LINK || kind == DISK_LOG_UNLINK || kind == DISK_LOG_RENAME;
}

static struct disk_operation *add(struct disk_inode *inode, enum disk_log_kind kind)
{
    struct disk *disk = inode->disk;
    disk_log_write_back(disk);
    struct disk_operation *operation = mem_alloc(disk->mem, sizeof(*operation));
    operation->sequence = ++disk->sequence;
    operation->at_ns = disk->machine->world->now_ns;
    operation->kind = kind;
    operation->inode = inode;
    operation->mtime_wall_ns = inode->now.mtime_wall_ns;
    list_append(&disk->log, &operation->in_log);
    if (is_of_names(kind)) {
        inode->pending_names++;
    } else {
        inode->pending_data++;
    }
    return operation;
}

/* The directory must outlive the operation, as the inode must. */
static char *hold_name(struct disk_inode *directory, struct str name)
{
    directory->pending_names++;
    directory->now.mtime_wall_ns = machine_wall_ns(directory->disk->machine);
    return mem_copy_str(directory->disk->mem, name);
}

uint64_t disk_log_link(struct disk_inode *directory, struct str name, struct disk_inode *inode)
{
    struct disk_operation *operation = add(inode, DISK_LOG_LINK);
    operation->directory = directory;
    operation->name = hold_name(directory, name);
    return operation->sequence;
}

void disk_log_unlink(struct disk_inode *directory, struct str name, struct disk_inode *inode)
{
    struct disk_operation *operation = add(inode, DISK_LOG_UNLINK);
    operation->directory = directory;
    operation->name = hold_name(directory, name);
}

uint64_t disk_log_rename(struct disk_inode *directory, struct str name,
                         struct disk_inode *to_directory, struct str to_name,
                         struct disk_inode *inode)
{
    struct disk_operation *operation = add(inode, DISK_LOG_RENAME);
    operation->directory = directory;
    operation->name = hold_name(directory, name);
    operation->to_directory = to_directory;
    operation->to_name = hold_name(to_directory, to_name);
    return operation->sequence;
}

void disk_log_attributes(struct disk_inode *inode)
{
    struct disk_operation *operation = add(inode, DISK_LOG_ATTRIBUTES);
    operation->mode = inode->now.mode;
    operation->uid = inode->now.uid;
    operation->gid = inode->now.gid;
}

void disk_log_size(struct disk_inode *inode)
{
    struct disk_operation *operation = add(inode, DISK_LOG_SIZE);
    operation->size = inode->now.size;
    inode->changed = operation->sequence;
}

/* The newest operation, if it is a write that ends where the next one starts and no sync has
 * started since: the two are one. */
static struct disk_operation *continued(struct disk_inode *inode, size_t offset)
{
    struct disk *disk = inode->disk;
    if (list_is_empty(&disk->log)) {
        return NULL;
    }
    struct disk_operation *last = list_entry(disk->log.previous, struct disk_operation, in_log);
    bool continues = last->kind == DISK_LOG_DATA && last->inode == inode &&
                     last->offset + last->size == offset && last->sequence > disk->last_sync_start;
    return continues ? last : NULL;
}

static void append_data(struct disk_operation *operation, const void *data, size_t size)
{
    if (operation->size + size > operation->capacity) {
        size_t capacity = operation->capacity == 0 ? size : 2 * operation->capacity;
        operation->capacity = capacity > operation->size + size ? capacity : operation->size + size;
        operation->data =
            mem_resize(operation->inode->disk->mem, operation->data, operation->capacity);
    }
    if (size > 0) {
        memcpy(operation->data + operation->size, data, size);
    }
    operation->size += size;
}

void disk_log_data(struct disk_inode *inode, const void *data, size_t size, size_t offset)
{
    disk_log_write_back(inode->disk);
    struct disk_operation *operation = continued(inode, offset);
    if (operation == NULL) {
        operation = add(inode, DISK_LOG_DATA);
        operation->offset = offset;
    }
    append_data(operation, data, size);
    operation->mtime_wall_ns = inode->now.mtime_wall_ns;
    inode->changed = operation->sequence;
}

/* ---- to the platter ------------------------------------------------------------------------ */

static bool has_entry(const struct disk_inode *directory, struct str name,
                      const struct disk_inode *inode)
{
    struct disk_entry *entry = map_get(&directory->durable.entries, name);
    return entry != NULL && entry->inode == inode;
}

static void apply_data(const struct disk_operation *operation, enum disk_log_fate fate)
{
    struct disk_inode *inode = operation->inode;
    struct disk_content *durable = &inode->durable;
    size_t end = operation->offset + operation->size;
    if (fate == DISK_LOG_ZERO) {
        disk_inode_put_size(inode, durable, durable->size > end ? durable->size : end);
    } else {
        size_t size = fate == DISK_LOG_SHORT ? operation->size / 2 : operation->size;
        disk_inode_put_data(inode, durable, operation->data, size, operation->offset);
    }
    durable->mtime_wall_ns = operation->mtime_wall_ns;
}

static void apply_attributes(const struct disk_operation *operation)
{
    struct disk_content *durable = &operation->inode->durable;
    durable->mode = operation->mode;
    durable->uid = operation->uid;
    durable->gid = operation->gid;
    durable->mtime_wall_ns = operation->mtime_wall_ns;
}

static void apply_removal(const struct disk_operation *operation)
{
    struct str name = str_from(operation->name);
    if (has_entry(operation->directory, name, operation->inode)) {
        disk_inode_clear_entry(operation->directory, true, name);
    }
}

static void apply(const struct disk_operation *operation, enum disk_log_fate fate)
{
    switch (operation->kind) {
    case DISK_LOG_LINK:
        disk_inode_set_entry(operation->directory, true, str_from(operation->name),
                             operation->inode, 0);
        break;
    case DISK_LOG_UNLINK:
        apply_removal(operation);
        break;
    case DISK_LOG_RENAME:
        disk_inode_set_entry(operation->to_directory, true, str_from(operation->to_name),
                             operation->inode, 0);
        apply_removal(operation);
        break;
    case DISK_LOG_ATTRIBUTES:
        apply_attributes(operation);
        break;
    case DISK_LOG_SIZE:
        disk_inode_put_size(operation->inode, &operation->inode->durable, operation->size);
        break;
    case DISK_LOG_DATA:
        apply_data(operation, fate);
        break;
    }
}

static void release_directory(struct disk_inode *directory, char *name)
{
    if (directory != NULL) {
        mem_free(directory->disk->mem, name);
        directory->pending_names--;
        disk_inode_free_if_unused(directory);
    }
}

static void forget(struct disk_operation *operation)
{
    struct disk_inode *inode = operation->inode;
    struct mem *mem = inode->disk->mem;
    list_remove(&operation->in_log);
    if (is_of_names(operation->kind)) {
        inode->pending_names--;
    } else {
        inode->pending_data--;
    }
    release_directory(operation->directory, operation->name);
    release_directory(operation->to_directory, operation->to_name);
    mem_free(mem, operation->data);
    mem_free(mem, operation);
    disk_inode_free_if_unused(inode);
}

void disk_log_settle(struct disk_operation *operation, enum disk_log_fate fate)
{
    if (fate != DISK_LOG_LOST) {
        apply(operation, fate);
    }
    forget(operation);
}

void disk_log_write_back(struct disk *disk)
{
    int64_t old_ns = disk->machine->world->now_ns - DISK_LOG_WRITEBACK_NS;
    while (!list_is_empty(&disk->log)) {
        struct disk_operation *first = list_entry(disk->log.next, struct disk_operation, in_log);
        if (first->at_ns > old_ns) {
            break;
        }
        disk_log_settle(first, DISK_LOG_KEPT);
    }
}

/* ---- sync ---------------------------------------------------------------------------------- */

static bool touches(const struct disk_operation *operation, const struct disk_inode *inode)
{
    return operation->inode == inode || operation->directory == inode ||
           operation->to_directory == inode;
}

/* The inode's last change that a sync of that start covers. */
static uint64_t last_change(const struct disk_inode *inode, uint64_t start)
{
    uint64_t last = 0;
    list_each(node, &inode->disk->log)
    {
        struct disk_operation *operation = list_entry(node, struct disk_operation, in_log);
        if (operation->sequence > start) {
            break;
        }
        if (touches(operation, inode)) {
            last = operation->sequence;
        }
    }
    return last;
}

/* No name will ever lead to it again, so nobody can miss its data. */
static bool is_forgotten(const struct disk_inode *inode)
{
    return inode->now.link_count == 0 && inode->durable.link_count == 0 &&
           inode->pending_names == 0;
}

/* ext4: its own data, and every operation but data up to its last change. The inode is open, so
 * that it stays. */
void disk_log_sync(struct disk_inode *inode, uint64_t start)
{
    struct disk *disk = inode->disk;
    uint64_t last = last_change(inode, start);
    list_each(node, &disk->log)
    {
        struct disk_operation *operation = list_entry(node, struct disk_operation, in_log);
        if (operation->sequence > last) {
            break;
        }
        if (operation->kind != DISK_LOG_DATA || operation->inode == inode) {
            disk_log_settle(operation, DISK_LOG_KEPT);
        }
    }
    list_each(node, &disk->log)
    {
        struct disk_operation *operation = list_entry(node, struct disk_operation, in_log);
        if (operation->sequence > last) {
            break;
        }
        if (is_forgotten(operation->inode)) {
            disk_log_settle(operation, DISK_LOG_LOST);
        }
    }
    if (start > inode->synced) {
        inode->synced = start;
    }
}

/* ---- text ---------------------------------------------------------------------------------- */

static void put_name(struct buf *out, const struct disk_inode *directory, const char *name)
{
    buf_put_char(out, ' ');
    disk_inode_path(directory, out);
    buf_putf(out, "/%s", name);
}

void disk_log_describe(const struct disk_operation *operation, struct buf *out)
{
    static const char *const words[] = {
        [DISK_LOG_LINK] = "link",     [DISK_LOG_UNLINK] = "unlink",
        [DISK_LOG_RENAME] = "rename", [DISK_LOG_ATTRIBUTES] = "attributes",
        [DISK_LOG_SIZE] = "truncate", [DISK_LOG_DATA] = "data",
    };
    buf_put_text(out, words[operation->kind]);
    if (operation->directory == NULL) {
        buf_put_char(out, ' ');
        disk_inode_path(operation->inode, out);
    } else {
        put_name(out, operation->directory, operation->name);
    }
    if (operation->to_directory != NULL) {
        put_name(out, operation->to_directory, operation->to_name);
    }
    if (operation->kind == DISK_LOG_DATA) {
        buf_putf(out, " %zu+%zu", operation->offset, operation->size);
    }
}
