// SPDX-License-Identifier: ISC
/* How the other hosts behave, and until when. */
#include "explore/generator.h"

enum { RULES_MAX = 3 };

static const struct generator_line behaviours[] = {
    {FEATURE_refusals, "connect => refuse"},
    {FEATURE_black_holes, "connect => blackhole"},
    {FEATURE_resets, "banner => reset"},
    {FEATURE_resets, "ehlo => close"},
    {FEATURE_resets, "mail => reset"},
    {FEATURE_resets, "rcpt => close"},
    {FEATURE_resets, "data => reset"},
    {FEATURE_resets, "end-of-data => close"},
    {FEATURE_silences, "banner => silence"},
    {FEATURE_silences, "ehlo => silence"},
    {FEATURE_silences, "rcpt => silence"},
    {FEATURE_silences, "end-of-data => silence"},
    {FEATURE_slowness, "banner => 220 \"p ESMTP\" after 8s"},
    {FEATURE_slowness, "mail => 250 2.1.0 \"slowly\" a byte every 2s"},
    {FEATURE_slowness, "rcpt => 250 2.1.5 \"at last\" after 40s"},
    {FEATURE_late_replies, "end-of-data => 250 2.0.0 \"late\" after 100s"},
    {FEATURE_temporary_replies, "banner => 421 4.3.2 \"not now\""},
    {FEATURE_temporary_replies, "ehlo => 421 4.3.2 \"too busy\""},
    {FEATURE_temporary_replies, "mail => 451 4.3.0 \"try later\""},
    {FEATURE_temporary_replies, "rcpt => 450 4.2.1 \"mailbox busy\""},
    {FEATURE_temporary_replies, "rcpt <u1@*> => 452 4.2.2 \"mailbox full\""},
    {FEATURE_temporary_replies, "data => 451 4.3.0 \"try later\""},
    {FEATURE_temporary_replies, "end-of-data => 452 4.3.1 \"no room\""},
    {FEATURE_permanent_replies, "banner => 554 5.3.2 \"no mail here\""},
    {FEATURE_permanent_replies, "mail => 550 5.7.1 \"not from you\""},
    {FEATURE_permanent_replies, "rcpt => 550 5.1.1 \"no such user\""},
    {FEATURE_permanent_replies, "rcpt <u2@*> => 550 5.2.1 \"gone\""},
    {FEATURE_permanent_replies, "data => 554 5.6.0 \"no\""},
    {FEATURE_permanent_replies, "end-of-data => 554 5.7.1 \"spam\""},
    {FEATURE_lost_replies, "end-of-data => accept then reset"},
    {FEATURE_lost_replies, "end-of-data => accept then close"},
    {FEATURE_lost_replies, "end-of-data => accept then silence"},
    {FEATURE_garbage, "banner => raw \"what is it?\\r\\n\""},
    {FEATURE_garbage, "ehlo => raw \"25\\r\\n\""},
    {FEATURE_garbage, "mail => raw \"250-and so on\\r\\n\""},
    {FEATURE_garbage, "rcpt => raw \"\\r\\n\""},
    {FEATURE_garbage, "end-of-data => raw \"999 done\\r\\n\""},
};
enum { BEHAVIOUR_COUNT = sizeof(behaviours) / sizeof(behaviours[0]) };

/* The host has the mail, and the mail system may not know it. */
static bool may_duplicate(const struct generator_line *behaviour)
{
    return behaviour->feature == FEATURE_lost_replies || behaviour->feature == FEATURE_late_replies;
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
        const struct generator_line *behaviour =
            generator_pick(g, "behaviour", index, behaviours, BEHAVIOUR_COUNT);
        if (behaviour != NULL && generator_choose(g, "behaves", index, 4) > 0) {
            generator_put(g, "  %s", behaviour->text);
            put_window(g, index, g->peers[peer].is_broken && i == 0);
            generator_put(g, "\n");
            g->peers[peer].may_duplicate |= may_duplicate(behaviour);
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
    if (generator_happens(g, FEATURE_few_sessions, "few-sessions", peer, 2)) {
        generator_put(g, "  banner => 421 4.7.0 \"too many of you\" until %llds open 2..\n",
                      (long long)g->faults_end_s);
    }
}

static void put_offer(struct generator *g, int peer)
{
    if (generator_happens(g, FEATURE_few_extensions, "few-extensions", peer, 3)) {
        generator_put(g, "  ehlo => offer \"8BITMIME\"\n");
    } else if (generator_happens(g, FEATURE_few_extensions, "helo-only", peer, 3)) {
        generator_put(g, "  ehlo => 502 5.5.1 \"no\"\n");
    } else if (generator_has(g, FEATURE_offered_dsn) || generator_has(g, FEATURE_smtputf8)) {
        bool has_dsn = generator_happens(g, FEATURE_offered_dsn, "offered-dsn", peer, 2);
        bool has_smtputf8 = generator_happens(g, FEATURE_smtputf8, "offered-smtputf8", peer, 2);
        generator_put(g,
                      "  ehlo => offer \"PIPELINING\" \"SIZE\" \"ENHANCEDSTATUSCODES\" "
                      "\"8BITMIME\"%s%s\n",
                      has_dsn ? " \"DSN\"" : "", has_smtputf8 ? " \"SMTPUTF8\"" : "");
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
        put_offer(g, i);
    }
}
