// SPDX-License-Identifier: ISC
/* table/cidr - networks in address/bits form, IPv4 and IPv6
 *
 * Grammar   192.0.2.0/24, 192.0.2.1, 2001:db8::/32; square brackets around the address are
 *           allowed ([2001:db8::]/32, [::1]). Bits of the host part must be 0
 * Errors    -ERR_SYNTAX for anything else
 * Memory    none
 * Blocks    never; pure
 */
#ifndef TABLE_CIDR_H
#define TABLE_CIDR_H

#include "base/attribute.h"
#include "sys/net.h"

struct cidr {
    struct sys_address network;
    unsigned bits; /* that count: 0 to 32 or 128 */
};

MUST_USE int cidr_parse(struct str text, struct cidr *cidr);
bool cidr_contains(const struct cidr *cidr, const struct sys_address *address);

#endif
