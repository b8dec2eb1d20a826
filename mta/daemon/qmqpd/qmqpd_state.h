// SPDX-License-Identifier: ISC
/* qmqpd/qmqpd_state - what all sessions of this process share */
#ifndef QMQPD_QMQPD_STATE_H
#define QMQPD_QMQPD_STATE_H

#include "conf/conf.h"
#include "dns/dns.h"
#include "log/log.h"
#include "mail/cleanup_client.h"
#include "table/match_list.h"

struct qmqpd_state {
    struct sys *sys;
    const struct conf *conf;
    struct log *log;
    struct dns *dns;
    struct match_list *authorized;
    struct cleanup_client cleanup;
    int64_t timeout_ns;
    int64_t error_delay_ns;
    size_t message_bytes_max;
    size_t line_bytes_max;
};

#endif
