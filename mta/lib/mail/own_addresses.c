// SPDX-License-Identifier: ISC
#include "mail/own_addresses.h"

#include "conf/derived.h"

enum { INTERFACES_MAX = 1000, PATTERNS_BYTES_MAX = 1 << 18 };

/* Appends the interfaces that inet_interfaces and inet_protocols leave, as patterns. */
static void put_interfaces(struct sys *sys, const struct conf *conf, struct buf *patterns)
{
    struct mem *mem = sys_mem(sys);
    struct sys_address *addresses = mem_alloc(mem, INTERFACES_MAX * sizeof(*addresses));
    int count = sys_interface_addresses(sys, addresses, INTERFACES_MAX);
    count = count < 0 ? 0 : count > INTERFACES_MAX ? INTERFACES_MAX : count;
    derived_networks(patterns, STR("host"), conf_text(conf, CONF_inet_interfaces),
                     conf_text(conf, CONF_inet_protocols), addresses, count);
    mem_free(mem, addresses);
}

int own_addresses_open(struct sys *sys, const struct conf *conf, struct match_list **list,
                       char why[TABLE_WHY_MAX])
{
    struct buf patterns;
    buf_init(&patterns, sys_mem(sys), PATTERNS_BYTES_MAX);
    put_interfaces(sys, conf, &patterns);
    buf_put_char(&patterns, ' ');
    buf_put(&patterns, conf_text(conf, CONF_proxy_interfaces));
    int error = match_list_open(sys, conf, buf_str(&patterns), MATCH_LIST_ADDRESS, list, why);
    buf_done(&patterns);
    return error;
}
