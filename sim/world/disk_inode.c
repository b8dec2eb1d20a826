// SPDX-License-Identifier: ISC
#include "world/disk_inode.h"

#include <stdlib.h>
#include <string.h>

#include "base/assert.h"
#include "base/hash.h"
#include "world/disk_log.h"
#include "world/disk_path.h"
#include "world/disk_state.h"
#include "world/fiber.h"
#include "world/machine.h"
#include "world/open_file.h"
#include "world/process.h"

/* ---- life ---------------------------------------------------------------------------------- */

static uint64_t take_number(struct disk *disk)
{
    return disk->free_count > 0 ? disk->free_numbers[--disk->free_count] : disk->next_number++;
}

static void give_number(struct disk *disk, uint64_t number)
{
    if (disk->free_count == disk->free_capacity) {
        disk->free_capacity = disk->free_capacity == 0 ? 64 : 2 * disk->free_capacity;
        disk->free_numbers = mem_resize(disk->mem, disk->free_numbers,
                                        disk->free_capacity * sizeof(disk->free_numbers[0]));
    }
    disk->free_numbers[disk->free_count++] = number;
}

/* Of a file's owner: by them cleanup says that a file is whole. What others may do with it is a mark
 * that comes and goes, and makes it neither more nor less there. */
enum { OWNER_MODE = 0700 };

static void init_content(struct disk *disk, struct disk_content *content, uint32_t mode,
                         uint32_t uid, uint32_t gid)
{
    content->mode = mode;
    content->uid = uid;
    content->gid = gid;
    content->mtime_wall_ns = disk_now_wall_ns(disk);
    map_init(&content->entries, disk->mem, DISK_ENTRIES_MAX);
}

struct disk_inode *disk_inode_new(struct disk *disk, enum sys_file_kind kind, uint32_t mode,
                                  uint32_t uid, uint32_t gid)
{
    struct disk_inode *inode = mem_alloc(disk->mem, sizeof(*inode));
    inode->disk = disk;
    inode->number = take_number(disk);
    inode->kind = kind;
    inode->open_count = 1;
    init_content(disk, &inode->now, mode, uid, gid);
    init_content(disk, &inode->durable, mode, uid, gid);
    inode->changed = disk->sequence;
    list_init(&inode->locks);
    list_init(&inode->lock_waiters);
    list_append(&disk->inodes, &inode->in_disk);
    disk_inode_count(inode);
    return inode;
}

void disk_inode_share(struct disk_inode *inode)
{
    inode->open_count++;
}

void disk_inode_drop(struct disk_inode *inode)
{
    assert(inode->open_count > 0);
    inode->open_count--;
    disk_inode_free_if_unused(inode);
}

static void free_content(struct disk_inode *inode, struct disk_content *content)
{
    mem_free(inode->disk->mem, content->data);
    assert(content->entries.count == 0);
    map_done(&content->entries);
}

void disk_inode_free_if_unused(struct disk_inode *inode)
{
    struct disk *disk = inode->disk;
    disk_inode_count(inode);
    if (inode->now.link_count > 0 || inode->durable.link_count > 0 || inode->open_count > 0 ||
        inode->pending_count > 0 || inode == disk->root) {
        return;
    }
    free_content(inode, &inode->now);
    free_content(inode, &inode->durable);
    give_number(disk, inode->number);
    list_remove(&inode->in_disk);
    mem_free(disk->mem, inode->name);
    mem_free(disk->mem, inode);
}

/* Unlinked and closed files use no space, although the platter may still have them. */
void disk_inode_count(struct disk_inode *inode)
{
    bool counts = inode->now.link_count > 0 || inode->open_count > 0;
    int64_t blocks = ((int64_t)inode->now.size + DISK_BLOCK_BYTES - 1) / DISK_BLOCK_BYTES;
    int64_t bytes = counts ? blocks * DISK_BLOCK_BYTES : 0;
    int64_t files = counts ? 1 : 0;
    inode->disk->bytes_used += bytes - inode->bytes_counted;
    inode->disk->files_used += files - inode->files_counted;
    inode->bytes_counted = bytes;
    inode->files_counted = files;
}

enum sys_file_kind disk_inode_kind(const struct disk_inode *inode)
{
    return inode->kind;
}

bool disk_inode_is_removed(const struct disk_inode *inode)
{
    return inode->now.link_count == 0 && inode != inode->disk->root;
}

void disk_inode_stat(const struct disk_inode *inode, struct sys_stat *stat)
{
    *stat = (struct sys_stat){
        .kind = inode->kind,
        .mode = inode->now.mode,
        .uid = inode->now.uid,
        .gid = inode->now.gid,
        .device = (uint64_t)inode->disk->machine->index + 1,
        .inode = inode->number,
        .link_count = inode->now.link_count,
        .size = (int64_t)inode->now.size,
        .mtime_wall_ns = inode->now.mtime_wall_ns,
    };
}

void disk_inode_path(const struct disk_inode *inode, struct buf *out)
{
    if (inode == inode->disk->root) {
        return;
    }
    if (inode->parent == NULL) {
        buf_put_text(out, "(no name)");
        return;
    }
    disk_inode_path(inode->parent, out);
    buf_put_char(out, '/');
    buf_put_text(out, inode->name);
}

/* ---- data and attributes ------------------------------------------------------------------- */

long disk_inode_read(const struct disk_inode *inode, void *data, size_t size, int64_t offset)
{
    assert(offset >= 0);
    if ((uint64_t)offset >= inode->now.size) {
        return 0;
    }
    size_t there = inode->now.size - (size_t)offset;
    size_t taken = size < there ? size : there;
    if (taken > 0) {
        memcpy(data, inode->now.data + offset, taken);
    }
    return (long)taken;
}

void disk_inode_put_size(struct disk_inode *inode, struct disk_content *content, size_t size)
{
    if (size > content->capacity) {
        size_t capacity = content->capacity == 0 ? 256 : content->capacity;
        while (capacity < size) {
            capacity *= 2;
        }
        content->data = mem_resize(inode->disk->mem, content->data, capacity);
        content->capacity = capacity;
    }
    if (size > content->size) {
        memset(content->data + content->size, 0, size - content->size);
    }
    content->size = size;
}

void disk_inode_put_data(struct disk_inode *inode, struct disk_content *content, const void *data,
                         size_t size, size_t offset)
{
    if (offset + size > content->size) {
        disk_inode_put_size(inode, content, offset + size);
    }
    if (size > 0) {
        memcpy(content->data + offset, data, size);
    }
}

/* How many of size bytes at that offset there is room for on a disk of that many. */
static size_t room_for(const struct disk_inode *inode, int64_t bytes_max, size_t size,
                       size_t offset)
{
    int64_t end_max = bytes_max - (inode->disk->bytes_used - inode->bytes_counted);
    if ((int64_t)(offset + size) <= end_max || offset + size <= inode->now.size) {
        return size;
    }
    return end_max > (int64_t)offset ? (size_t)(end_max - (int64_t)offset) : 0;
}

long disk_inode_write(struct disk_inode *inode, const void *data, size_t size, int64_t offset)
{
    assert(offset >= 0);
    if (offset > DISK_FILE_BYTES_MAX || size > DISK_FILE_BYTES_MAX) {
        return -ERR_FILE_TOO_LARGE;
    }
    const struct disk *disk = inode->disk;
    size_t taken = room_for(inode, disk->bytes_max, size, (size_t)offset);
    size_t allowed = room_for(inode, disk->quota_bytes, size, (size_t)offset);
    if (size > 0 && (taken == 0 || allowed == 0)) {
        return allowed == 0 ? -ERR_QUOTA : -ERR_NO_SPACE;
    }
    taken = allowed < taken ? allowed : taken;
    disk_inode_put_data(inode, &inode->now, data, taken, (size_t)offset);
    inode->now.mtime_wall_ns = disk_now_wall_ns(inode->disk);
    disk_inode_count(inode);
    disk_log_data(inode, data, taken, (size_t)offset);
    return (long)taken;
}

int disk_inode_truncate(struct disk_inode *inode, int64_t size)
{
    if (size < 0 || size > DISK_FILE_BYTES_MAX) {
        return size < 0 ? -ERR_INVALID : -ERR_FILE_TOO_LARGE;
    }
    disk_inode_put_size(inode, &inode->now, (size_t)size);
    inode->now.mtime_wall_ns = disk_now_wall_ns(inode->disk);
    disk_inode_count(inode);
    disk_log_size(inode);
    return 0;
}

int disk_inode_chmod(struct disk_inode *inode, const struct process_rights *rights, uint32_t mode)
{
    if (!disk_path_owned(inode, rights)) {
        return -ERR_NOT_PERMITTED;
    }
    bool changes_owner = ((inode->now.mode ^ mode) & OWNER_MODE) != 0;
    inode->now.mode = mode & 07777;
    disk_log_attributes(inode);
    if (changes_owner) {
        inode->changed = inode->disk->sequence;
    }
    return 0;
}

int disk_inode_chown(struct disk_inode *inode, const struct process_rights *rights, uint32_t uid,
                     uint32_t gid)
{
    bool same = inode->now.uid == uid && inode->now.gid == gid && disk_path_owned(inode, rights);
    if (!same && rights != NULL && rights->uid != 0) {
        return -ERR_NOT_PERMITTED;
    }
    inode->now.uid = uid;
    inode->now.gid = gid;
    disk_log_attributes(inode);
    inode->changed = inode->disk->sequence;
    return 0;
}

int disk_inode_set_mtime(struct disk_inode *inode, const struct process_rights *rights,
                         int64_t wall_ns)
{
    if (!disk_path_owned(inode, rights)) {
        return -ERR_NOT_PERMITTED;
    }
    inode->now.mtime_wall_ns = wall_ns;
    disk_log_attributes(inode);
    return 0;
}

/* ---- directories --------------------------------------------------------------------------- */

static struct disk_content *content_of(struct disk_inode *inode, bool durable)
{
    return durable ? &inode->durable : &inode->now;
}

struct disk_inode *disk_inode_lookup(const struct disk_inode *directory, struct str name)
{
    struct disk_entry *entry = map_get(&directory->now.entries, name);
    return entry != NULL ? entry->inode : NULL;
}

static void remember_name(struct disk_inode *inode, struct disk_inode *directory, struct str name)
{
    struct mem *mem = inode->disk->mem;
    mem_free(mem, inode->name);
    inode->name = mem_copy_str(mem, name);
    inode->parent = directory;
}

static void forget_name(struct disk_inode *inode, const struct disk_inode *directory,
                        struct str name)
{
    if (inode->parent == directory && str_equal(str_from(inode->name), name)) {
        inode->parent = NULL;
    }
}

void disk_inode_set_entry(struct disk_inode *directory, bool durable, struct str name,
                          struct disk_inode *inode, uint64_t changed)
{
    disk_inode_clear_entry(directory, durable, name);
    struct disk_entry *entry = mem_alloc(directory->disk->mem, sizeof(*entry));
    entry->inode = inode;
    entry->changed = changed;
    assert(map_put(&content_of(directory, durable)->entries, name, entry) == 0);
    content_of(inode, durable)->link_count++;
    if (!durable) {
        remember_name(inode, directory, name);
    }
}

/* The name may be the entry's own copy: it is used last when the entry goes. */
void disk_inode_clear_entry(struct disk_inode *directory, bool durable, struct str name)
{
    struct map *entries = &content_of(directory, durable)->entries;
    struct disk_entry *entry = map_get(entries, name);
    if (entry == NULL) {
        return;
    }
    struct disk_inode *inode = entry->inode;
    if (!durable) {
        forget_name(inode, directory, name);
    }
    map_remove(entries, name);
    mem_free(directory->disk->mem, entry);
    assert(content_of(inode, durable)->link_count > 0);
    content_of(inode, durable)->link_count--;
    disk_inode_free_if_unused(inode);
}

void disk_inode_clear_content(struct disk_inode *inode, bool durable)
{
    struct disk_content *content = content_of(inode, durable);
    content->size = 0;
    struct map_entry *entry = map_next(&content->entries, NULL);
    while (entry != NULL) {
        struct str name = entry->key;
        struct map_entry *next = map_next(&content->entries, entry);
        disk_inode_clear_entry(inode, durable, name);
        entry = next;
    }
}

struct ordered_name {
    uint64_t rank;
    char *name;
};

/* Names differ, so the order is total. */
static int compare_names(const void *a, const void *b)
{
    const struct ordered_name *left = a;
    const struct ordered_name *right = b;
    if (left->rank != right->rank) {
        return left->rank < right->rank ? -1 : 1;
    }
    return strcmp(left->name, right->name);
}

/* Key 0 keeps the order in which the names were made. */
static uint64_t rank_of(struct str name, uint64_t key, uint64_t index)
{
    return key == 0 ? index : hash_str(name, key);
}

char **disk_inode_names(const struct disk_inode *directory, uint64_t key, size_t *count)
{
    struct disk *disk = directory->disk;
    const struct map *entries = &directory->now.entries;
    struct ordered_name *ordered = mem_alloc(disk->mem, entries->count * sizeof(*ordered));
    *count = 0;
    for (struct map_entry *entry = map_next(entries, NULL); entry != NULL;
         entry = map_next(entries, entry)) {
        ordered[*count].name = mem_copy_str(disk->mem, entry->key);
        ordered[*count].rank = rank_of(entry->key, key, *count);
        (*count)++;
    }
    qsort(ordered, *count, sizeof(*ordered), compare_names);
    char **names = mem_alloc(disk->mem, entries->count * sizeof(names[0]));
    for (size_t i = 0; i < *count; i++) {
        names[i] = ordered[i].name;
    }
    mem_free(disk->mem, ordered);
    return names;
}

/* ---- locks --------------------------------------------------------------------------------- */

struct disk_lock {
    struct list in_inode;
    const struct open_file *file;
    bool exclusive;
};

static struct disk_lock *lock_of(struct disk_inode *inode, const struct open_file *file)
{
    list_each(node, &inode->locks)
    {
        struct disk_lock *lock = list_entry(node, struct disk_lock, in_inode);
        if (lock->file == file) {
            return lock;
        }
    }
    return NULL;
}

static bool is_in_the_way(struct disk_inode *inode, const struct open_file *file, bool exclusive)
{
    list_each(node, &inode->locks)
    {
        struct disk_lock *lock = list_entry(node, struct disk_lock, in_inode);
        if (lock->file != file && (exclusive || lock->exclusive)) {
            return true;
        }
    }
    return false;
}

bool disk_inode_lock(struct disk_inode *inode, struct open_file *file, bool exclusive)
{
    if (is_in_the_way(inode, file, exclusive)) {
        return false;
    }
    struct disk_lock *lock = lock_of(inode, file);
    if (lock == NULL) {
        lock = mem_alloc(inode->disk->mem, sizeof(*lock));
        lock->file = file;
        list_append(&inode->locks, &lock->in_inode);
    }
    lock->exclusive = exclusive;
    return true;
}

void disk_inode_unlock(struct disk_inode *inode, const struct open_file *file)
{
    struct disk_lock *lock = lock_of(inode, file);
    if (lock != NULL) {
        list_remove(&lock->in_inode);
        mem_free(inode->disk->mem, lock);
        fiber_wake_all(&inode->lock_waiters, 0);
    }
}

struct list *disk_inode_lock_waiters(struct disk_inode *inode)
{
    return &inode->lock_waiters;
}
