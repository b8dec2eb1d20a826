// SPDX-License-Identifier: ISC
#include "world/disk_image.h"

#include "base/assert.h"
#include "base/hash.h"
#include "world/disk_inode.h"
#include "world/disk_log.h"
#include "world/disk_state.h"
#include "world/draw.h"
#include "world/machine.h"
#include "world/world_state.h"

/* ---- the numbering ------------------------------------------------------------------------- */

enum image_kind {
    IMAGE_NOTHING,
    IMAGE_EVERYTHING,
    IMAGE_ALONE_CHANGED, /* one operation has the fate, the others are kept */
    IMAGE_ALONE_KEPT,    /* one operation is kept, the others are lost */
    IMAGE_RANDOM,
};

struct image {
    enum image_kind kind;
    uint64_t index; /* of the operation in the log, or of the random image */
    enum disk_log_fate fate;
    const struct disk_operation *operation;
};

/* The variants of one operation, data has the last two besides. */
static const struct {
    enum image_kind kind;
    enum disk_log_fate fate;
} variants[] = {
    {IMAGE_ALONE_CHANGED, DISK_LOG_LOST},
    {IMAGE_ALONE_KEPT, DISK_LOG_KEPT},
    {IMAGE_ALONE_CHANGED, DISK_LOG_SHORT},
    {IMAGE_ALONE_CHANGED, DISK_LOG_ZERO},
};

static int variant_count(const struct disk_operation *operation)
{
    return operation->kind == DISK_LOG_DATA ? 4 : 2;
}

int disk_image_count(struct disk *disk)
{
    disk_log_write_back(disk);
    if (list_is_empty(&disk->log)) {
        return 1; /* all images would be the same */
    }
    int count = 2 + DISK_IMAGE_RANDOM_COUNT;
    list_each(node, &disk->log)
    {
        count += variant_count(list_entry(node, struct disk_operation, in_log));
    }
    return count;
}

static struct image find_image(struct disk *disk, int number)
{
    if (number < 2) {
        return (struct image){.kind = number == 0 ? IMAGE_NOTHING : IMAGE_EVERYTHING};
    }
    int left = number - 2;
    uint64_t index = 0;
    list_each(node, &disk->log)
    {
        struct disk_operation *operation = list_entry(node, struct disk_operation, in_log);
        if (left < variant_count(operation)) {
            return (struct image){variants[left].kind, index, variants[left].fate, operation};
        }
        left -= variant_count(operation);
        index++;
    }
    return (struct image){.kind = IMAGE_RANDOM, .index = (uint64_t)left};
}

void disk_image_describe(struct disk *disk, int image_number, struct buf *out)
{
    static const char *const fates[] = {
        [DISK_LOG_KEPT] = "kept",
        [DISK_LOG_LOST] = "lost",
        [DISK_LOG_SHORT] = "cut short",
        [DISK_LOG_ZERO] = "zeros",
    };
    disk_log_write_back(disk);
    struct image image = find_image(disk, image_number);
    switch (image.kind) {
    case IMAGE_NOTHING:
        buf_put_text(out, "nothing pending kept");
        break;
    case IMAGE_EVERYTHING:
        buf_put_text(out, "everything kept");
        break;
    case IMAGE_ALONE_CHANGED:
    case IMAGE_ALONE_KEPT:
        buf_putf(out, "%s alone: ", fates[image.fate]);
        disk_log_describe(image.operation, out);
        break;
    case IMAGE_RANDOM:
        buf_putf(out, "random %llu", (unsigned long long)image.index);
        break;
    }
}

/* ---- fates --------------------------------------------------------------------------------- */

/* Also without a seed the random images differ from each other. */
static uint64_t random_below(struct disk *disk, const struct image *image, uint64_t index,
                             uint64_t n)
{
    struct hash hash;
    hash_init(&hash, image->index, index);
    return (hash_value(&hash) + draw(disk->machine->world, "image", disk->machine->name, n)) % n;
}

static enum disk_log_fate random_fate(struct disk *disk, const struct image *image, uint64_t index,
                                      const struct disk_operation *operation)
{
    static const enum disk_log_fate fates[] = {DISK_LOG_KEPT, DISK_LOG_LOST, DISK_LOG_SHORT,
                                               DISK_LOG_ZERO};
    if (operation->kind == DISK_LOG_DATA) {
        return fates[random_below(disk, image, index, 4)];
    }
    return random_below(disk, image, index, 8) == 0 ? DISK_LOG_LOST : DISK_LOG_KEPT;
}

static enum disk_log_fate wanted_fate(struct disk *disk, const struct image *image, uint64_t index,
                                      const struct disk_operation *operation)
{
    switch (image->kind) {
    case IMAGE_NOTHING:
        return DISK_LOG_LOST;
    case IMAGE_EVERYTHING:
        return DISK_LOG_KEPT;
    case IMAGE_ALONE_CHANGED:
        return index == image->index ? image->fate : DISK_LOG_KEPT;
    case IMAGE_ALONE_KEPT:
        if (index == image->index) {
            return DISK_LOG_KEPT;
        }
        /* What comes before must be there for it to be possible at all. */
        return index < image->index && operation->kind != DISK_LOG_DATA ? DISK_LOG_KEPT
                                                                        : DISK_LOG_LOST;
    case IMAGE_RANDOM:
        return random_fate(disk, image, index, operation);
    }
    unreachable();
}

/* ext4: after the first lost operation that is not data, all further ones are lost. */
static void settle_log(struct disk *disk, const struct image *image)
{
    bool order_broken = false;
    uint64_t index = 0;
    list_each(node, &disk->log)
    {
        struct disk_operation *operation = list_entry(node, struct disk_operation, in_log);
        enum disk_log_fate fate = wanted_fate(disk, image, index, operation);
        if (operation->kind != DISK_LOG_DATA) {
            order_broken = order_broken || fate == DISK_LOG_LOST;
            fate = order_broken ? DISK_LOG_LOST : fate;
        }
        disk_log_settle(operation, fate);
        index++;
    }
}

/* ---- the new disk -------------------------------------------------------------------------- */

static void restore_content(struct disk_inode *inode)
{
    struct disk_content *now = &inode->now;
    const struct disk_content *durable = &inode->durable;
    now->mode = durable->mode;
    now->uid = durable->uid;
    now->gid = durable->gid;
    now->mtime_wall_ns = durable->mtime_wall_ns;
    disk_inode_put_data(inode, now, durable->data, durable->size, 0);
    inode->changed = 0;
    inode->synced = 0;
}

static void restore_entries(struct disk_inode *inode)
{
    const struct map *entries = &inode->durable.entries;
    for (struct map_entry *entry = map_next(entries, NULL); entry != NULL;
         entry = map_next(entries, entry)) {
        struct disk_entry *durable = entry->value;
        disk_inode_set_entry(inode, false, entry->key, durable->inode, 0);
    }
}

/* Each inode is held while the names change below it. */
static void restore(struct disk *disk)
{
    list_each(node, &disk->inodes)
    {
        disk_inode_share(list_entry(node, struct disk_inode, in_disk));
    }
    list_each(node, &disk->inodes)
    {
        disk_inode_clear_content(list_entry(node, struct disk_inode, in_disk), false);
    }
    list_each(node, &disk->inodes)
    {
        struct disk_inode *inode = list_entry(node, struct disk_inode, in_disk);
        restore_content(inode);
        restore_entries(inode);
    }
    list_each(node, &disk->inodes)
    {
        disk_inode_drop(list_entry(node, struct disk_inode, in_disk));
    }
}

void disk_image_take(struct disk *disk, int image_number)
{
    disk_log_write_back(disk);
    struct image image = find_image(disk, image_number);
    settle_log(disk, &image);
    restore(disk);
}
