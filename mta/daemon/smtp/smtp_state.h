// SPDX-License-Identifier: ISC
/* smtp/smtp_state - what the files of the SMTP client share */
#ifndef SMTP_SMTP_STATE_H
#define SMTP_SMTP_STATE_H

#include "conf/conf.h"
#include "dns/dns.h"
#include "log/log.h"
#include "mail/cleanup_client.h"
#include "mail/deliver.h"
#include "table/match_list.h"

/* One process. */
struct smtp_state {
    struct sys *sys;
    const struct conf *conf;
    struct log *log;
    struct queue queue;
    struct deliver_agent agent;
    struct cleanup_client cleanup; /* for transcripts */
    struct dns *dns;
    struct match_list *own_addresses;
    uint16_t port; /* smtp_tcp_port */
};

/* Why recipients could not be delivered; in the request's arena. */
struct smtp_failure {
    struct dsn dsn;
    struct str relay;  /* "host[address]:port", or "none" */
    bool site_is_sick; /* the destination as a whole: the queue manager is to rest it */
};

/* One request. */
struct smtp_delivery {
    struct smtp_state *state;
    struct deliver_request *request;
    const struct smtp_failure **pending; /* of each recipient without outcome: its last failure,
                                            or NULL */
};

#endif
