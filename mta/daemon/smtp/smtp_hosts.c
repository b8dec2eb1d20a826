// SPDX-License-Identifier: ISC
#include "smtp/smtp_hosts.h"

#include "base/assert.h"
#include "smtp/smtp_failure.h"
#include "sys/clock.h"
#include "sys/random.h"

enum { SMTP_PORT = 25 };

/* All questions of one destination together. */
#define SMTP_LOOKUP_NS (120 * SYS_SECOND_NS)

struct finder {
    struct smtp_delivery *delivery;
    const struct smtp_nexthop *nexthop;
    struct smtp_hosts *hosts;
    struct dns_wanted wanted;
    int64_t deadline_ns;
    const struct smtp_failure **failure;
};

static int PRINTF_LIKE(3, 4)
    fail(struct finder *finder, const char *status, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    *finder->failure = smtp_failure_vmake(finder->delivery, STR("none"), status, format, arguments);
    va_end(arguments);
    return -ERR_NOT_FOUND;
}

static int fail_lookup(struct finder *finder, enum dns_status status, const char *type)
{
    return fail(finder, status == DNS_TRY_AGAIN ? "4.4.3" : "5.4.4",
                "Host or domain name not found. Name service error for name=%.*s type=%s: %s",
                STR_ARG(finder->nexthop->host), type, dns_status_text(status));
}

/* ---- addresses --------------------------------------------------------------------------------- */

static struct dns_wanted wanted_addresses(const struct conf *conf)
{
    struct str protocols = conf_text(conf, CONF_inet_protocols);
    bool all = conf_list_has(protocols, STR("all"));
    return (struct dns_wanted){
        .ipv4 = all || conf_list_has(protocols, STR("ipv4")),
        .ipv6 = all || conf_list_has(protocols, STR("ipv6")),
        .hosts_file = conf_list_has(conf_text(conf, CONF_smtp_host_lookup), STR("native")),
    };
}

/* Within a preference, the family that smtp_address_preference names comes first. */
static unsigned family_rank(const struct conf *conf, enum sys_family family)
{
    struct str preferred = conf_text(conf, CONF_smtp_address_preference);
    if (str_equal(preferred, STR("ipv4"))) {
        return family == SYS_FAMILY_IPV4 ? 0 : 1;
    }
    return str_equal(preferred, STR("ipv6")) && family == SYS_FAMILY_IPV4 ? 1 : 0;
}

static void add_host(struct finder *finder, struct str name, const struct sys_address *address,
                     unsigned preference)
{
    struct smtp_hosts *hosts = finder->hosts;
    if (hosts->count == SMTP_HOSTS_MAX) {
        return;
    }
    struct smtp_host *host = &hosts->list[hosts->count++];
    *host = (struct smtp_host){
        .name = name,
        .address = *address,
        .preference = preference,
        .rank = family_rank(finder->delivery->state->conf, address->family),
    };
    host->address.port = finder->nexthop->port;
}

static enum dns_status add_addresses(struct finder *finder, struct str name, unsigned preference)
{
    struct dns_answer answer;
    enum dns_status status =
        dns_lookup_addresses(finder->delivery->state->dns, finder->delivery->request->arena, name,
                             &finder->wanted, &answer, finder->deadline_ns);
    for (int i = 0; i < answer.count; i++) {
        add_host(finder, name, &answer.hosts[i].address, preference);
    }
    return status;
}

/* ---- order ------------------------------------------------------------------------------------- */

static void shuffle(struct sys *sys, struct smtp_hosts *hosts)
{
    for (int i = hosts->count - 1; i > 0; i--) {
        int j = (int)sys_random_below(sys, (uint64_t)i + 1);
        struct smtp_host host = hosts->list[i];
        hosts->list[i] = hosts->list[j];
        hosts->list[j] = host;
    }
}

static bool comes_before(const struct smtp_host *a, const struct smtp_host *b)
{
    return a->preference != b->preference ? a->preference < b->preference : a->rank < b->rank;
}

/* Insertion keeps the shuffled order among equals. */
static void sort(struct smtp_hosts *hosts)
{
    for (int i = 1; i < hosts->count; i++) {
        struct smtp_host host = hosts->list[i];
        int j = i;
        for (; j > 0 && comes_before(&host, &hosts->list[j - 1]); j--) {
            hosts->list[j] = hosts->list[j - 1];
        }
        hosts->list[j] = host;
    }
}

static void put_in_order(struct finder *finder)
{
    struct smtp_state *state = finder->delivery->state;
    if (conf_bool(state->conf, CONF_smtp_randomize_addresses)) {
        shuffle(state->sys, finder->hosts);
    }
    sort(finder->hosts);
}

/* ---- mail exchangers --------------------------------------------------------------------------- */

/* The index of the first host that is this machine; count when there is none. */
static int find_ourselves(struct finder *finder)
{
    const struct smtp_hosts *hosts = finder->hosts;
    for (int i = 0; i < hosts->count && finder->nexthop->port == SMTP_PORT; i++) {
        struct sys_address address = hosts->list[i].address;
        address.port = 0;
        if (match_list_has_address(finder->delivery->state->own_addresses, &address) == 1) {
            return i;
        }
    }
    return hosts->count;
}

static int cut_at_ourselves(struct finder *finder, unsigned best_preference)
{
    struct smtp_hosts *hosts = finder->hosts;
    int ours = find_ourselves(finder);
    if (ours == hosts->count) {
        return 0;
    }
    hosts->includes_us = true;
    unsigned preference = hosts->list[ours].preference;
    while (hosts->count > 0 && hosts->list[hosts->count - 1].preference >= preference) {
        hosts->count--;
    }
    if (hosts->count > 0) {
        return 0;
    }
    return preference == best_preference
               ? fail(finder, "5.4.6", "mail for %.*s loops back to myself",
                      STR_ARG(finder->nexthop->host))
               : fail(finder, "4.4.4", "unable to find primary relay for %.*s",
                      STR_ARG(finder->nexthop->host));
}

static int find_addresses(struct finder *finder)
{
    enum dns_status status = add_addresses(finder, finder->nexthop->host, 0);
    if (finder->hosts->count == 0) {
        const char *type = finder->wanted.ipv6 && !finder->wanted.ipv4 ? "AAAA" : "A";
        return fail_lookup(finder, status, type);
    }
    put_in_order(finder);
    return finder->nexthop->looks_up_mx ? cut_at_ourselves(finder, 0) : 0;
}

/* The exchangers have no address, as far as could be found out. */
static int fail_without_address(struct finder *finder, bool try_again)
{
    bool defers = try_again ||
                  conf_bool(finder->delivery->state->conf, CONF_smtp_defer_if_no_mx_address_found);
    return fail(finder,
                try_again ? "4.4.3"
                : defers  ? "4.4.4"
                          : "5.4.4",
                "Host or domain name not found. Name service error for name=%.*s type=MX: %s",
                STR_ARG(finder->nexthop->host),
                try_again ? "no address of a mail exchanger could be looked up"
                          : "no mail exchanger has an address");
}

static int use_exchangers(struct finder *finder, const struct dns_answer *exchangers)
{
    bool try_again = false;
    for (int i = 0; i < exchangers->count; i++) {
        const struct dns_host *exchanger = &exchangers->hosts[i];
        enum dns_status status = add_addresses(finder, exchanger->name, exchanger->preference);
        try_again = try_again || status == DNS_TRY_AGAIN;
    }
    if (finder->hosts->count == 0) {
        return fail_without_address(finder, try_again);
    }
    put_in_order(finder);
    return cut_at_ourselves(finder, exchangers->hosts[0].preference);
}

static int find_exchangers(struct finder *finder)
{
    struct smtp_state *state = finder->delivery->state;
    struct dns_answer exchangers;
    enum dns_status status = dns_lookup_mx(state->dns, finder->delivery->request->arena,
                                           finder->nexthop->host, &exchangers, finder->deadline_ns);
    switch (status) {
    case DNS_FOUND:
        return use_exchangers(finder, &exchangers);
    case DNS_NO_NAME:
    case DNS_NO_DATA:
        return find_addresses(finder);
    case DNS_NULL_MX:
        return fail(finder, "5.1.0", "Domain %.*s does not accept mail (nullMX)",
                    STR_ARG(finder->nexthop->host));
    case DNS_INVALID:
    case DNS_TRY_AGAIN:
        return conf_bool(state->conf, CONF_ignore_mx_lookup_error)
                   ? find_addresses(finder)
                   : fail_lookup(finder, status, "MX");
    }
    unreachable();
}

static void mark_best(struct smtp_hosts *hosts)
{
    for (int i = 0; i < hosts->count; i++) {
        hosts->list[i].is_best = hosts->list[i].preference == hosts->list[0].preference;
    }
}

int smtp_hosts_find(struct smtp_delivery *delivery, const struct smtp_nexthop *nexthop,
                    struct smtp_hosts *hosts, const struct smtp_failure **failure)
{
    struct finder finder = {
        .delivery = delivery,
        .nexthop = nexthop,
        .hosts = hosts,
        .wanted = wanted_addresses(delivery->state->conf),
        .deadline_ns = sys_deadline(delivery->state->sys, SMTP_LOOKUP_NS),
        .failure = failure,
    };
    *hosts = (struct smtp_hosts){
        .list = arena_alloc(delivery->request->arena, SMTP_HOSTS_MAX * sizeof(*hosts->list)),
    };
    if (hosts->list == NULL) {
        return fail(&finder, "4.3.0", "no memory left for the hosts of %.*s",
                    STR_ARG(nexthop->text));
    }
    int error = nexthop->looks_up_mx ? find_exchangers(&finder) : find_addresses(&finder);
    mark_best(hosts);
    return error;
}
