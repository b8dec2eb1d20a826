// SPDX-License-Identifier: ISC
/* world/disk_image - what a power cut may leave of a disk
 *
 * The images of a moment are numbered: 0 keeps nothing pending, 1 keeps all; then, for each
 * pending operation, it alone lost and it alone kept, and for data also cut short and replaced
 * by zeros; then DISK_IMAGE_RANDOM_COUNT random sets. Each is made legal under the contract: with
 * ext4, what follows a lost directory operation is lost too. With nothing pending there is one.
 *
 * Blocks    never
 */
#ifndef WORLD_DISK_IMAGE_H
#define WORLD_DISK_IMAGE_H

#include "base/buf.h"

struct disk;

enum { DISK_IMAGE_NOTHING, DISK_IMAGE_EVERYTHING, DISK_IMAGE_RANDOM_COUNT = 8 };

int disk_image_count(struct disk *disk);
/* In words, for reports: "lost: rename /a/b /a/c". */
void disk_image_describe(struct disk *disk, int image, struct buf *out);

/* The disk as it is after the power cut: nothing is pending. No process has anything open. */
void disk_image_take(struct disk *disk, int image);

#endif
