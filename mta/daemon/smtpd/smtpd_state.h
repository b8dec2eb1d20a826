// SPDX-License-Identifier: ISC
/* smtpd/smtpd_state - what all sessions of this process share */
#ifndef SMTPD_SMTPD_STATE_H
#define SMTPD_SMTPD_STATE_H

#include "base/list.h"
#include "conf/conf.h"
#include "dns/dns.h"
#include "ipc/ipc.h"
#include "log/log.h"
#include "mail/cleanup_client.h"
#include "smtpd/smtpd_policy.h"

struct smtpd_state {
    struct sys *sys;
    const struct conf *conf;
    struct log *log;
    struct dns *dns; /* NULL: smtpd_peername_lookup is off */
    struct cleanup_client cleanup;
    struct smtpd_policy policy;
    struct match_list *own_addresses; /* mail from there is our own: cleanup completes it */
    struct match_list *verp_clients;
    struct list sessions; /* struct smtpd_session, in_sessions */
};

#endif
