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

static struct disk_operation *operation_of(struct list *node)
{
    return list_entry(node, struct disk_operation, in_log);
}

/* Whether there is an image of that operation alone. No server is behind the name of a socket when
 * the system starts again, so it matters little whether it is there: it has none. */
static bool is_variant(const struct disk_operation *operation, int fate)
{
    return operation->inode->kind != SYS_FILE_SOCKET &&
           disk_log_may_be(operation, (enum disk_log_fate)fate);
}

static int variant_count(const struct disk_operation *operation)
{
    int count = 0;
    for (int fate = 0; fate < DISK_LOG_FATES; fate++) {
        count += is_variant(operation, fate);
    }
    return count;
}

static struct image find_variant(const struct disk_operation *operation, uint64_t index, int number)
{
    int fate = 0;
    while (number > 0 || !is_variant(operation, fate)) {
        number -= is_variant(operation, fate);
        fate++;
    }
    return (struct image){
        .kind = fate == DISK_LOG_KEPT ? IMAGE_ALONE_KEPT : IMAGE_ALONE_CHANGED,
        .index = index,
        .fate = (enum disk_log_fate)fate,
        .operation = operation,
    };
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
        count += variant_count(operation_of(node));
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
        struct disk_operation *operation = operation_of(node);
        int variants = variant_count(operation);
        if (left < variants) {
            return find_variant(operation, index, left);
        }
        left -= variants;
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
        [DISK_LOG_TORN_SECTORS] = "torn by sectors",
        [DISK_LOG_TORN_BLOCKS] = "torn by blocks",
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

/* In a chain, as with ext4, one lost name takes all further ones along: it must be rare. */
static enum disk_log_fate random_fate(struct disk *disk, const struct image *image, uint64_t index,
                                      const struct disk_operation *operation)
{
    if (operation->kind != DISK_LOG_DATA) {
        uint64_t one_in = disk->contract == DISK_EXT4 ? 8 : 2;
        return random_below(disk, image, index, one_in) == 0 ? DISK_LOG_LOST : DISK_LOG_KEPT;
    }
    enum disk_log_fate fate = (enum disk_log_fate)random_below(disk, image, index, DISK_LOG_FATES);
    return disk_log_may_be(operation, fate) ? fate : DISK_LOG_LOST;
}

/* What the one that is kept needs to be possible at all: with ext4 all names before it, elsewhere
 * a removal its rename's new name. */
static enum disk_log_fate fate_beside_kept(const struct disk *disk, const struct image *image,
                                           uint64_t index, const struct disk_operation *operation)
{
    bool needed = disk->contract == DISK_EXT4
                      ? index < image->index && operation->kind != DISK_LOG_DATA
                      : disk_log_is_rename(operation, image->operation);
    return needed ? DISK_LOG_KEPT : DISK_LOG_LOST;
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
        return index == image->index ? DISK_LOG_KEPT
                                     : fate_beside_kept(disk, image, index, operation);
    case IMAGE_RANDOM:
        return random_fate(disk, image, index, operation);
    }
    unreachable();
}

/* Within a rename the two halves share one fate with ext4; elsewhere the removal needs the other. */
static enum disk_log_fate second_half_fate(const struct disk *disk, enum disk_log_fate first,
                                           enum disk_log_fate wanted)
{
    return disk->contract == DISK_EXT4 || first == DISK_LOG_LOST ? first : wanted;
}

/* What each pending operation comes to, as far as their order alone decides; world memory. */
static enum disk_log_fate *decide_fates(struct disk *disk, const struct image *image)
{
    enum disk_log_fate *fates = mem_alloc(disk->mem, (size_t)disk->log_count * sizeof(*fates));
    const struct disk_operation *previous = NULL;
    bool order_broken = false;
    uint64_t index = 0;
    list_each(node, &disk->log)
    {
        const struct disk_operation *operation = operation_of(node);
        enum disk_log_fate fate = wanted_fate(disk, image, index, operation);
        if (previous != NULL && disk_log_is_rename(previous, operation)) {
            fate = second_half_fate(disk, fates[index - 1], fate);
        } else if (disk->contract == DISK_EXT4 && operation->kind != DISK_LOG_DATA) {
            order_broken = order_broken || fate == DISK_LOG_LOST;
            fate = order_broken ? DISK_LOG_LOST : fate;
        }
        fates[index++] = fate;
        previous = operation;
    }
    return fates;
}

uint64_t disk_image_hash(struct disk *disk, int image_number)
{
    disk_log_write_back(disk);
    struct image image = find_image(disk, image_number);
    enum disk_log_fate *fates = decide_fates(disk, &image);
    struct hash hash;
    hash_init(&hash, 0, 0);
    for (int i = 0; i < disk->log_count; i++) {
        hash_put_u64(&hash, fates[i]);
    }
    mem_free(disk->mem, fates);
    return hash_value(&hash);
}

/* ---- to the platter ------------------------------------------------------------------------ */

/* Whether the platter, as it is by now, may lack this operation only. */
static bool is_possible(const struct disk_operation *operation)
{
    const struct disk_inode *inode = operation->inode;
    if (operation->kind == DISK_LOG_UNLINK && inode->durable.entries.count > 0) {
        return false;
    }
    if (inode->disk->contract != DISK_POSTFIX || !disk_log_is_of_names(operation)) {
        return true;
    }
    if (disk_log_is_removal(operation)) {
        return !inode->name_lost;
    }
    return operation->directory->durable.link_count > 0 ||
           operation->directory == inode->disk->root;
}

static void settle_log(struct disk *disk, const struct image *image)
{
    enum disk_log_fate *fates = decide_fates(disk, image);
    uint64_t index = 0;
    list_each(node, &disk->log)
    {
        struct disk_operation *operation = operation_of(node);
        enum disk_log_fate fate = is_possible(operation) ? fates[index] : DISK_LOG_LOST;
        bool is_name = disk_log_is_of_names(operation) && !disk_log_is_removal(operation);
        operation->inode->name_lost |= is_name && fate == DISK_LOG_LOST;
        disk_log_settle(operation, fate);
        index++;
    }
    mem_free(disk->mem, fates);
}

/* A directory that nothing leads to is lost with all that is in it. */
static bool lose_orphans(struct disk *disk)
{
    bool lost = false;
    list_each(node, &disk->inodes)
    {
        struct disk_inode *inode = list_entry(node, struct disk_inode, in_disk);
        bool orphan = inode->durable.link_count == 0 && inode != disk->root;
        if (orphan && inode->durable.entries.count > 0) {
            disk_inode_clear_content(inode, true);
            lost = true;
        }
    }
    return lost;
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
    inode->name_lost = false;
    inode->sync_failed = false;
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
    while (lose_orphans(disk)) {}
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
