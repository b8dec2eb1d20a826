// SPDX-License-Identifier: ISC
/* world/event - what is to happen at a later time
 *
 * Events run on the world's own stack in the order of their times, those of one time in the order
 * in which they were added.
 *
 * Memory    a struct event is the caller's and must stay until it ran or was removed
 * Blocks    never
 */
#ifndef WORLD_EVENT_H
#define WORLD_EVENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/mem.h"

struct world;

struct event {
    int64_t at_ns;
    uint64_t sequence;
    size_t index; /* in the heap, from 1; 0: not waiting */
    void (*run)(struct event *event);
};

/* A heap of events, earliest first. */
struct event_heap {
    struct mem *mem;
    struct event **events; /* events[1..count] */
    size_t count;
    size_t capacity;
    uint64_t sequence;
};

/* Of an event that is not waiting; a time in the past means now. */
void event_add(struct world *world, struct event *event, int64_t at_ns,
               void (*run)(struct event *event));
void event_remove(struct world *world, struct event *event); /* may be called for any event */
bool event_is_waiting(const struct event *event);

/* ---- the world's -------------------------------------------------------------------------- */

void event_heap_init(struct event_heap *heap, struct mem *mem);
struct event *event_heap_first(const struct event_heap *heap); /* NULL when there is none */
struct event *event_heap_take(struct event_heap *heap);

#endif
