// SPDX-License-Identifier: ISC
#include "check/offers.h"

#include <stdio.h>

#include "base/assert.h"

enum { CONNECTIONS_MAX = 5 * 1000 * 1000, KEY_MAX = 300, CODE_BYTES = 4 };

/* Which extension a parameter belongs to. */
static const struct {
    struct str parameter;
    struct str keyword;
} rows[] = {
    {STR_INIT("SIZE"), STR_INIT("SIZE")},         {STR_INIT("BODY"), STR_INIT("8BITMIME")},
    {STR_INIT("SMTPUTF8"), STR_INIT("SMTPUTF8")}, {STR_INIT("RET"), STR_INIT("DSN")},
    {STR_INIT("ENVID"), STR_INIT("DSN")},         {STR_INIT("NOTIFY"), STR_INIT("DSN")},
    {STR_INIT("ORCPT"), STR_INIT("DSN")},
};
enum { ROW_COUNT = sizeof(rows) / sizeof(rows[0]) };

/* What a connection remembers: a bit for each row, and one while the reply to EHLO is due. */
#define IS_ASKED ((uintptr_t)1 << ROW_COUNT)

void offers_init(struct offers *offers, struct mem *mem, struct failures *failures)
{
    *offers = (struct offers){.failures = failures};
    map_init(&offers->connections, mem, CONNECTIONS_MAX);
}

void offers_done(struct offers *offers)
{
    map_done(&offers->connections);
}

static struct str key_of(char text[KEY_MAX], struct str peer, int64_t connection)
{
    snprintf(text, KEY_MAX, "%.*s %lld", STR_ARG(peer), (long long)connection);
    return str_from(text);
}

static uintptr_t get(const struct offers *offers, struct str key)
{
    return (uintptr_t)map_get(&offers->connections, key);
}

static void set(struct offers *offers, struct str key, uintptr_t bits)
{
    int error = map_put(&offers->connections, key, (void *)bits);
    assert(error == 0);
}

/* ---- offers ---------------------------------------------------------------------------------- */

/* What a line of the reply to EHLO offers: "250-SIZE 1000". */
static uintptr_t bits_of(struct str line)
{
    uintptr_t bits = 0;
    struct str keyword;
    if (!str_starts_with(line, STR("250")) || line.size <= CODE_BYTES) {
        return 0;
    }
    line = str_skip(line, CODE_BYTES);
    if (!str_next_token(&line, " \r", &keyword)) {
        return 0;
    }
    for (int i = 0; i < ROW_COUNT; i++) {
        bits |= str_equal_fold(keyword, rows[i].keyword) ? (uintptr_t)1 << i : 0;
    }
    return bits;
}

void offers_reply(struct offers *offers, struct str peer, int64_t connection, struct str reply)
{
    char text[KEY_MAX];
    struct str key = key_of(text, peer, connection);
    if ((get(offers, key) & IS_ASKED) == 0) {
        return;
    }
    uintptr_t bits = 0;
    struct str line;
    while (str_next(&reply, '\n', &line)) {
        bits |= bits_of(line);
    }
    set(offers, key, bits);
}

/* ---- what is asked for ----------------------------------------------------------------------- */

static void check_parameter(const struct offers *offers, struct str peer, struct str parameter,
                            uintptr_t bits)
{
    struct str rest = parameter;
    struct str name;
    (void)str_next(&rest, '=', &name);
    for (int i = 0; i < ROW_COUNT; i++) {
        if (str_equal_fold(name, rows[i].parameter) && (bits & (uintptr_t)1 << i) == 0) {
            failure_add(offers->failures,
                        "only what is offered: %.*s was asked for %.*s, but did not offer %.*s",
                        STR_ARG(peer), STR_ARG(parameter), STR_ARG(rows[i].keyword));
        }
    }
}

static void check_parameters(const struct offers *offers, struct str peer, struct str command,
                             uintptr_t bits)
{
    struct str rest = str_skip(command, (size_t)(str_find_last(command, '>') + 1));
    struct str parameter;
    while (str_next_token(&rest, " ", &parameter)) {
        check_parameter(offers, peer, parameter, bits);
    }
}

void offers_command(struct offers *offers, struct str peer, int64_t connection, struct str command)
{
    char text[KEY_MAX];
    struct str key = key_of(text, peer, connection);
    if (str_starts_with_fold(command, STR("EHLO"))) {
        set(offers, key, IS_ASKED);
    } else if (str_starts_with_fold(command, STR("HELO"))) {
        set(offers, key, 0);
    } else if (str_starts_with_fold(command, STR("MAIL FROM:")) ||
               str_starts_with_fold(command, STR("RCPT TO:"))) {
        check_parameters(offers, peer, command, get(offers, key));
    }
}
