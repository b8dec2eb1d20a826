// SPDX-License-Identifier: ISC
#include "world/disk_log.h"

#include <string.h>

#include "base/assert.h"
#include "world/disk_inode.h"
#include "world/disk_state.h"
#include "world/machine.h"
#include "world/world_state.h"

/* ---- new operations ------------------------------------------------------------------------ */

bool disk_log_is_of_names(const struct disk_operation *operation)
{
    return operation->directory != NULL;
}

bool disk_log_is_removal(const struct disk_operation *operation)
{
    return operation->kind == DISK_LOG_UNLINK || operation->kind == DISK_LOG_RENAME_FROM;
}

bool disk_log_is_rename(const struct disk_operation *operation, const struct disk_operation *next)
{
    return operation->kind == DISK_LOG_RENAME_TO && next->kind == DISK_LOG_RENAME_FROM &&
           operation->sequence == next->sequence;
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
    disk->log_count++;
    inode->pending_count++;
    return operation;
}

/* The directory must outlive the operation, as the inode must. */
static struct disk_operation *add_name(struct disk_inode *directory, struct str name,
                                       struct disk_inode *inode, enum disk_log_kind kind)
{
    struct disk_operation *operation = add(inode, kind);
    operation->directory = directory;
    operation->name = mem_copy_str(directory->disk->mem, name);
    inode->pending_names++;
    directory->pending_count++;
    directory->now.mtime_wall_ns = disk_now_wall_ns(directory->disk);
    return operation;
}

uint64_t disk_log_link(struct disk_inode *directory, struct str name, struct disk_inode *inode)
{
    return add_name(directory, name, inode, DISK_LOG_LINK)->sequence;
}

void disk_log_unlink(struct disk_inode *directory, struct str name, struct disk_inode *inode)
{
    add_name(directory, name, inode, DISK_LOG_UNLINK);
}

uint64_t disk_log_rename(struct disk_inode *directory, struct str name,
                         struct disk_inode *to_directory, struct str to_name,
                         struct disk_inode *inode)
{
    struct disk_operation *to = add_name(to_directory, to_name, inode, DISK_LOG_RENAME_TO);
    struct disk_operation *from = add_name(directory, name, inode, DISK_LOG_RENAME_FROM);
    from->sequence = to->sequence;
    return to->sequence;
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

/* The part of the data in that unit, a sector or a block of the file. */
static void apply_unit(const struct disk_operation *operation, size_t unit, size_t unit_bytes)
{
    size_t end = operation->offset + operation->size;
    size_t from = unit * unit_bytes > operation->offset ? unit * unit_bytes : operation->offset;
    size_t to = (unit + 1) * unit_bytes < end ? (unit + 1) * unit_bytes : end;
    disk_inode_put_data(operation->inode, &operation->inode->durable,
                        operation->data + (from - operation->offset), to - from, from);
}

/* Every second unit of the operation, counted from its first one. */
static void apply_torn(const struct disk_operation *operation, size_t unit_bytes, size_t first)
{
    size_t end = operation->offset + operation->size;
    for (size_t unit = operation->offset / unit_bytes + first; unit * unit_bytes < end; unit += 2) {
        apply_unit(operation, unit, unit_bytes);
    }
}

static void apply_data(const struct disk_operation *operation, enum disk_log_fate fate)
{
    struct disk_inode *inode = operation->inode;
    struct disk_content *durable = &inode->durable;
    size_t size = fate == DISK_LOG_SHORT ? operation->size / 2 : operation->size;
    size_t end = operation->offset + size;
    if (end > durable->size) {
        disk_inode_put_size(inode, durable, end);
    }
    if (fate == DISK_LOG_KEPT || fate == DISK_LOG_SHORT) {
        disk_inode_put_data(inode, durable, operation->data, size, operation->offset);
    } else if (fate == DISK_LOG_TORN_SECTORS) {
        apply_torn(operation, DISK_SECTOR_BYTES, 1);
    } else if (fate == DISK_LOG_TORN_BLOCKS) {
        apply_torn(operation, DISK_BLOCK_BYTES, 0);
    }
    durable->mtime_wall_ns = operation->mtime_wall_ns;
}

/* Into how many units of that size the data reaches. */
static size_t unit_count(const struct disk_operation *operation, size_t unit_bytes)
{
    size_t end = operation->offset + operation->size;
    return (end + unit_bytes - 1) / unit_bytes - operation->offset / unit_bytes;
}

bool disk_log_may_be(const struct disk_operation *operation, enum disk_log_fate fate)
{
    bool grows = operation->offset + operation->size > operation->inode->durable.size;
    switch (fate) {
    case DISK_LOG_KEPT:
    case DISK_LOG_LOST:
        return true;
    case DISK_LOG_SHORT:
    case DISK_LOG_ZERO:
        return operation->kind == DISK_LOG_DATA && grows;
    case DISK_LOG_TORN_SECTORS:
        return operation->kind == DISK_LOG_DATA && unit_count(operation, DISK_SECTOR_BYTES) > 1;
    case DISK_LOG_TORN_BLOCKS:
        return operation->kind == DISK_LOG_DATA && unit_count(operation, DISK_BLOCK_BYTES) > 1;
    case DISK_LOG_FATES:
        break;
    }
    unreachable();
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
    case DISK_LOG_RENAME_TO:
        disk_inode_set_entry(operation->directory, true, str_from(operation->name),
                             operation->inode, 0);
        break;
    case DISK_LOG_UNLINK:
    case DISK_LOG_RENAME_FROM:
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

static void release_name(struct disk_operation *operation)
{
    struct disk_inode *directory = operation->directory;
    mem_free(directory->disk->mem, operation->name);
    operation->inode->pending_names--;
    directory->pending_count--;
    disk_inode_free_if_unused(directory);
}

static void forget(struct disk_operation *operation)
{
    struct disk_inode *inode = operation->inode;
    struct disk *disk = inode->disk;
    list_remove(&operation->in_log);
    disk->log_count--;
    inode->pending_count--;
    if (disk_log_is_of_names(operation)) {
        release_name(operation);
    }
    mem_free(disk->mem, operation->data);
    mem_free(disk->mem, operation);
    disk_inode_free_if_unused(inode);
}

void disk_log_settle(struct disk_operation *operation, enum disk_log_fate fate)
{
    if (fate != DISK_LOG_LOST) {
        apply(operation, fate);
    }
    forget(operation);
}

static bool is_written_back(const struct disk *disk, const struct disk_operation *operation)
{
    int64_t age_ns = disk->machine->world->now_ns - operation->at_ns;
    return disk->log_count > DISK_LOG_OPERATIONS_MAX ||
           (disk->contract != DISK_POSIX_MIN && age_ns >= DISK_LOG_WRITEBACK_NS);
}

void disk_log_write_back(struct disk *disk)
{
    while (!list_is_empty(&disk->log)) {
        struct disk_operation *first = list_entry(disk->log.next, struct disk_operation, in_log);
        if (!is_written_back(disk, first)) {
            break;
        }
        disk_log_settle(first, DISK_LOG_KEPT);
    }
}

/* ---- sync ---------------------------------------------------------------------------------- */

struct sync {
    const struct disk_inode *inode;
    uint64_t start; /* later operations are not covered */
    bool (*covers)(const struct sync *sync, const struct disk_operation *operation);
};

static bool changes(const struct disk_operation *operation, const struct disk_inode *inode)
{
    return operation->inode == inode && !disk_log_is_of_names(operation);
}

/* posix-min: a file's data and attributes; of a directory also its entries. A removal by a rename
 * takes the new name along. */
static bool posix_min_covers(const struct sync *sync, const struct disk_operation *operation)
{
    const struct disk_operation *next =
        list_entry(operation->in_log.next, const struct disk_operation, in_log);
    bool is_last = operation->in_log.next == &sync->inode->disk->log;
    return changes(operation, sync->inode) || operation->directory == sync->inode ||
           (!is_last && disk_log_is_rename(operation, next) && next->directory == sync->inode);
}

/* ext4: every operation, but no data of others. */
static bool ext4_covers(const struct sync *sync, const struct disk_operation *operation)
{
    return operation->kind != DISK_LOG_DATA || operation->inode == sync->inode;
}

/* postfix: a file with all its names and those of its parents; with a directory all names. */
static bool postfix_covers(const struct sync *sync, const struct disk_operation *operation)
{
    if (!disk_log_is_of_names(operation) || sync->inode->kind == SYS_FILE_DIRECTORY) {
        return disk_log_is_of_names(operation) || changes(operation, sync->inode);
    }
    const struct disk_inode *named = sync->inode;
    while (named != NULL && named != operation->inode) {
        named = named->parent;
    }
    return named != NULL;
}

/* The inode's last change that a sync of that start may know of. */
static uint64_t last_change(const struct disk_inode *inode, uint64_t start)
{
    uint64_t last = 0;
    list_each(node, &inode->disk->log)
    {
        struct disk_operation *operation = list_entry(node, struct disk_operation, in_log);
        if (operation->sequence > start) {
            break;
        }
        if (operation->inode == inode || operation->directory == inode) {
            last = operation->sequence;
        }
    }
    return last;
}

static bool is_same_name(const struct disk_operation *a, const struct disk_operation *b)
{
    return disk_log_is_of_names(a) && a->directory == b->directory && strcmp(a->name, b->name) == 0;
}

/* A name that comes to the platter makes older changes of the same name void: one that were still
 * pending could undo it. */
static void void_older(const struct disk_operation *newer)
{
    struct disk *disk = newer->inode->disk;
    list_each(node, &disk->log)
    {
        struct disk_operation *operation = list_entry(node, struct disk_operation, in_log);
        if (operation == newer) {
            return;
        }
        if (is_same_name(operation, newer)) {
            disk_log_settle(operation, DISK_LOG_LOST);
        }
    }
}

static void settle_covered(const struct sync *sync)
{
    list_each(node, &sync->inode->disk->log)
    {
        struct disk_operation *operation = list_entry(node, struct disk_operation, in_log);
        if (operation->sequence > sync->start) {
            break;
        }
        if (sync->covers(sync, operation)) {
            if (disk_log_is_of_names(operation)) {
                void_older(operation);
            }
            disk_log_settle(operation, DISK_LOG_KEPT);
        }
    }
}

/* No name will ever lead to it again, so nobody can miss its data. */
static bool is_forgotten(const struct disk_inode *inode)
{
    return inode->now.link_count == 0 && inode->durable.link_count == 0 &&
           inode->pending_names == 0;
}

static void drop_forgotten(struct disk *disk)
{
    list_each(node, &disk->log)
    {
        struct disk_operation *operation = list_entry(node, struct disk_operation, in_log);
        if (is_forgotten(operation->inode)) {
            disk_log_settle(operation, DISK_LOG_LOST);
        }
    }
}

/* The inode is open, so that it stays. */
void disk_log_sync(struct disk_inode *inode, uint64_t start)
{
    struct sync sync = {.inode = inode, .start = start};
    switch (inode->disk->contract) {
    case DISK_POSIX_MIN:
        sync.covers = posix_min_covers;
        break;
    case DISK_EXT4:
        sync.covers = ext4_covers;
        sync.start = last_change(inode, start);
        break;
    case DISK_POSTFIX:
        sync.covers = postfix_covers;
        break;
    }
    settle_covered(&sync);
    drop_forgotten(inode->disk);
    if (start > inode->synced) {
        inode->synced = start;
    }
}

void disk_log_lose_data(struct disk_inode *inode, uint64_t start)
{
    list_each(node, &inode->disk->log)
    {
        struct disk_operation *operation = list_entry(node, struct disk_operation, in_log);
        bool is_data = operation->kind == DISK_LOG_DATA || operation->kind == DISK_LOG_SIZE;
        if (operation->inode == inode && is_data && operation->sequence <= start) {
            disk_log_settle(operation, DISK_LOG_LOST);
        }
    }
}

/* ---- text ---------------------------------------------------------------------------------- */

void disk_log_describe(const struct disk_operation *operation, struct buf *out)
{
    static const char *const words[] = {
        [DISK_LOG_LINK] = "link",
        [DISK_LOG_UNLINK] = "unlink",
        [DISK_LOG_RENAME_TO] = "rename to",
        [DISK_LOG_RENAME_FROM] = "rename from",
        [DISK_LOG_ATTRIBUTES] = "attributes of",
        [DISK_LOG_SIZE] = "truncate",
        [DISK_LOG_DATA] = "data of",
    };
    buf_putf(out, "%s ", words[operation->kind]);
    if (disk_log_is_of_names(operation)) {
        disk_inode_path(operation->directory, out);
        buf_putf(out, "/%s", operation->name);
    } else {
        disk_inode_path(operation->inode, out);
    }
    if (operation->kind == DISK_LOG_DATA) {
        buf_putf(out, " %zu+%zu", operation->offset, operation->size);
    }
}
