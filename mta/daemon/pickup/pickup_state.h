// SPDX-License-Identifier: ISC
/* pickup/pickup_state - what the process has */
#ifndef PICKUP_PICKUP_STATE_H
#define PICKUP_PICKUP_STATE_H

#include "conf/conf.h"
#include "log/log.h"
#include "mail/cleanup_client.h"
#include "queue/queue.h"
#include "sys/fiber.h"

struct pickup {
    struct sys *sys;
    const struct conf *conf;
    struct log *log;
    struct queue queue;
    struct cleanup_client cleanup;
    bool requested; /* somebody asked for a look at maildrop/ */
    struct sys_event changed;
};

#endif
