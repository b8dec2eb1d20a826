// SPDX-License-Identifier: ISC
#include "world/descriptor.h"

#include "base/assert.h"
#include "world/process.h"
#include "world/world_state.h"

static void make_room(struct sys *sys, int fd)
{
    int count = sys->descriptor_count > 0 ? sys->descriptor_count : 16;
    while (count <= fd) {
        count *= 2;
    }
    if (count == sys->descriptor_count) {
        return;
    }
    sys->descriptors =
        mem_resize(sys->world->mem, sys->descriptors, (size_t)count * sizeof(sys->descriptors[0]));
    for (int i = sys->descriptor_count; i < count; i++) {
        sys->descriptors[i] = NULL;
    }
    sys->descriptor_count = count;
}

void descriptor_set(struct sys *sys, int fd, struct open_file *file)
{
    make_room(sys, fd);
    assert(sys->descriptors[fd] == NULL);
    sys->descriptors[fd] = file;
    sys->descriptors_open++;
}

/* All below lowest_free are open, so that a search need not start at 0. */
int descriptor_add(struct sys *sys, struct open_file *file)
{
    int fd = sys->lowest_free;
    while (fd < sys->descriptor_count && sys->descriptors[fd] != NULL) {
        fd++;
    }
    if (fd >= sys->descriptor_max) {
        return -ERR_TOO_MANY_FILES;
    }
    descriptor_set(sys, fd, file);
    sys->lowest_free = fd + 1;
    return fd;
}

struct open_file *descriptor_get(const struct sys *sys, int fd)
{
    return fd >= 0 && fd < sys->descriptor_count ? sys->descriptors[fd] : NULL;
}

struct open_file *descriptor_take(struct sys *sys, int fd)
{
    struct open_file *file = descriptor_get(sys, fd);
    if (file != NULL) {
        sys->descriptors[fd] = NULL;
        sys->descriptors_open--;
        if (fd < sys->lowest_free) {
            sys->lowest_free = fd;
        }
    }
    return file;
}
