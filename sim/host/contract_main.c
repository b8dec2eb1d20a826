// SPDX-License-Identifier: ISC
/* The contract suite of sys on the simulated backend: the same program as on the production one,
 * as a process of a world, with the same arguments, output and exit status. */
#include <stdio.h>
#include <string.h>

#include "sys/sys.h"
#include "world/disk.h"
#include "world/fault.h"
#include "world/machine.h"
#include "world/observer.h"
#include "world/process.h"
#include "world/world.h"

int sys_test_main(struct sys *sys, int argc, char **argv);

enum { EXIT_STOPPED = 3, SMALL_DISK_BYTES = 256 * 1024, SMALL_DISK_FILES = 100 };

static const struct world_program suite = {"sys-test", sys_test_main};

/* Where a process that would compute for ever, which no virtual time can end, stands still. */
static const struct fault hang = {
    .call = STR_INIT("stat"),
    .object = STR_INIT("here-it-hangs"),
    .count = FAULT_ALWAYS,
    .effect = FAULT_HANG,
    .hang_ns = INT64_MAX,
};

/* What a part finds on its disk. */
static void prepare(struct disk *disk, const char *part)
{
    disk_put_directory(disk, "/area", 0755, 0, 0);
    if (strcmp(part, "full") == 0) {
        disk_set_capacity(disk, SMALL_DISK_BYTES, SMALL_DISK_FILES);
    }
    if (strcmp(part, "read-only") == 0) {
        disk_put_directory(disk, "/area/d", 0700, 0, 0);
        disk_put_file(disk, "/area/d/i", STR(""), 0600, 0, 0);
        disk_put_file(disk, "/area/f", STR("hello"), 0600, 0, 0);
        disk_set_read_only(disk, true);
    }
}

static void print_end(void *argument, struct sys *sys)
{
    int *status = argument;
    fwrite(buf_text(&sys->output), 1, sys->output.size, stdout);
    fwrite(buf_text(&sys->error_output), 1, sys->error_output.size, stderr);
    if (sys->parent_pid == 1) {
        *status = sys->status;
    }
}

int main(int argc, char **argv)
{
    struct world_options options;
    world_options_init(&options);
    options.programs = &suite;
    options.program_count = 1;
    struct world *world = world_create(&options);
    struct machine *machine = machine_add(world, "contract.test");
    prepare(machine->disk, argc > 1 ? argv[1] : "");
    fault_add(machine, &hang);
    int status = EXIT_STOPPED;
    struct observer observer = {.argument = &status, .ended = print_end};
    observer_add(world, &observer);
    int pid = process_start(machine, &(struct process_start){.path = "/bin/sys-test",
                                                             .argv = (const char *const *)argv,
                                                             .directory = "/area"});
    if (pid < 0 || world_run_until(world, INT64_MAX) == WORLD_STOPPED) {
        fprintf(stderr, "%s\n", world_stop_text(world));
        return EXIT_STOPPED;
    }
    world_destroy(world);
    return status;
}
