// SPDX-License-Identifier: ISC
#include "sys/fiber.h"

void sys_event_init(struct sys_event *event)
{
    list_init(&event->waiters);
}

void sys_group_init(struct sys_group *group)
{
    list_init(&group->fibers);
    sys_event_init(&group->ended);
    group->count = 0;
    group->canceled = false;
}
