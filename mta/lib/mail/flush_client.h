// SPDX-License-Identifier: ISC
/* mail/flush_client - asks the flush service
 *
 * Each request has a connection of its own, and is not tried again: what the service keeps is a
 * help to find mail sooner, and no mail depends on it.
 *
 * Errors    -ERR_* when the service cannot be reached or does not answer; else enum flush_status
 * Blocks    all, FLUSH_TIMEOUT_NS at most; FLUSH_ADD_TIMEOUT_NS for add, which mail waits for
 */
#ifndef MAIL_FLUSH_CLIENT_H
#define MAIL_FLUSH_CLIENT_H

#include "conf/conf.h"
#include "sys/clock.h"

#define FLUSH_TIMEOUT_NS     (100 * SYS_SECOND_NS)
#define FLUSH_ADD_TIMEOUT_NS (10 * SYS_SECOND_NS)

enum flush_status {
    FLUSH_FAILED = -1,
    FLUSH_OK = 0,
    FLUSH_UNKNOWN = 2, /* no such message waits for its next attempt */
    FLUSH_BAD = 3,     /* not the name of a site, not a queue id */
    FLUSH_DENIED = 4,  /* the site is not in fast_flush_domains */
};

/* A message for the site was deferred. */
MUST_USE int flush_client_add(struct sys *sys, const struct conf *conf, struct str site,
                              struct str queue_id);
/* All mail for the site is to be tried now. */
MUST_USE int flush_client_send_site(struct sys *sys, const struct conf *conf, struct str site);
/* One message is to be tried now, even where its destination is dead. */
MUST_USE int flush_client_send_file(struct sys *sys, const struct conf *conf, struct str queue_id);

#endif
