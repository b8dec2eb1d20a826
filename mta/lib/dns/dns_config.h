// SPDX-License-Identifier: ISC
/* dns/dns_config - the two files that say whom to ask: resolv.conf and hosts
 *
 * Grammar   resolv.conf(5): nameserver, options timeout:n and attempts:n; the rest is ignored
 *           (names are always asked as they are, so that search and ndots have no say).
 *           hosts(5): address, names, # comment
 * Limits    DNS_SERVERS_MAX servers; timeout 30 s and 5 attempts as in resolv.conf(5)
 * Memory    none: names are views into the text
 * Blocks    never; pure
 */
#ifndef DNS_DNS_CONFIG_H
#define DNS_DNS_CONFIG_H

#include "dns/dns.h"

enum { DNS_TIMEOUT_S_MAX = 30, DNS_ATTEMPTS_MAX = 5, DNS_PORT = 53 };

struct dns_config {
    struct sys_address servers[DNS_SERVERS_MAX];
    int server_count;
    int64_t timeout_ns; /* of one question to one server */
    int attempts;       /* rounds over all servers */
};

/* Never fails: a line that cannot be understood is skipped; without any server it is 127.0.0.1. */
void dns_config_parse(struct str text, struct dns_config *config);

/* Takes the next line with an address out of *rest; names are what is behind it, separated by
 * white space. False at the end. */
bool dns_config_next_host(struct str *rest, struct sys_address *address, struct str *names);

#endif
