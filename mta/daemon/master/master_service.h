// SPDX-License-Identifier: ISC
/* master/master_service - one line of master.cf at work
 *
 * Fibers    one for each listener, which waits for clients while no child would take them and the
 *           limit allows another child; one for wake-ups
 * State     listeners are open from master_setup_load() until the service ends or another takes
 *           them over; fibers run between start and stop
 */
#ifndef MASTER_MASTER_SERVICE_H
#define MASTER_MASTER_SERVICE_H

#include "conf/master_cf.h"
#include "master/master_run.h"
#include "service/service_kind.h"
#include "sys/net.h"

struct master_listener {
    struct master_service *service;
    struct sys_address address;
    int fd;        /* -1 when it is not open or another setup has it now */
    bool borrowed; /* fd still belongs to the setup before */
};

struct master_service {
    struct master *master;
    struct master_setup *setup;
    const struct master_cf_service *entry; /* in setup */
    enum service_kind kind;
    int limit; /* maxproc; 0 = none */
    struct master_listener *listeners;
    int listener_count;
    struct list children;
    struct sys_group fibers;
    struct sys_event changed; /* children, throttle, wake_due */
    int64_t throttled_until_ns;
    int64_t stressed_until_ns; /* the limit was reached lately */
    bool used;                 /* somebody has connected */
    bool wake_due;             /* wake it up now, whatever the timer says */
};

/* 0 or -ERR_NO_MEMORY. Instant. */
MUST_USE int master_service_start(struct master_service *service);
/* No child is started any more. Waiting. */
void master_service_stop(struct master_service *service);

/* No child is started for service_throttle_time. Instant. */
void master_service_throttle(struct master_service *service, const char *path);

/* A child's state has changed. Instant. */
void master_service_child_changed(struct master_service *service);
/* A child has ended and left the list. Instant. */
void master_service_child_gone(struct master_service *service);

/* True when the limit was reached lately: new children should hurry. Instant. */
bool master_service_is_stressed(const struct master_service *service);

#endif
