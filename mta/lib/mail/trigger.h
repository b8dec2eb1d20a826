// SPDX-License-Identifier: ISC
/* mail/trigger - one-byte requests to the queue manager
 *
 * Requests  I scan incoming, D scan deferred, A ignore the times of next attempts, F forget dead
 *           destinations, W wake up, E take up no more deferred mail
 * Errors    none: a queue manager that cannot be reached scans when it is back
 */
#ifndef MAIL_TRIGGER_H
#define MAIL_TRIGGER_H

#include "base/str.h"
#include "conf/service_path.h"
#include "sys/fiber.h"
#include "sys/sys.h"

/* Sends the requests over a connection of its own: 0 or why not. Waiting. */
MUST_USE int trigger_send(struct sys *sys, struct service_path path, struct str requests,
                          int64_t deadline_ns);

/* For a process that has much to announce: announcements of the same moment leave as one byte,
 * over one connection, at most one each TRIGGER_INTERVAL_NS. */
#define TRIGGER_INTERVAL_NS (10 * SYS_MILLI_NS)

struct trigger {
    struct sys *sys;
    struct service_path path;
    bool pending;
    struct sys_event changed;
};

void trigger_init(struct trigger *trigger, struct sys *sys, struct service_path path);
void trigger_set(struct trigger *trigger); /* there is new mail. Instant. */
/* Body of the fiber that sends, until it is canceled; argument is the trigger. Waiting. */
void trigger_run(struct sys *sys, void *argument);
/* Sends what that fiber, now ended, has left. Waiting. */
void trigger_flush(struct trigger *trigger);

#endif
