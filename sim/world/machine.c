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

static const struct machine_limits default_limits = {
    .descriptor_max = DESCRIPTORS_PER_PROCESS_MAX,
    .memory_max = PROCESS_MEMORY_MAX,
};

/* The monotonic clock starts anew, pids are given out again. */
static void boot(struct machine *machine)
{
    const struct world *world = machine->world;
    clock_set(&machine->monotonic, world->now_ns, BOOT_NS);
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
    machine->limits = default_limits;
    list_init(&machine->faults);
    machine->last_port = FIRST_EPHEMERAL_PORT;
    clock_set(&machine->wall, 0, world->wall_zero_ns);
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

const struct machine_user *machine_find_user(const struct machine *machine, struct str name)
{
    for (int i = 0; i < machine->user_count; i++) {
        if (str_equal(str_from(machine->users[i].user.name), name)) {
            return &machine->users[i];
        }
    }
    return NULL;
}

void machine_set_group(struct machine *machine, const char *program, uint32_t gid)
{
    assert(machine->group_program_count < MACHINE_GROUP_PROGRAMS_MAX);
    struct machine_group_program *added = &machine->group_programs[machine->group_program_count++];
    added->gid = gid;
    snprintf(added->program, sizeof(added->program), "%s", program);
}

uint32_t machine_group_of(const struct machine *machine, struct str program, uint32_t gid)
{
    for (int i = 0; i < machine->group_program_count; i++) {
        if (str_equal(str_from(machine->group_programs[i].program), program)) {
            return machine->group_programs[i].gid;
        }
    }
    return gid;
}

/* ---- limits -------------------------------------------------------------------------------- */

static struct machine_limits *find_limits(struct machine *machine, struct str program)
{
    for (int i = 0; i < machine->program_limits_count; i++) {
        if (str_equal(str_from(machine->program_limits[i].program), program)) {
            return &machine->program_limits[i];
        }
    }
    return NULL;
}

const struct machine_limits *machine_limits_of(struct machine *machine, struct str program)
{
    const struct machine_limits *found = find_limits(machine, program);
    return found != NULL ? found : &machine->limits;
}

static struct machine_limits *limits_to_change(struct machine *machine, struct str program)
{
    struct machine_limits *limits =
        program.size == 0 ? &machine->limits : find_limits(machine, program);
    if (limits == NULL) {
        assert(machine->program_limits_count < MACHINE_LIMITS_MAX);
        limits = &machine->program_limits[machine->program_limits_count++];
        *limits = machine->limits;
        snprintf(limits->program, sizeof(limits->program), "%.*s", STR_ARG(program));
    }
    return limits;
}

static void tell_processes(struct machine *machine)
{
    list_each(node, &machine->processes)
    {
        struct sys *sys = list_entry(node, struct sys, in_machine);
        sys->descriptor_max =
            machine_limits_of(machine, str_from(sys->program->file))->descriptor_max;
    }
}

void machine_limit_descriptors(struct machine *machine, struct str program, int descriptor_max)
{
    limits_to_change(machine, program)->descriptor_max = descriptor_max;
    tell_processes(machine);
}

void machine_limit_memory(struct machine *machine, struct str program, size_t memory_max)
{
    limits_to_change(machine, program)->memory_max = memory_max;
}

void machine_limit_nothing(struct machine *machine)
{
    machine->limits = default_limits;
    machine->program_limits_count = 0;
    tell_processes(machine);
}

/* ---- clocks -------------------------------------------------------------------------------- */

int64_t machine_now_ns(const struct machine *machine)
{
    return clock_read(&machine->monotonic, machine->world->now_ns);
}

int64_t machine_world_ns(const struct machine *machine, int64_t monotonic_ns)
{
    return clock_when(&machine->monotonic, monotonic_ns);
}

int64_t machine_wall_ns(const struct machine *machine)
{
    return clock_read(&machine->wall, machine->world->now_ns);
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
