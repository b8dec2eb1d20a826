// SPDX-License-Identifier: ISC
/* world/descriptor - the descriptor table of a process
 *
 * Limits    sys->descriptor_max
 * Blocks    never
 */
#ifndef WORLD_DESCRIPTOR_H
#define WORLD_DESCRIPTOR_H

#include "base/attribute.h"
#include "world/open_file.h"

/* The lowest free descriptor now refers to the file, whose reference it takes over;
 * -ERR_TOO_MANY_FILES leaves the reference with the caller. */
MUST_USE int descriptor_add(struct sys *sys, struct open_file *file);
/* The same for a descriptor that is free; asserts that it is. */
void descriptor_set(struct sys *sys, int fd, struct open_file *file);
struct open_file *descriptor_get(const struct sys *sys, int fd); /* NULL when not open */
struct open_file *descriptor_take(struct sys *sys, int fd);      /* frees the descriptor */

#endif
