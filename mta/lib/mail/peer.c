// SPDX-License-Identifier: ISC
#include "mail/peer.h"

#include <stdio.h>
#include <string.h>

#include "proto/address.h"
#include "sys/clock.h"

#define NAME_UNKNOWN "unknown"

static bool leads_back(struct dns *dns, struct arena *arena, struct str name,
                       const struct sys_address *ip, int64_t deadline_ns)
{
    const struct dns_wanted wanted = {
        .ipv4 = ip->family == SYS_FAMILY_IPV4,
        .ipv6 = ip->family == SYS_FAMILY_IPV6,
        .hosts_file = true,
    };
    struct dns_answer answer;
    if (dns_lookup_addresses(dns, arena, name, &wanted, &answer, deadline_ns) != DNS_FOUND) {
        return false;
    }
    for (int i = 0; i < answer.count; i++) {
        if (sys_address_equal_ip(&answer.hosts[i].address, ip)) {
            return true;
        }
    }
    return false;
}

static bool is_name(struct str name)
{
    struct sys_address ip;
    return name.size <= PEER_NAME_MAX && address_host_is_valid(name) &&
           sys_address_parse(name, 0, &ip) != 0;
}

void peer_find(struct peer *peer, struct sys *sys, struct dns *dns, struct arena *arena,
               const struct sys_address *ip)
{
    *peer = (struct peer){.ip = *ip, .name = NAME_UNKNOWN};
    sys_address_text(ip, peer->address);
    if (dns == NULL) {
        return;
    }
    int64_t deadline_ns = sys_deadline(sys, PEER_LOOKUP_NS);
    struct dns_answer answer;
    if (dns_lookup_ptr(dns, arena, ip, &answer, deadline_ns) != DNS_FOUND || answer.count == 0) {
        return;
    }
    struct str name = answer.hosts[0].name;
    if (is_name(name) && leads_back(dns, arena, name, ip, deadline_ns)) {
        snprintf(peer->name, sizeof(peer->name), "%.*s", STR_ARG(name));
    }
}

int peer_is_listed(const struct peer *peer, struct match_list *list)
{
    int listed = match_list_has_address(list, &peer->ip);
    if (listed != 0 || strcmp(peer->name, NAME_UNKNOWN) == 0) {
        return listed;
    }
    return match_list_has_name(list, str_from(peer->name));
}
