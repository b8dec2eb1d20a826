// SPDX-License-Identifier: ISC
/* bounce/bounce_state - what the parts of this daemon share */
#ifndef BOUNCE_BOUNCE_STATE_H
#define BOUNCE_BOUNCE_STATE_H

#include "conf/conf.h"
#include "log/log.h"
#include "mail/cleanup_client.h"
#include "mail/notice_text.h"
#include "queue/queue.h"

struct bounce_state {
    struct sys *sys;
    const struct conf *conf;
    struct log *log;
    enum queue_name records; /* QUEUE_BOUNCE, QUEUE_DEFER or QUEUE_TRACE */
    struct queue queue;
    struct cleanup_client cleanup;
    struct notice_texts texts;
};

#endif
