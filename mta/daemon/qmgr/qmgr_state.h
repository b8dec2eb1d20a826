// SPDX-License-Identifier: ISC
/* qmgr/qmgr_state - what the parts of the queue manager share */
#ifndef QMGR_QMGR_STATE_H
#define QMGR_QMGR_STATE_H

#include "base/map.h"
#include "conf/conf.h"
#include "ipc/ipc.h"
#include "log/log.h"
#include "qmgr/qmgr_index.h"
#include "queue/queue_message.h"
#include "service/service.h"

struct qmgr {
    struct service *service;
    struct sys *sys;
    const struct conf *conf;
    struct log *log;
    struct queue queue;
    struct ipc_pool rewrite;
    struct ipc_pool bounce;
    struct ipc_pool defer;

    struct sys_event changed; /* there may be something to take: new requests, or room */
    bool scan_incoming;       /* requests that the scanning fiber has not seen yet */
    bool scan_deferred;
    bool ignore_times;
    struct qmgr_index later; /* mail that waits for its time, most of it deferred */

    struct map messages;     /* id -> itself: all that are at work, one fiber each */
    int preparing_count;     /* those among them that have no deliveries yet */
    struct map transports;   /* name -> struct qmgr_transport, for good */
    struct map destinations; /* key -> struct qmgr_destination, while used or dead */
};

#endif
