// SPDX-License-Identifier: ISC
/* The contract suite of sys on the simulated backend: the same program as on the production one,
 * as a process of a world, with the same arguments, output and exit status. */
#include <stdio.h>

#include "sys/sys.h"
#include "world/disk.h"
#include "world/machine.h"
#include "world/observer.h"
#include "world/process.h"
#include "world/world.h"

int sys_test_main(struct sys *sys, int argc, char **argv);

enum { EXIT_STOPPED = 3 };

static const struct world_program suite = {"sys-test", sys_test_main};

static void print_end(void *argument, struct sys *sys)
{
    int *status = argument;
    fwrite(buf_text(&sys->output), 1, sys->output.size, stdout);
    fwrite(buf_text(&sys->error_output), 1, sys->error_output.size, stderr);
    if (sys->parent_pid == 1) {
        *status = sys->status;
    }
}

int main(int argc UNUSED, char **argv)
{
    struct world_options options;
    world_options_init(&options);
    options.programs = &suite;
    options.program_count = 1;
    struct world *world = world_create(&options);
    struct machine *machine = machine_add(world, "contract.test");
    disk_put_directory(machine->disk, "/work", 0700, 0, 0);
    int status = EXIT_STOPPED;
    struct observer observer = {.argument = &status, .ended = print_end};
    observer_add(world, &observer);
    int pid = process_start(machine, &(struct process_start){.path = "/bin/sys-test",
                                                             .argv = (const char *const *)argv,
                                                             .directory = "/work"});
    if (pid < 0 || world_run_until(world, INT64_MAX) == WORLD_STOPPED) {
        fprintf(stderr, "%s\n", world_stop_text(world));
        return EXIT_STOPPED;
    }
    world_destroy(world);
    return status;
}
