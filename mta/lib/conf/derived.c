// SPDX-License-Identifier: ISC
#include "conf/derived.h"

#include "conf/conf_list.h"

static const struct str local_domain = STR_INIT("localdomain");

void derived_host_name(struct buf *out, struct str machine, struct str domain)
{
    buf_put(out, machine);
    if (str_find(machine, '.') < 0) {
        buf_put_char(out, '.');
        buf_put(out, domain.size > 0 ? domain : local_domain);
    }
}

struct str derived_domain(struct str host_name)
{
    ptrdiff_t dot = str_find(host_name, '.');
    return dot < 0 ? local_domain : str_skip(host_name, (size_t)dot + 1);
}

static bool is_loopback(const struct sys_address *address)
{
    static const uint8_t ipv6_loopback[16] = {[15] = 1};
    if (address->family == SYS_FAMILY_IPV4) {
        return address->ip[0] == 127;
    }
    for (int i = 0; i < 16; i++) {
        if (address->ip[i] != ipv6_loopback[i]) {
            return false;
        }
    }
    return true;
}

static bool family_is_on(enum sys_family family, struct str protocols)
{
    struct str word = family == SYS_FAMILY_IPV4 ? STR("ipv4") : STR("ipv6");
    return conf_list_has(protocols, STR("all")) || conf_list_has(protocols, word);
}

/* True when inet_interfaces names the address itself or a group that it belongs to. */
static bool interface_is_on(const struct sys_address *address, struct str interfaces)
{
    if (conf_list_has(interfaces, STR("all"))) {
        return true;
    }
    if (conf_list_has(interfaces, STR("loopback-only"))) {
        return is_loopback(address);
    }
    char text[SYS_ADDRESS_TEXT_MAX];
    return conf_list_has(interfaces, str_from(sys_address_text(address, text)));
}

static int class_bits(uint8_t first_byte)
{
    return first_byte < 128 ? 8 : first_byte < 192 ? 16 : 24;
}

static int prefix_bits(const struct sys_address *address, struct str style)
{
    if (address->family == SYS_FAMILY_IPV6) {
        return 128;
    }
    if (str_equal(style, STR("class")) ||
        (str_equal(style, STR("subnet")) && is_loopback(address))) {
        return class_bits(address->ip[0]);
    }
    return 32;
}

static void put_network(struct buf *out, const struct sys_address *address, int bits)
{
    struct sys_address network = *address;
    for (int i = bits / 8; i < 16; i++) {
        network.ip[i] = 0;
    }
    char text[SYS_ADDRESS_TEXT_MAX];
    const char *format = address->family == SYS_FAMILY_IPV6 ? "%s[%s]/%d" : "%s%s/%d";
    buf_putf(out, format, out->size > 0 ? " " : "", sys_address_text(&network, text), bits);
}

void derived_networks(struct buf *out, struct str style, struct str interfaces,
                      struct str protocols, const struct sys_address *addresses, int count)
{
    static const enum sys_family families[] = {SYS_FAMILY_IPV4, SYS_FAMILY_IPV6};
    for (int f = 0; f < 2; f++) {
        for (int i = 0; i < count; i++) {
            if (addresses[i].family == families[f] && family_is_on(families[f], protocols) &&
                interface_is_on(&addresses[i], interfaces)) {
                put_network(out, &addresses[i], prefix_bits(&addresses[i], style));
            }
        }
    }
}
