// SPDX-License-Identifier: ISC
/* virtual/virtual_worker - deliveries with the rights of the mailboxes' owners
 *
 * A process that runs as root touches no file of a user. It keeps workers, each a process of this
 * program with the uid and gid of one user, started when first needed through the spawn helper,
 * and hands each delivery to an idle one. A worker gets the descriptor of the queue file, so it
 * needs no rights to the queue, and that of virtual_mailbox_base.
 *
 * Limits    VIRTUAL_WORKERS_MAX workers; an idle one of another user makes room
 * Rights    a worker: those of its user; no new privileges
 */
#ifndef VIRTUAL_VIRTUAL_WORKER_H
#define VIRTUAL_VIRTUAL_WORKER_H

#include "base/list.h"
#include "sys/fiber.h"
#include "virtual/virtual_maildir.h"

enum { VIRTUAL_WORKERS_MAX = 50 };

struct virtual_workers {
    struct sys *sys;
    struct list idle; /* most recently used first */
    int count;
    struct sys_event changed;
};

/* The argument that makes the program a worker. */
#define VIRTUAL_WORKER_ARGUMENT "-W"

void virtual_workers_init(struct virtual_workers *workers, struct sys *sys);
void virtual_workers_done(struct virtual_workers *workers); /* ends the idle ones. Waiting. */

/* As virtual_maildir_deliver(), with that user's rights. Waiting. */
MUST_USE int virtual_workers_deliver(struct virtual_workers *workers, uint32_t uid, uint32_t gid,
                                     const struct virtual_maildir *maildir, struct str head,
                                     struct queue_message *message);

/* The worker's life: its exit status. */
int virtual_worker_main(struct sys *sys);

#endif
