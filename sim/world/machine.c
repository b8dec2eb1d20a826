// SPDX-License-Identifier: ISC
#include "world/machine.h"

#include <stdio.h>

#include "base/assert.h"
#include "world/disk.h"
#include "world/disk_image.h"
#include "world/process.h"
#include "world/world_state.h"

enum {
    PROCESSES_PER_MACHINE_MAX = 4096,
    DESCRIPTORS_PER_PROCESS_MAX = 4096,
    LAST_PID_AT_START = 100,
    FIRST_EPHEMERAL_PORT = 32768,
};

#define BOOT_NS (100 * SYS_SECOND_NS)

/* The monotonic clock starts anew, pids are given out again. */
static void boot(struct machine *machine)
{
    const struct world *world = machine->world;
    machine->monotonic_zero_ns = BOOT_NS - (world->now_ns - world->start_ns);
    machine->last_pid = LAST_PID_AT_START;
}

static void open_sites(struct machine_sites *sites, struct world *world, const char *name)
{
    sites->latency = draw_site(world, "latency", name);
    sites->segment = draw_site(world, "segment", name);
    sites->disk = draw_site(world, "disk", name);
    sites->sync = draw_site(world, "sync", name);
    sites->directory = draw_site(world, "directory", name);
    sites->random = draw_site(world, "random", name);
}

struct machine *machine_add(struct world *world, const char *name)
{
    assert(world->machine_count < WORLD_MACHINES_MAX);
    struct machine *machine = mem_alloc(world->mem, sizeof(*machine));
    machine->world = world;
    machine->index = world->machine_count++;
    int size = snprintf(machine->name, sizeof(machine->name), "%s", name);
    assert(size > 0 && size <= MACHINE_NAME_MAX);
    list_append(&world->machines, &machine->in_world);
    open_sites(&machine->sites, world, machine->name);
    list_init(&machine->processes);
    machine->process_max = PROCESSES_PER_MACHINE_MAX;
    machine->descriptor_max = DESCRIPTORS_PER_PROCESS_MAX;
    machine->last_port = FIRST_EPHEMERAL_PORT;
    boot(machine);
    machine->disk = disk_new(machine, DISK_EXT4);
    machine_add_user(machine, "root", 0, 0, "/root");
    machine_add_user(machine, "nobody", 65534, 65534, "/nonexistent");
    return machine;
}

struct machine *machine_find(struct world *world, struct str name)
{
    struct machine *machine = machine_next(world, NULL);
    while (machine != NULL && !str_equal(str_from(machine->name), name)) {
        machine = machine_next(world, machine);
    }
    return machine;
}

struct machine *machine_next(struct world *world, struct machine *machine)
{
    struct list *next = machine == NULL ? world->machines.next : machine->in_world.next;
    return next == &world->machines ? NULL : list_entry(next, struct machine, in_world);
}

void machine_add_address(struct machine *machine, const struct sys_address *address)
{
    assert(machine->address_count < MACHINE_ADDRESSES_MAX);
    network_own(&machine->world->network, address, machine);
    machine->addresses[machine->address_count] = *address;
    machine->addresses[machine->address_count].port = 0;
    machine->address_count++;
}

void machine_add_ip(struct machine *machine, const char *address)
{
    struct sys_address parsed;
    assert(sys_address_parse(str_from(address), 0, &parsed) == 0);
    machine_add_address(machine, &parsed);
}

void machine_add_user(struct machine *machine, const char *name, uint32_t uid, uint32_t gid,
                      const char *home)
{
    assert(machine->user_count < MACHINE_USERS_MAX);
    struct machine_user *added = &machine->users[machine->user_count++];
    *added = (struct machine_user){.user = {.uid = uid, .gid = gid}};
    snprintf(added->user.name, sizeof(added->user.name), "%s", name);
    snprintf(added->user.home, sizeof(added->user.home), "%s", home);
    snprintf(added->group, sizeof(added->group), "%s", name);
}

int64_t machine_now_ns(const struct machine *machine)
{
    const struct world *world = machine->world;
    return world->now_ns - world->start_ns + machine->monotonic_zero_ns;
}

int64_t machine_world_ns(const struct machine *machine, int64_t monotonic_ns)
{
    return monotonic_ns - machine->monotonic_zero_ns + machine->world->start_ns;
}

int64_t machine_wall_ns(const struct machine *machine)
{
    const struct world *world = machine->world;
    return world->wall_zero_ns + world->now_ns + machine->wall_offset_ns;
}

void machine_discard_processes(struct machine *machine)
{
    list_each(node, &machine->processes)
    {
        process_vanish(list_entry(node, struct sys, in_machine));
    }
}

void machine_power_cut(struct machine *machine, int image)
{
    trace_note(machine->world, NULL, "power cut of %s, image %d", machine->name, image);
    machine_discard_processes(machine);
    disk_image_take(machine->disk, image);
    boot(machine);
}
