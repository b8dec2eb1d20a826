// SPDX-License-Identifier: ISC
/* qmgr/qmgr_state - what the parts of the queue manager share */
#ifndef QMGR_QMGR_STATE_H
#define QMGR_QMGR_STATE_H

#include "base/map.h"
#include "conf/conf.h"
#include "ipc/ipc.h"
#include "log/log.h"
#include "qmgr/qmgr_index.h"
#include "qmgr/qmgr_schedule.h"
#include "queue/queue_message.h"
#include "service/service.h"

enum { QMGR_MESSAGES_MAX = 1000000 };

struct qmgr_requests {  /* what triggers asked for */
    bool incoming;      /* look into incoming/ */
    bool deferred;      /* look into deferred/ */
    bool ignores_times; /* ... and take what is not due yet */
    bool flushes;       /* use the transports of defer_transports for what is found */
};

struct qmgr_runs {     /* of the mail that waits, by the monotonic clock */
    int64_t start_ns;  /* they follow each queue_run_delay from here on */
    int64_t served_ns; /* the last one */
};

struct qmgr {
    struct service *service;
    struct sys *sys;
    const struct conf *conf;
    struct log *log;
    struct queue queue;
    struct ipc_pool rewrite;
    struct ipc_pool bounce;
    struct ipc_pool defer;
    struct ipc_pool trace;

    struct sys_event changed;      /* there may be something to take, or another time to wake */
    struct qmgr_requests requests; /* that the scanning fiber has not seen yet */
    struct qmgr_runs runs;
    bool ends;               /* what waits is not taken up any more */
    struct qmgr_index later; /* mail that waits for its time, most of it deferred */

    struct map messages;  /* id -> struct qmgr_message: all that are at work */
    int unprepared_count; /* those among them that were never in delivery */
    struct list work;     /* messages that wait for a worker */
    int worker_count;
    struct qmgr_schedule schedule;
};

#endif
