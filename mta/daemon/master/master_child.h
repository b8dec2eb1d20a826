// SPDX-License-Identifier: ISC
/* master/master_child - one daemon process: start it, hear its reports, see it end
 *
 * One fiber lives as long as the process, so that reports, end of channel and exit are seen in
 * this order. The life itself is the table in master_lifecycle.h.
 *
 * Memory    a child frees itself at its end
 */
#ifndef MASTER_MASTER_CHILD_H
#define MASTER_MASTER_CHILD_H

#include "base/list.h"
#include "master/master_lifecycle.h"
#include "master/master_run.h"

struct master_service;

struct master_child {
    struct master *master;
    struct master_service *service; /* NULL when it has vanished from master.cf */
    struct list node;               /* in service->children or master->departed */
    enum master_state state;
    int pid;           /* 0 before it is started */
    int status_fd;     /* our end of the channel, or -1 */
    int session_count; /* what it counts for against the limit: granted, or held when retiring */
    char *path;        /* program file */
};

/* Adds a child to the service, to be started by a fiber of its own with this many sessions (0:
 * any number). A failure to start throttles the service. Instant. */
void master_child_start(struct master_service *service, int session_count);

/* Tells it to finish its sessions and exit. Instant. */
void master_child_retire(struct master_child *child);

/* Ends it by force. Instant. */
void master_child_kill(struct master_child *child);

#endif
