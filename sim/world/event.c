// SPDX-License-Identifier: ISC
#include "world/event.h"

#include "base/assert.h"
#include "world/world_state.h"

static bool is_before(const struct event *a, const struct event *b)
{
    return a->at_ns != b->at_ns ? a->at_ns < b->at_ns : a->sequence < b->sequence;
}

static void place(struct event_heap *heap, size_t index, struct event *event)
{
    heap->events[index] = event;
    event->index = index;
}

static void rise(struct event_heap *heap, struct event *event)
{
    size_t index = event->index;
    while (index > 1 && is_before(event, heap->events[index / 2])) {
        place(heap, index, heap->events[index / 2]);
        index /= 2;
    }
    place(heap, index, event);
}

static void sink(struct event_heap *heap, struct event *event)
{
    size_t index = event->index;
    for (size_t child = 2 * index; child <= heap->count; child = 2 * index) {
        if (child < heap->count && is_before(heap->events[child + 1], heap->events[child])) {
            child++;
        }
        if (!is_before(heap->events[child], event)) {
            break;
        }
        place(heap, index, heap->events[child]);
        index = child;
    }
    place(heap, index, event);
}

static void take_out(struct event_heap *heap, struct event *event)
{
    struct event *last = heap->events[heap->count];
    heap->count--;
    if (last != event) {
        last->index = event->index;
        rise(heap, last);
        sink(heap, last);
    }
    event->index = 0;
}

void event_heap_init(struct event_heap *heap, struct mem *mem)
{
    *heap = (struct event_heap){.mem = mem};
}

struct event *event_heap_first(const struct event_heap *heap)
{
    return heap->count > 0 ? heap->events[1] : NULL;
}

struct event *event_heap_take(struct event_heap *heap)
{
    struct event *first = event_heap_first(heap);
    assert(first != NULL);
    take_out(heap, first);
    return first;
}

void event_add(struct world *world, struct event *event, int64_t at_ns,
               void (*run)(struct event *event))
{
    struct event_heap *heap = &world->events;
    assert(event->index == 0);
    if (heap->count + 2 > heap->capacity) {
        heap->capacity = heap->capacity == 0 ? 64 : 2 * heap->capacity;
        heap->events =
            mem_resize(heap->mem, heap->events, heap->capacity * sizeof(heap->events[0]));
    }
    event->at_ns = at_ns > world->now_ns ? at_ns : world->now_ns;
    event->sequence = heap->sequence++;
    event->run = run;
    heap->count++;
    place(heap, heap->count, event);
    rise(heap, event);
}

void event_remove(struct world *world, struct event *event)
{
    if (event->index != 0) {
        take_out(&world->events, event);
    }
}

bool event_is_waiting(const struct event *event)
{
    return event->index != 0;
}
