// SPDX-License-Identifier: ISC
/* Which hosts there are, and which of them take mail for which domain. */
#include "explore/generator.h"

enum { FAILURE_COUNT = 6 };

static const char *const failures[FAILURE_COUNT] = {"servfail", "timeout",  "refused",
                                                    "truncate", "nxdomain", "nodata"};

/* One, or several. */
static int choose_count(struct generator *g, enum feature feature, const char *site, int index,
                        int most)
{
    return generator_has(g, feature) ? 2 + (int)generator_choose(g, site, index, (uint64_t)most - 1)
                                     : 1;
}

static void choose_hosts(struct generator *g)
{
    g->peer_count = choose_count(g, FEATURE_many_peers, "peer-count", 0, GENERATOR_PEERS_MAX);
    for (int i = 0; i < g->peer_count; i++) {
        g->peers[i].has_two_addresses =
            generator_happens(g, FEATURE_two_addresses, "two-addresses", i, 3);
    }
    g->domain_count =
        choose_count(g, FEATURE_many_domains, "domain-count", 0, GENERATOR_DOMAINS_MAX);
    for (int i = 0; i < g->domain_count; i++) {
        struct generator_domain *domain = &g->domains[i];
        domain->peer_count = choose_count(g, FEATURE_many_mx, "mx-count", i, GENERATOR_MX_MAX);
        for (int k = 0; k < domain->peer_count; k++) {
            domain->peers[k] =
                (int)generator_choose(g, "mx", i * GENERATOR_MX_MAX + k, (uint64_t)g->peer_count);
        }
    }
}

/* A failure that ends with the faults, or never. */
static void put_failure(struct generator *g, const char *name, int index)
{
    if (!generator_happens(g, FEATURE_dns_failures, "dns-failure", index, 4)) {
        return;
    }
    const char *failure = failures[generator_choose(g, "dns-failure-kind", index, FAILURE_COUNT)];
    generator_put(g, "  %s any %s", name, failure);
    if (!generator_happens(g, FEATURE_broken_for_ever, "dns-failure-end", index, 4)) {
        int64_t until_s =
            1 + (int64_t)generator_choose(g, "dns-failure-until", index, (uint64_t)g->faults_end_s);
        generator_put(g, " until %llds", (long long)until_s);
    }
    generator_put(g, "\n");
}

static void put_hosts(struct generator *g)
{
    generator_put(g, "\nzone hosts.test\n");
    for (int i = 0; i < g->peer_count; i++) {
        char name[] = {'p', (char)('0' + i), '\0'};
        put_failure(g, name, i);
        generator_put(g, "  %s A 192.0.2.%d\n", name, i + 10);
        if (g->peers[i].has_two_addresses) {
            generator_put(g, "  %s A 192.0.2.%d\n", name, i + 110);
        }
    }
}

static void put_domain(struct generator *g, int index)
{
    const struct generator_domain *domain = &g->domains[index];
    generator_put(g, "zone d%d.test\n", index);
    put_failure(g, "@", GENERATOR_PEERS_MAX + index);
    if (generator_happens(g, FEATURE_aliases, "alias", index, 3)) {
        generator_put(g, "  @ CNAME p%d.hosts.test.\n", domain->peers[0]);
        return;
    }
    if (generator_happens(g, FEATURE_address_only, "address-only", index, 3)) {
        generator_put(g, "  @ A 192.0.2.%d\n", domain->peers[0] + 10);
        return;
    }
    for (int k = 0; k < domain->peer_count; k++) {
        int preference =
            10 * (int)(1 + generator_choose(g, "preference", index * GENERATOR_MX_MAX + k, 3));
        generator_put(g, "  @ MX %d p%d.hosts.test.\n", preference, domain->peers[k]);
    }
}

void generate_zones(struct generator *g)
{
    choose_hosts(g);
    put_hosts(g);
    for (int i = 0; i < g->domain_count; i++) {
        put_domain(g, i);
    }
}
