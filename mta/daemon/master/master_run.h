// SPDX-License-Identifier: ISC
/* master/master_run - the running master, which all its parts share
 *
 * State     setup is never NULL once master has started; every child is in the list of its
 *           service, or in departed when a reload removed its service
 */
#ifndef MASTER_MASTER_RUN_H
#define MASTER_MASTER_RUN_H

#include "base/list.h"
#include "log/log.h"
#include "sys/fiber.h"

struct master_setup;

struct master {
    struct sys *sys;
    struct log log;
    struct log_watchdog watchdog;
    const char *directory;      /* of the configuration */
    struct master_setup *setup; /* what runs now */
    struct list departed;       /* children without a service */
    int child_count;            /* of all services, and departed */
    struct sys_group children;  /* one fiber for each child, for its whole life */
    struct sys_event child_gone;
    bool stopping;
    bool at_once; /* ... and nobody gets time to finish */
};

#endif
