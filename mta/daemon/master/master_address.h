// SPDX-License-Identifier: ISC
/* master/master_address - where an inet service of master.cf listens
 *
 * Grammar   first column: port, or host:port; the port a number or one of a few well-known names;
 *           the host an IP address, with or without [], or localhost
 * Limits    MASTER_ADDRESSES_MAX addresses
 * Errors    SYNTAX with a complaint; LIMIT
 * Memory    none
 * Blocks    never; pure
 */
#ifndef MASTER_MASTER_ADDRESS_H
#define MASTER_MASTER_ADDRESS_H

#include "base/attribute.h"
#include "base/str.h"
#include "sys/net.h"

enum { MASTER_ADDRESSES_MAX = 64 };

struct master_addresses {
    struct sys_address list[MASTER_ADDRESSES_MAX];
    int count;
};

/* What decides where a service without a host listens. */
struct master_interfaces {
    struct str inet_interfaces; /* values of main.cf */
    struct str inet_protocols;
    const struct sys_address *machine; /* addresses of this machine's interfaces */
    int machine_count;
};

/* 0 with at least one address. */
MUST_USE int master_address_parse(struct str name, const struct master_interfaces *interfaces,
                                  struct master_addresses *addresses, const char **complaint);

#endif
