// SPDX-License-Identifier: ISC
#include "world/world.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/assert.h"
#include "sys/sys.h"
#include "world/fiber.h"
#include "world/machine.h"
#include "world/process.h"
#include "world/world_state.h"

/* 2026-01-01 00:00:00 UTC */
#define WALL_ZERO_NS (INT64_C(1767225600) * SYS_SECOND_NS)

/* ---- life ---------------------------------------------------------------------------------- */

void world_options_init(struct world_options *options)
{
    *options = (struct world_options){.wall_zero_ns = WALL_ZERO_NS, .latency_ns = WORLD_LATENCY_NS};
}

static void run_out_of_memory(void *argument UNUSED)
{
    unreachable(); /* the simulator's own heap has no limit */
}

struct world *world_create(const struct world_options *options)
{
    struct mem *mem = mem_create(0, run_out_of_memory, NULL);
    struct world *world = mem_alloc(mem, sizeof(*world));
    world->mem = mem;
    world->reproduce = options->reproduce != NULL ? options->reproduce : "";
    world->now_ns = options->start_ns;
    world->start_ns = options->start_ns;
    world->wall_zero_ns = options->wall_zero_ns;
    event_heap_init(&world->events, mem);
    draw_init(&world->draws, mem, options->seeded, options->seed, options->overrides);
    trace_init(&world->trace, mem);
    map_init(&world->programs, mem, WORLD_PROGRAMS_MAX);
    world_add_programs(world, options->programs, options->program_count);
    list_init(&world->machines);
    list_init(&world->observers);
    context_init_thread(&world->thread);
    list_init(&world->runnable);
    world->run_site = draw_site(world, "run", NULL);
    network_init(&world->network, world, options->latency_ns);
    return world;
}

void world_destroy(struct world *world)
{
    if (world == NULL) {
        return;
    }
    assert(world->running == NULL);
    for (struct machine *machine = machine_next(world, NULL); machine != NULL;
         machine = machine_next(world, machine)) {
        machine_discard_processes(machine);
    }
    mem_destroy(world->mem);
}

struct mem *world_mem(struct world *world)
{
    return world->mem;
}

void world_add_programs(struct world *world, const struct world_program *programs, int count)
{
    for (int i = 0; i < count; i++) {
        struct world_program *copy = mem_alloc(world->mem, sizeof(*copy));
        *copy = programs[i];
        assert(map_put(&world->programs, str_from(copy->file), copy) == 0);
    }
}

const struct world_program *world_program_find(const struct world *world, struct str file)
{
    return map_get(&world->programs, file);
}

/* ---- running ------------------------------------------------------------------------------- */

/* True while something could happen at this instant. */
static bool run_instant_once(struct world *world)
{
    if (fiber_run_next(world)) {
        return true;
    }
    struct event *first = event_heap_first(&world->events);
    if (first == NULL || first->at_ns > world->now_ns) {
        return false;
    }
    event_heap_take(&world->events);
    first->run(first);
    return true;
}

static void move_time(struct world *world, int64_t to_ns)
{
    if (to_ns > world->now_ns) {
        world->now_ns = to_ns;
        world->calls_at_instant = 0;
    }
}

enum world_end world_run_while(struct world *world, bool (*wanted)(void *argument), void *argument,
                               int64_t until_ns)
{
    assert(world->running == NULL);
    while (world->fault == WORLD_FAULT_NONE) {
        if (run_instant_once(world)) {
            continue;
        }
        if (wanted != NULL && !wanted(argument)) {
            return WORLD_HELD;
        }
        int64_t next_ns = world_next_event_ns(world);
        if (next_ns == INT64_MAX) {
            return WORLD_IDLE;
        }
        if (next_ns > until_ns) {
            move_time(world, until_ns);
            return WORLD_TIME;
        }
        move_time(world, next_ns);
    }
    return WORLD_STOPPED;
}

enum world_end world_run_until(struct world *world, int64_t until_ns)
{
    return world_run_while(world, NULL, NULL, until_ns);
}

int64_t world_now_ns(const struct world *world)
{
    return world->now_ns;
}

int64_t world_next_event_ns(const struct world *world)
{
    const struct event *first = event_heap_first(&world->events);
    return first != NULL ? first->at_ns : INT64_MAX;
}

/* ---- the end ------------------------------------------------------------------------------- */

void world_stop(struct world *world, enum world_fault fault, const char *format, ...)
{
    if (world->fault != WORLD_FAULT_NONE) {
        return;
    }
    world->fault = fault;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(world->stop_text, sizeof(world->stop_text), format, arguments);
    va_end(arguments);
}

enum world_fault world_stopped(const struct world *world)
{
    return world->fault;
}

const char *world_stop_text(const struct world *world)
{
    return world->stop_text;
}

const char *world_reproduce(const struct world *world)
{
    return world->reproduce;
}

uint64_t world_hash(const struct world *world)
{
    return hash_value(&world->trace.hash);
}
