// SPDX-License-Identifier: ISC
/* master/master_setup - main.cf and master.cf as services with open listeners
 *
 * A reload builds a whole new setup beside the running one, borrowing the listeners that stay,
 * and only then takes the place of the old one: with an error nothing has changed.
 *
 * Memory    a setup owns its configuration, services and listeners until master_setup_free()
 */
#ifndef MASTER_MASTER_SETUP_H
#define MASTER_MASTER_SETUP_H

#include "base/arena.h"
#include "conf/conf.h"
#include "conf/master_cf.h"
#include "master/master_run.h"
#include "master/master_service.h"

struct master_setup {
    struct master *master;
    uint32_t generation; /* 1 for the first, told to each child */
    struct conf *conf;
    struct arena arena;
    struct master_cf cf;
    struct master_service *services; /* one for each of cf.services */
    int service_count;
    struct str warnings; /* about the configuration: lines for the log */
};

/* Reads and checks the configuration of master->directory. After a failure problems has a line for
 * each thing that is wrong. Waiting. */
MUST_USE int master_setup_load(struct master *master, struct buf *problems,
                               struct master_setup **setup);

/* Opens the listeners, except those that master->setup (may be NULL) has open already. Sockets of
 * the unix kind are relative to the working directory. Problems as above. Waiting. */
MUST_USE int master_setup_listen(struct master_setup *setup, struct buf *problems);

/* Makes it the one that runs: takes listeners and children over from the one before, which is
 * freed with what it still has open, and starts its services. Waiting. */
void master_setup_run(struct master_setup *setup);

/* Mail comes in no more: ends the services through which it does, as their sessions end, and closes
 * their listeners. Waiting. */
void master_setup_close_doors(struct master_setup *setup);

/* Closes what it has open; its services must be stopped and have no children. Accepts NULL.
 * Instant. */
void master_setup_free(struct master_setup *setup);

#endif
