// SPDX-License-Identifier: ISC
#include "mail/trigger.h"

#include "sys/clock.h"
#include "sys/net.h"

#define SEND_TIMEOUT_NS (10 * SYS_SECOND_NS)

int trigger_send(struct sys *sys, struct service_path path, struct str requests,
                 int64_t deadline_ns)
{
    struct sys_address address;
    int error = sys_address_unix(str_from(path.text), &address);
    if (error != 0) {
        return error;
    }
    int fd = sys_dial(sys, NULL, &address, deadline_ns);
    if (fd < 0) {
        return fd;
    }
    long count = sys_write(sys, fd, requests.data, requests.size, deadline_ns);
    sys_close(sys, fd);
    return count < 0 ? (int)count : 0;
}

void trigger_init(struct trigger *trigger, struct sys *sys, struct service_path path)
{
    *trigger = (struct trigger){.sys = sys, .path = path};
    sys_event_init(&trigger->changed);
}

void trigger_set(struct trigger *trigger)
{
    trigger->pending = true;
    sys_event_wake_one(trigger->sys, &trigger->changed);
}

static int send_pending(struct trigger *trigger)
{
    struct sys *sys = trigger->sys;
    trigger->pending = false;
    int error = trigger_send(sys, trigger->path, STR("I"), sys_deadline(sys, SEND_TIMEOUT_NS));
    if (error == -ERR_CANCELED) {
        trigger->pending = true;
    }
    return error;
}

void trigger_run(struct sys *sys, void *argument)
{
    struct trigger *trigger = argument;
    int error = 0;
    while (error != -ERR_CANCELED) {
        if (!trigger->pending) {
            error = sys_event_wait(sys, &trigger->changed, SYS_FOREVER);
            continue;
        }
        error = send_pending(trigger); /* who cannot be reached scans when it is back */
        if (error != -ERR_CANCELED) {
            error = sys_sleep_until(sys, sys_deadline(sys, TRIGGER_INTERVAL_NS));
        }
    }
}

void trigger_flush(struct trigger *trigger)
{
    int error = trigger->pending ? send_pending(trigger) : 0;
    (void)error; /* as above */
}
