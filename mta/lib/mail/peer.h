// SPDX-License-Identifier: ISC
/* mail/peer - the client of a receiving daemon: its address, and a name that can be believed
 *
 * Whoever owns an address owns what its PTR record says; so the name counts only when it leads
 * back to the address.
 *
 * Limits    PEER_LOOKUP_NS for all the questions of one client
 * Memory    none kept; the arena holds the answers
 * Blocks    find, for the name servers; is_listed, for the disk
 */
#ifndef MAIL_PEER_H
#define MAIL_PEER_H

#include "base/arena.h"
#include "dns/dns.h"
#include "sys/net.h"
#include "table/match_list.h"

enum { PEER_NAME_MAX = 255 };

#define PEER_LOOKUP_NS (5 * SYS_SECOND_NS)

struct peer {
    struct sys_address ip;
    char address[SYS_ADDRESS_TEXT_MAX];
    char name[PEER_NAME_MAX + 1]; /* "unknown" when there is none */
};

/* dns NULL: no name is looked up. */
void peer_find(struct peer *peer, struct sys *sys, struct dns *dns, struct arena *arena,
               const struct sys_address *ip);

/* The name or the address is in the list: 1, 0, or -ERR_* when that is not known now. */
MUST_USE int peer_is_listed(const struct peer *peer, struct match_list *list);

#endif
