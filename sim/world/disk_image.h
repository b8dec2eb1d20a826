// SPDX-License-Identifier: ISC
/* world/disk_image - what a power cut may leave of a disk
 *
 * The images of a moment are numbered: 0 keeps nothing pending, 1 keeps all; then, for each
 * pending operation but on sockets, it alone kept, it alone lost, and data also in each way in
 * which it may be damaged; then DISK_IMAGE_RANDOM_COUNT random ones. Each is made legal under the
 * contract, so that some come out alike. With nothing pending there is one.
 *
 * Legal     with ext4, names that follow a lost one are lost too. With posix-min and postfix a
 *           rename's removal is lost when its new name is; with postfix each removal is when one of
 *           the names before it is, and so are names in a directory that is lost itself. A
 *           directory is not removed as long as there is something in it
 * Blocks    never
 */
#ifndef WORLD_DISK_IMAGE_H
#define WORLD_DISK_IMAGE_H

#include "base/buf.h"

struct disk;

enum { DISK_IMAGE_NOTHING, DISK_IMAGE_EVERYTHING, DISK_IMAGE_RANDOM_COUNT = 8 };

int disk_image_count(struct disk *disk);
/* Images that come out alike have the same value. */
uint64_t disk_image_hash(struct disk *disk, int image);
/* In words, for reports: "lost alone: rename to /a/c". */
void disk_image_describe(struct disk *disk, int image, struct buf *out);

/* The disk as it is after the power cut: nothing is pending. No process has anything open. */
void disk_image_take(struct disk *disk, int image);

#endif
