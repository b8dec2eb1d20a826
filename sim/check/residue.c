// SPDX-License-Identifier: ISC
#include "check/residue.h"

#include "base/mem.h"
#include "world/process.h"

static int count_fibers(const struct sys *sys)
{
    int count = 0;
    list_each(node, &sys->fibers)
    {
        count++;
    }
    return count;
}

void residue_check(const struct sys *sys, struct failures *failures)
{
    if (sys->signal != 0 || sys->status != 0) {
        return;
    }
    int fibers = count_fibers(sys);
    size_t pieces = mem_count(sys->mem);
    size_t bytes = mem_bytes(sys->mem);
    if (fibers > 1 || pieces > RESIDUE_PIECES_MAX || bytes > RESIDUE_BYTES_MAX ||
        sys->descriptors_open > RESIDUE_DESCRIPTORS_MAX) {
        failure_add(failures,
                    "nothing left behind: %s[%d] ended with %d fibers, %zu pieces of memory of "
                    "%zu bytes, %d descriptors",
                    sys->program->file, sys->pid, fibers, pieces, bytes, sys->descriptors_open);
    }
}
