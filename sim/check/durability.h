// SPDX-License-Identifier: ISC
/* sim/check/durability - "queued as ID" is said only when the file would survive a power cut
 *
 * Judged by the contract posix-min whatever contract the disk of the run has: file synced, and
 * its directory, and any new parent, by a sync that started after the name was there.
 *
 * A file that was durable under one name stays so under the next: a rename leaves one of its
 * names, and later marks in it are no part of the promise.
 *
 * Memory    on the heap given at init
 * Blocks    never
 */
#ifndef CHECK_DURABILITY_H
#define CHECK_DURABILITY_H

#include "base/map.h"
#include "base/str.h"
#include "check/failure.h"

struct disk;

struct durability {
    const struct disk *disk;
    const char *queue_directory;
    struct map durable; /* queue ids */
    struct failures *failures;
};

void durability_init(struct durability *durability, struct mem *mem, const struct disk *disk,
                     const char *queue_directory, struct failures *failures);
void durability_done(struct durability *durability);

/* A file or directory was synced: notes what is durable now. */
void durability_synced(struct durability *durability, struct str path);

/* The MTA wrote this to a client. */
void durability_written(struct durability *durability, struct str data);

#endif
