// SPDX-License-Identifier: ISC
/* smtp/smtp_hosts - the hosts of a destination, in the order in which they are tried
 *
 * Mail exchangers by preference; those of equal preference shuffled, then by
 * smtp_address_preference. Exchangers at and behind our own place in the list are left out: mail
 * must not come back to us. That counts on port 25 only, where mail exchangers listen.
 *
 * Limits    SMTP_HOSTS_MAX addresses
 * Memory    in the request's arena
 * Blocks    for DNS, at most smtp_hosts' deadline
 */
#ifndef SMTP_SMTP_HOSTS_H
#define SMTP_SMTP_HOSTS_H

#include "smtp/smtp_nexthop.h"
#include "smtp/smtp_state.h"

enum { SMTP_HOSTS_MAX = 100 };

struct smtp_host {
    struct str name;
    struct sys_address address; /* with port */
    unsigned preference;
    unsigned rank; /* among equals: by address family */
    bool is_best;  /* of the lowest preference there is */
};

struct smtp_hosts {
    struct smtp_host *list;
    int count;
    bool includes_us; /* we are a mail exchanger of the destination */
};

/* 0 with at least one host, or -ERR_NOT_FOUND with the failure set. */
MUST_USE int smtp_hosts_find(struct smtp_delivery *delivery, const struct smtp_nexthop *nexthop,
                             struct smtp_hosts *hosts, const struct smtp_failure **failure);

#endif
