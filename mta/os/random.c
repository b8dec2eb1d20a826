// SPDX-License-Identifier: ISC
#include "sys/random.h"

#include <sys/random.h>

#include "base/assert.h"
#include "os/os.h"

enum { REQUEST_BYTES_MAX = 256 }; /* what the kernel never cuts short */

void sys_random(struct sys *sys UNUSED, void *data, size_t size)
{
    char *next = data;
    while (size > 0) {
        size_t part = size < REQUEST_BYTES_MAX ? size : REQUEST_BYTES_MAX;
        ssize_t count = getrandom(next, part, 0);
        assert(count == (ssize_t)part);
        next += part;
        size -= part;
    }
}
