// SPDX-License-Identifier: ISC
/* cleanup/cleanup_state - what the parts of this daemon share */
#ifndef CLEANUP_CLEANUP_STATE_H
#define CLEANUP_CLEANUP_STATE_H

#include "conf/conf.h"
#include "ipc/ipc.h"
#include "log/log.h"
#include "mail/trigger.h"
#include "queue/queue.h"
#include "table/table_maps.h"

struct cleanup_state {
    struct sys *sys;
    const struct conf *conf;
    struct log *log;
    struct queue queue;
    int incoming_fd; /* of the directory, to ask for free space */
    struct trigger trigger;
    struct ipc_pool rewrite;
    struct ipc_pool trace;
    struct table_maps *virtual_aliases;
};

#endif
