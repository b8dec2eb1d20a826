// SPDX-License-Identifier: ISC
/* How the other hosts behave, and until when. */
#include "explore/generator.h"

enum { RULES_MAX = 3 };

static const struct behaviour {
    enum feature feature;
    const char *rule;
    bool may_duplicate;
} behaviours[] = {
    {FEATURE_refusals, "connect => refuse", false},
    {FEATURE_black_holes, "connect => blackhole", false},
    {FEATURE_resets, "banner => reset", false},
    {FEATURE_resets, "ehlo => close", false},
    {FEATURE_resets, "mail => reset", false},
    {FEATURE_resets, "rcpt => close", false},
    {FEATURE_resets, "data => reset", false},
    {FEATURE_resets, "end-of-data => close", false},
    {FEATURE_silences, "banner => silence", false},
    {FEATURE_silences, "ehlo => silence", false},
    {FEATURE_silences, "rcpt => silence", false},
    {FEATURE_silences, "end-of-data => silence", false},
    {FEATURE_slowness, "banner => 220 \"p ESMTP\" after 8s", false},
    {FEATURE_slowness, "mail => 250 2.1.0 \"slowly\" a byte every 2s", false},
    {FEATURE_slowness, "rcpt => 250 2.1.5 \"at last\" after 40s", false},
    {FEATURE_slowness, "end-of-data => 250 2.0.0 \"late\" after 100s", true},
    {FEATURE_temporary_replies, "banner => 421 4.3.2 \"not now\"", false},
    {FEATURE_temporary_replies, "ehlo => 421 4.3.2 \"too busy\"", false},
    {FEATURE_temporary_replies, "mail => 451 4.3.0 \"try later\"", false},
    {FEATURE_temporary_replies, "rcpt => 450 4.2.1 \"mailbox busy\"", false},
    {FEATURE_temporary_replies, "rcpt <u1@*> => 452 4.2.2 \"mailbox full\"", false},
    {FEATURE_temporary_replies, "data => 451 4.3.0 \"try later\"", false},
    {FEATURE_temporary_replies, "end-of-data => 452 4.3.1 \"no room\"", false},
    {FEATURE_permanent_replies, "banner => 554 5.3.2 \"no mail here\"", false},
    {FEATURE_permanent_replies, "mail => 550 5.7.1 \"not from you\"", false},
    {FEATURE_permanent_replies, "rcpt => 550 5.1.1 \"no such user\"", false},
    {FEATURE_permanent_replies, "rcpt <u2@*> => 550 5.2.1 \"gone\"", false},
    {FEATURE_permanent_replies, "data => 554 5.6.0 \"no\"", false},
    {FEATURE_permanent_replies, "end-of-data => 554 5.7.1 \"spam\"", false},
    {FEATURE_lost_replies, "end-of-data => accept then reset", true},
    {FEATURE_lost_replies, "end-of-data => accept then close", true},
    {FEATURE_lost_replies, "end-of-data => accept then silence", true},
};
enum { BEHAVIOUR_COUNT = sizeof(behaviours) / sizeof(behaviours[0]) };

/* One that the world's features allow; NULL: none. */
static const struct behaviour *choose_behaviour(struct generator *g, int index)
{
    uint64_t allowed = 0;
    for (int i = 0; i < BEHAVIOUR_COUNT; i++) {
        allowed += generator_has(g, behaviours[i].feature) ? 1 : 0;
    }
    uint64_t choice = allowed == 0 ? 0 : generator_choose(g, "behaviour", index, allowed + 1);
    for (int i = 0; i < BEHAVIOUR_COUNT && choice > 0; i++) {
        choice -= generator_has(g, behaviours[i].feature) ? 1 : 0;
        if (choice == 0) {
            return &behaviours[i];
        }
    }
    return NULL;
}

/* From when and until when: within the time of faults, or for ever. */
static void put_window(struct generator *g, int index, bool is_for_ever)
{
    uint64_t end_s = (uint64_t)g->faults_end_s;
    uint64_t from_s = generator_choose(g, "rule-begins-late", index, 2) == 0
                          ? 0
                          : generator_choose(g, "rule-from", index, end_s);
    if (from_s > 0) {
        generator_put(g, " from %llus", (unsigned long long)from_s);
    }
    if (!is_for_ever) {
        uint64_t until_s = end_s - generator_choose(g, "rule-ends-early", index, end_s - from_s);
        generator_put(g, " until %llus", (unsigned long long)until_s);
    }
}

static void put_rules(struct generator *g, int peer)
{
    g->peers[peer].is_broken = generator_happens(g, FEATURE_broken_for_ever, "broken", peer, 3);
    for (int i = 0; i < RULES_MAX; i++) {
        int index = peer * RULES_MAX + i;
        const struct behaviour *behaviour = choose_behaviour(g, index);
        if (behaviour != NULL) {
            generator_put(g, "  %s", behaviour->rule);
            put_window(g, index, g->peers[peer].is_broken && i == 0);
            generator_put(g, "\n");
            g->peers[peer].may_duplicate |= behaviour->may_duplicate;
        }
    }
}

/* Ways that do no harm in the end. */
static void put_habits(struct generator *g, int peer)
{
    if (generator_happens(g, FEATURE_greylisting, "greylisting", peer, 2)) {
        generator_put(g, "  rcpt => 450 4.2.0 \"greylisted\" until first + 299s\n");
    }
    if (generator_happens(g, FEATURE_unknown_users, "unknown-users", peer, 2)) {
        generator_put(g, "  rcpt <u5@*> => 550 5.1.1 \"no such user\"\n");
    }
    if (generator_happens(g, FEATURE_few_extensions, "few-extensions", peer, 3)) {
        generator_put(g, "  ehlo => offer \"8BITMIME\"\n");
    } else if (generator_happens(g, FEATURE_few_extensions, "helo-only", peer, 3)) {
        generator_put(g, "  ehlo => 502 5.5.1 \"no\"\n");
    }
}

void generate_peers(struct generator *g)
{
    for (int i = 0; i < g->peer_count; i++) {
        generator_put(g, "\npeer p%d.hosts.test 192.0.2.%d", i, i + 10);
        if (g->peers[i].has_two_addresses) {
            generator_put(g, " 192.0.2.%d", i + 110);
        }
        generator_put(g, "\n");
        put_rules(g, i);
        put_habits(g, i);
    }
}
