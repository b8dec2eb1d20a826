// SPDX-License-Identifier: ISC
/* Mail, and what happens to the mail system meanwhile. */
#include <stdio.h>

#include "explore/generator.h"

enum {
    MESSAGES_MAX = 6,
    RECIPIENTS_MAX = 8,
    USER_COUNT = 6,
    COPIES_MAX = 6,
    SIZE_MAX_BYTES = 100000,
    EVENTS_MAX = 6,
    ADDRESS_MAX = 40,
    OUTAGE_MIN_S = 101, /* an orderly stop has taken place */
    OUTAGE_S = 80,
};

struct message {
    char recipients[RECIPIENTS_MAX][ADDRESS_MAX];
    bool may_duplicate[RECIPIENTS_MAX];
    int recipient_count;
};

/* ---- messages ------------------------------------------------------------------------------ */

static void choose_recipient(struct generator *g, int index, char address[ADDRESS_MAX],
                             bool *may_duplicate)
{
    *may_duplicate = false;
    if (generator_happens(g, FEATURE_mailboxes, "mailbox", index, 3)) {
        bool bob = generator_choose(g, "mailbox-user", index, 2) != 0;
        snprintf(address, ADDRESS_MAX, "%s@our.test", bob ? "bob" : "alice");
        return;
    }
    int user = (int)generator_choose(g, "user", index, USER_COUNT);
    int domain = (int)generator_choose(g, "domain", index, (uint64_t)g->domain_count);
    snprintf(address, ADDRESS_MAX, "u%d@d%d.test", user, domain);
    for (int k = 0; k < g->domains[domain].peer_count; k++) {
        *may_duplicate |= g->peers[g->domains[domain].peers[k]].may_duplicate;
    }
}

static bool has_recipient(const struct message *message, const char *address)
{
    for (int i = 0; i < message->recipient_count; i++) {
        if (str_equal(str_from(message->recipients[i]), str_from(address))) {
            return true;
        }
    }
    return false;
}

static void choose_recipients(struct generator *g, int number, struct message *message)
{
    int count = generator_has(g, FEATURE_many_recipients)
                    ? 1 + (int)generator_choose(g, "recipient-count", number, RECIPIENTS_MAX)
                    : 1;
    message->recipient_count = 0;
    for (int i = 0; i < count; i++) {
        int next = message->recipient_count;
        choose_recipient(g, number * RECIPIENTS_MAX + i, message->recipients[next],
                         &message->may_duplicate[next]);
        message->recipient_count += has_recipient(message, message->recipients[next]) ? 0 : 1;
    }
}

static void put_sender(struct generator *g, int number)
{
    if (generator_happens(g, FEATURE_null_sender, "null-sender", number, 3)) {
        generator_put(g, "<>");
    } else if (generator_happens(g, FEATURE_remote_sender, "remote-sender", number, 3)) {
        int domain = (int)generator_choose(g, "sender-domain", number, (uint64_t)g->domain_count);
        generator_put(g, "<u0@d%d.test>", domain);
    } else {
        generator_put(g, "<alice@our.test>");
    }
}

static void put_message(struct generator *g, int number)
{
    struct message message;
    choose_recipients(g, number, &message);
    uint64_t at_s = generator_choose(g, "submit-at", number, (uint64_t)g->faults_end_s);
    generator_put(g, "at %llus\n  submit M%d from ", (unsigned long long)at_s, number);
    put_sender(g, number);
    generator_put(g, " to");
    for (int i = 0; i < message.recipient_count; i++) {
        generator_put(g, " <%s>", message.recipients[i]);
    }
    if (generator_happens(g, FEATURE_qmqp, "qmqp", number, 3)) {
        generator_put(g, " by qmqp");
    }
    if (generator_happens(g, FEATURE_large, "large", number, 3)) {
        generator_put(g, " size %llu",
                      (unsigned long long)generator_choose(g, "size", number, SIZE_MAX_BYTES));
    }
    if (generator_happens(g, FEATURE_copies, "copies", number, 4)) {
        generator_put(
            g, " count %llu",
            1 + (unsigned long long)generator_choose(g, "copy-count", number, COPIES_MAX));
    }
    generator_put(g, "\n");
    for (int i = 0; i < message.recipient_count; i++) {
        if (message.may_duplicate[i]) {
            generator_put(g, "expect M%d to <%s> delivered count 0.. because lost-final-reply\n",
                          number, message.recipients[i]);
        }
    }
}

/* ---- events -------------------------------------------------------------------------------- */

static const char *const daemons[] = {
    "qmgr", "smtp", "cleanup", "smtpd", "bounce", "virtual", "trivial-rewrite", "error", "postlogd",
};
enum { DAEMON_COUNT = sizeof(daemons) / sizeof(daemons[0]) };

/* The time of faults is cut into slots, one for each event: an outage ends before the next. */
static void put_outage(struct generator *g, int index, unsigned long long at_s, const char *how)
{
    unsigned long long outage_s = OUTAGE_MIN_S + generator_choose(g, "outage", index, OUTAGE_S);
    generator_put(g, "at %llus\n  %s\nat %llus\n  start\n", at_s, how, at_s + outage_s);
}

static void put_crash(struct generator *g, int index, unsigned long long at_s)
{
    if (generator_happens(g, FEATURE_restarts, "restart", index, 4)) {
        put_outage(g, index, at_s, "stop");
    } else if (generator_happens(g, FEATURE_kills, "kill-master", index, 8)) {
        put_outage(g, index, at_s, "kill master");
    } else if (generator_happens(g, FEATURE_kills, "kill", index, 2)) {
        generator_put(g, "at %llus\n  kill %s\n", at_s,
                      daemons[generator_choose(g, "killed", index, DAEMON_COUNT)]);
    } else if (generator_happens(g, FEATURE_power_cuts, "power-cut", index, 3)) {
        generator_put(g, "at %llus\n  power-cut\n", at_s);
    }
}

static void put_event(struct generator *g, int index)
{
    unsigned long long slot_s = (unsigned long long)g->faults_end_s / EVENTS_MAX;
    unsigned long long at_s =
        (unsigned long long)index * slot_s +
        generator_choose(g, "event-at", index, slot_s - OUTAGE_MIN_S - OUTAGE_S);
    if (generator_happens(g, FEATURE_flushes, "flush", index, 2)) {
        generator_put(g, "at %llus\n  flush\n", at_s);
    }
    if (generator_happens(g, FEATURE_reloads, "reload", index, 3)) {
        generator_put(g, "at %llus\n  reload\n", at_s);
    }
    put_crash(g, index, at_s);
}

void generate_script(struct generator *g)
{
    int count = generator_has(g, FEATURE_many_messages)
                    ? 1 + (int)generator_choose(g, "message-count", 0, MESSAGES_MAX)
                    : 1;
    generator_put(g, "\n");
    for (int i = 0; i < count; i++) {
        put_message(g, i);
    }
    for (int i = 0; i < EVENTS_MAX; i++) {
        put_event(g, i);
    }
    generator_put(g, "\nexpect recovery\n");
}
