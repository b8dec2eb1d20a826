// SPDX-License-Identifier: ISC
#include "master/master_address.h"

#include <string.h>

#include "base/number.h"
#include "conf/conf.h"

struct known_port {
    struct str name;
    uint16_t port;
};

static const struct known_port known_ports[] = {
    {STR_INIT("smtp"), 25},        {STR_INIT("lmtp"), 24},         {STR_INIT("qmtp"), 209},
    {STR_INIT("smtps"), 465},      {STR_INIT("submissions"), 465}, {STR_INIT("ssmtp"), 465},
    {STR_INIT("submission"), 587}, {STR_INIT("qmqp"), 628},
};

static int parse_port(struct str text, uint16_t *port, const char **complaint)
{
    uint64_t number = 0;

    if (number_parse_u64(text, UINT16_MAX, &number) == 0 && number > 0) {
        *port = (uint16_t)number;
        return 0;
    }
    for (size_t i = 0; i < sizeof(known_ports) / sizeof(known_ports[0]); i++) {
        if (str_equal(text, known_ports[i].name)) {
            *port = known_ports[i].port;
            return 0;
        }
    }
    *complaint = "the port is neither a number from 1 to 65535 nor a name that is known here";
    return -ERR_SYNTAX;
}

static bool is_enabled(const struct master_interfaces *interfaces, enum sys_family family)
{
    struct str protocols = interfaces->inet_protocols;
    const char *word = family == SYS_FAMILY_IPV4 ? "ipv4" : "ipv6";

    return conf_list_has(protocols, STR("all")) || conf_list_has(protocols, str_from(word));
}

static bool is_loopback(const struct sys_address *address)
{
    static const uint8_t loopback_ipv6[16] = {[15] = 1};

    return address->family == SYS_FAMILY_IPV4
               ? address->ip[0] == 127
               : memcmp(address->ip, loopback_ipv6, sizeof(loopback_ipv6)) == 0;
}

static bool is_spoken(const struct master_interfaces *interfaces, enum sys_family family)
{
    for (int i = 0; i < interfaces->machine_count; i++) {
        if (interfaces->machine[i].family == family) {
            return true;
        }
    }
    return family == SYS_FAMILY_IPV4;
}

static int add(struct master_addresses *addresses, const struct sys_address *address, uint16_t port)
{
    for (int i = 0; i < addresses->count; i++) {
        if (sys_address_equal_ip(&addresses->list[i], address)) {
            return 0;
        }
    }
    if (addresses->count == MASTER_ADDRESSES_MAX) {
        return -ERR_LIMIT;
    }
    addresses->list[addresses->count] = *address;
    addresses->list[addresses->count].port = port;
    addresses->count++;
    return 0;
}

/* The wildcard address of each protocol that is enabled; IPv6 only where the machine speaks it. */
static int add_all(const struct master_interfaces *interfaces, uint16_t port,
                   struct master_addresses *addresses)
{
    static const enum sys_family families[] = {SYS_FAMILY_IPV4, SYS_FAMILY_IPV6};

    for (size_t i = 0; i < sizeof(families) / sizeof(families[0]); i++) {
        struct sys_address any = {.family = families[i]};
        bool wanted = is_enabled(interfaces, families[i]) && is_spoken(interfaces, families[i]);
        int error = wanted ? add(addresses, &any, port) : 0;
        if (error != 0) {
            return error;
        }
    }
    return 0;
}

static int add_loopback(const struct master_interfaces *interfaces, uint16_t port,
                        struct master_addresses *addresses)
{
    for (int i = 0; i < interfaces->machine_count; i++) {
        const struct sys_address *address = &interfaces->machine[i];
        bool wanted = is_loopback(address) && is_enabled(interfaces, address->family);
        int error = wanted ? add(addresses, address, port) : 0;
        if (error != 0) {
            return error;
        }
    }
    return 0;
}

static struct str without_brackets(struct str host)
{
    if (host.size >= 2 && host.data[0] == '[' && host.data[host.size - 1] == ']') {
        return str_of(host.data + 1, host.size - 2);
    }
    return host;
}

/* A host written out is served whatever inet_protocols says about the others. */
static int add_host(const struct master_interfaces *interfaces, struct str host, uint16_t port,
                    struct master_addresses *addresses, const char **complaint)
{
    struct sys_address address = {0};

    if (str_equal_fold(host, STR("localhost"))) {
        return add_loopback(interfaces, port, addresses);
    }
    if (sys_address_parse(without_brackets(host), port, &address) == 0) {
        return add(addresses, &address, port);
    }
    *complaint = "the host is neither an IP address nor localhost";
    return -ERR_SYNTAX;
}

static int add_interfaces(const struct master_interfaces *interfaces, uint16_t port,
                          struct master_addresses *addresses, const char **complaint)
{
    struct str rest = interfaces->inet_interfaces;
    struct str item;

    while (conf_list_next(&rest, &item)) {
        int error;
        if (str_equal_fold(item, STR("all"))) {
            error = add_all(interfaces, port, addresses);
        } else if (str_equal_fold(item, STR("loopback-only"))) {
            error = add_loopback(interfaces, port, addresses);
        } else {
            error = add_host(interfaces, item, port, addresses, complaint);
        }
        if (error != 0) {
            return error;
        }
    }
    return 0;
}

int master_address_parse(struct str name, const struct master_interfaces *interfaces,
                         struct master_addresses *addresses, const char **complaint)
{
    ptrdiff_t colon = str_find_last(name, ':');
    uint16_t port = 0;

    addresses->count = 0;
    *complaint = "too many addresses";
    int error = parse_port(str_skip(name, (size_t)(colon + 1)), &port, complaint);
    if (error != 0) {
        return error;
    }
    if (colon > 0) {
        error = add_host(interfaces, str_first(name, (size_t)colon), port, addresses, complaint);
    } else {
        error = add_interfaces(interfaces, port, addresses, complaint);
    }
    if (error == 0 && addresses->count == 0) {
        *complaint = "inet_interfaces and inet_protocols leave no address of this machine";
        return -ERR_SYNTAX;
    }
    return error;
}
