// SPDX-License-Identifier: ISC
/* world/world_state - the inside of struct world, for the files of this folder and of sim/os */
#ifndef WORLD_WORLD_STATE_H
#define WORLD_WORLD_STATE_H

#include "base/list.h"
#include "base/map.h"
#include "sys/context.h"
#include "world/draw.h"
#include "world/event.h"
#include "world/network.h"
#include "world/trace.h"
#include "world/world.h"

struct fiber;

enum { WORLD_STOP_TEXT_MAX = 1024, WORLD_PROGRAMS_MAX = 1000, WORLD_MACHINES_MAX = 10000 };

struct world {
    struct mem *mem;
    const char *reproduce;
    int64_t now_ns;
    int64_t start_ns;
    int64_t wall_zero_ns;

    struct event_heap events;
    struct draws draws;
    struct trace trace;
    struct network network;
    struct map programs; /* file -> struct world_program */
    struct list machines;
    int machine_count;
    struct list observers;

    struct context thread; /* the world's own stack */
    struct fiber *running; /* NULL while the world's own code runs */
    struct list runnable;  /* struct fiber, first come first */
    uint64_t runnable_count;
    struct draw_site *run_site;
    uint64_t calls_at_instant;

    enum world_fault fault;
    char stop_text[WORLD_STOP_TEXT_MAX];
};

#endif
