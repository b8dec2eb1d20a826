// SPDX-License-Identifier: ISC
/* host/host_files - files of the machine that the simulator runs on
 *
 * Memory    on the heap given
 * Blocks    for the disk
 */
#ifndef HOST_HOST_FILES_H
#define HOST_HOST_FILES_H

#include "base/arena.h"
#include "base/buf.h"

enum { HOST_FILES_MAX = 100000 };

struct host_files {
    struct arena *arena;
    const char **paths; /* HOST_FILES_MAX long */
    int count;
};

void host_files_init(struct host_files *files, struct arena *arena);

/* Adds a file, or every *.scn file below a directory, by name. False when there is none. */
MUST_USE bool host_files_add(struct host_files *files, const char *path);

/* Appends what is in the file; false when it cannot be read. */
MUST_USE bool host_file_read(const char *path, struct buf *content);
/* Writes all of it to an open descriptor; false when that fails. */
MUST_USE bool host_file_write(int fd, struct str content);

#endif
