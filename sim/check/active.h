// SPDX-License-Identifier: ISC
/* sim/check/active - what lies in active/, in the levels of a hashed queue as well
 *
 * Blocks    never
 */
#ifndef CHECK_ACTIVE_H
#define CHECK_ACTIVE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"
#include "sys/fs.h"

struct disk;

int64_t active_count(const struct disk *disk, const char *queue_directory);

/* True when the message is there; path is then that of its file. */
bool active_find(const struct disk *disk, const char *queue_directory, struct str id,
                 char path[SYS_PATH_MAX]);

#endif
