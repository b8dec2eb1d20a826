// SPDX-License-Identifier: ISC
#include "world/observer.h"

#include "world/world_state.h"

void observer_add(struct world *world, struct observer *observer)
{
    list_append(&world->observers, &observer->in_world);
}

void observer_remove(struct observer *observer)
{
    list_remove(&observer->in_world);
}
