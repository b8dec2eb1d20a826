// SPDX-License-Identifier: ISC
/* Mail: who writes to whom, and when. */
#include <stdio.h>

#include "explore/generator.h"

enum {
    MESSAGES_MAX = 6,
    RECIPIENTS_MAX = 8,
    USER_COUNT = 6,
    COPIES_MAX = 6,
    SIZE_MAX_BYTES = 100000,
    ADDRESS_MAX = 40,
};

enum protocol { BY_SMTP, BY_QMQP, BY_SENDMAIL };

struct message {
    bool has_sender;
    enum protocol protocol;
    char recipients[RECIPIENTS_MAX][ADDRESS_MAX];
    bool may_duplicate[RECIPIENTS_MAX];
    int recipient_count;
};

/* ---- messages ------------------------------------------------------------------------------ */

static bool may_duplicate_at(const struct generator *g, int domain)
{
    for (int k = 0; k < g->domains[domain].peer_count; k++) {
        if (g->peers[g->domains[domain].peers[k]].may_duplicate) {
            return true;
        }
    }
    return false;
}

static void choose_recipient(struct generator *g, int index, char address[ADDRESS_MAX],
                             bool *may_duplicate)
{
    *may_duplicate = false;
    if (generator_happens(g, FEATURE_unknown_mailboxes, "unknown-mailbox", index, 4)) {
        snprintf(address, ADDRESS_MAX, "nobody@our.test");
        return;
    }
    if (generator_happens(g, FEATURE_mailboxes, "mailbox", index, 3)) {
        static const char *const users[] = {"alice", "bob", "j\xc3\xbcrgen"};
        uint64_t count = generator_has(g, FEATURE_smtputf8) ? 3 : 2;
        snprintf(address, ADDRESS_MAX, "%s@our.test",
                 users[generator_choose(g, "mailbox-user", index, count)]);
        return;
    }
    if (generator_happens(g, FEATURE_local_aliases, "local-alias", index, 4)) {
        bool team = generator_choose(g, "local-alias-name", index, 2) != 0;
        snprintf(address, ADDRESS_MAX, "%s@our.test", team ? "team" : "all");
        *may_duplicate = may_duplicate_at(g, 0);
        return;
    }
    bool is_ascii = !generator_happens(g, FEATURE_smtputf8, "user-in-utf8", index, 3);
    int user = (int)generator_choose(g, "user", index, USER_COUNT);
    int domain = (int)generator_choose(g, "domain", index, (uint64_t)g->domain_count);
    snprintf(address, ADDRESS_MAX, "%s%d@d%d.test", is_ascii ? "u" : "\xc3\xbc", user, domain);
    *may_duplicate = may_duplicate_at(g, domain);
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

static void put_sender(struct generator *g, int number, struct message *message)
{
    bool is_ascii = !generator_happens(g, FEATURE_smtputf8, "sender-in-utf8", number, 3);
    message->has_sender = true;
    if (generator_happens(g, FEATURE_null_sender, "null-sender", number, 3)) {
        message->has_sender = false;
        generator_put(g, "<>");
    } else if (generator_happens(g, FEATURE_remote_sender, "remote-sender", number, 3)) {
        int domain = (int)generator_choose(g, "sender-domain", number, (uint64_t)g->domain_count);
        generator_put(g, "<%s0@d%d.test>", is_ascii ? "u" : "\xc3\xbc", domain);
    } else {
        generator_put(g, "<%s@our.test>", is_ascii ? "alice" : "j\xc3\xbcrgen");
    }
}

static void put_protocol(struct generator *g, int number, struct message *message)
{
    message->protocol = BY_SMTP;
    if (generator_happens(g, FEATURE_qmqp, "qmqp", number, 3)) {
        message->protocol = BY_QMQP;
        generator_put(g, " by qmqp");
    } else if (generator_happens(g, FEATURE_sendmail, "sendmail", number, 3)) {
        message->protocol = BY_SENDMAIL;
        generator_put(g, " by sendmail");
    }
}

static void put_amount(struct generator *g, int number)
{
    if (generator_happens(g, FEATURE_large, "large", number, 3)) {
        generator_put(g, " size %llu",
                      (unsigned long long)generator_choose(g, "size", number, SIZE_MAX_BYTES));
    }
    if (generator_happens(g, FEATURE_copies, "copies", number, 4)) {
        generator_put(
            g, " count %llu",
            1 + (unsigned long long)generator_choose(g, "copy-count", number, COPIES_MAX));
        if (generator_happens(g, FEATURE_together, "together", number, 2)) {
            generator_put(g, " together");
        }
    }
}

static void put_return(struct generator *g, int number)
{
    if (generator_happens(g, FEATURE_dsn_parameters, "ret", number, 2)) {
        generator_put(g, " ret %s",
                      generator_choose(g, "ret-what", number, 2) == 0 ? "hdrs" : "full");
    }
    if (generator_happens(g, FEATURE_dsn_parameters, "envid", number, 2)) {
        generator_put(g, " envid \"id+2B%d\"", number);
    }
}

static void put_conditions(struct generator *g, int number)
{
    static const char *const conditions[] = {"never", "failure", "success,failure", "delay",
                                             "success,failure,delay"};
    enum { CONDITION_COUNT = sizeof(conditions) / sizeof(conditions[0]) };
    if (generator_happens(g, FEATURE_notify, "notify", number, 2)) {
        generator_put(g, " notify %s",
                      conditions[generator_choose(g, "condition", number, CONDITION_COUNT)]);
    }
}

/* What the sender asks for. QMQP knows nothing of notices, and sendmail little. */
static void put_wishes(struct generator *g, int number, const struct message *message)
{
    if (message->protocol == BY_SMTP) {
        put_return(g, number);
    }
    if (message->protocol != BY_QMQP) {
        put_conditions(g, number);
    }
    if (message->protocol == BY_SMTP &&
        generator_happens(g, FEATURE_dsn_parameters, "orcpt", number, 2)) {
        generator_put(g, " orcpt \"rfc822;o%d@old.test\"", number);
    }
    if (message->protocol == BY_SMTP && message->has_sender &&
        generator_happens(g, FEATURE_verp, "verp", number, 2)) {
        generator_put(g, " verp \"+=\"");
    }
}

static void put_body(struct generator *g, int number)
{
    static const char *const bodies[] = {
        "\"\"",
        "\".\" \"..\" \"\"",
        "\"From here on\" \">From there\"",
        "\"gr\xc3\xbc\xc3\x9f dich\"",
        "\"--4dhRlh0dGmz17.1767225600/mx.our.test\"",
        "\"\tno header: indeed\" \"Subject: none\"",
    };
    enum { BODY_COUNT = sizeof(bodies) / sizeof(bodies[0]) };
    if (generator_happens(g, FEATURE_bodies, "body", number, 2)) {
        generator_put(g, " body %s", bodies[generator_choose(g, "text", number, BODY_COUNT)]);
    }
}

static void put_excuses(struct generator *g, int number, const struct message *message)
{
    for (int i = 0; i < message->recipient_count; i++) {
        if (message->may_duplicate[i]) {
            generator_put(g, "expect M%d to <%s> delivered count 0.. because lost-final-reply\n",
                          number, message->recipients[i]);
        }
    }
}

static void put_message(struct generator *g, int number)
{
    struct message message;
    choose_recipients(g, number, &message);
    uint64_t at_s = generator_choose(g, "submit-at", number, (uint64_t)g->faults_end_s);
    generator_put(g, "at %llus\n  submit M%d from ", (unsigned long long)at_s, number);
    put_sender(g, number, &message);
    generator_put(g, " to");
    for (int i = 0; i < message.recipient_count; i++) {
        generator_put(g, " <%s>", message.recipients[i]);
    }
    put_protocol(g, number, &message);
    put_amount(g, number);
    put_wishes(g, number, &message);
    put_body(g, number);
    generator_put(g, "\n");
    put_excuses(g, number, &message);
}

void generate_mail(struct generator *g)
{
    g->message_count = generator_has(g, FEATURE_many_messages)
                           ? 1 + (int)generator_choose(g, "message-count", 0, MESSAGES_MAX)
                           : 1;
    generator_put(g, "\n");
    for (int i = 0; i < g->message_count; i++) {
        put_message(g, i);
    }
}
