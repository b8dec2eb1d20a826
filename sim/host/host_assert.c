// SPDX-License-Identifier: ISC
#include <stdio.h>
#include <stdlib.h>

#include "base/assert.h"
#include "world/fiber.h"
#include "world/world.h"

enum { EXIT_INTERNAL_ERROR = 3 };

/* In a simulated process it ends the run, which then reports it with the command that repeats it;
 * elsewhere it is a bug of the simulator. */
void assert_failed(const char *condition, const char *file, int line, const char *function)
{
    struct world *world = fiber_world();
    if (world != NULL) {
        world_stop(world, WORLD_FAULT_ASSERTION, "assertion failed: %s (%s:%d, %s)", condition,
                   file, line, function);
        fiber_leave(world);
    }
    fprintf(stderr, "postsim: assertion failed: %s (%s:%d, %s)\n", condition, file, line, function);
    exit(EXIT_INTERNAL_ERROR);
}
