// SPDX-License-Identifier: ISC
/* sim/scenario/forms - every kind of line of a scenario file, once
 *
 * docs/SCENARIOS.md explains each; zone records and peer rules have languages of their own
 * (peer/zone.h, peer/peer_script.h).
 */
#ifndef SCENARIO_FORMS_H
#define SCENARIO_FORMS_H

#include "syntax/syntax.h"

/*   slot          kind         choices */
#define SCENARIO_SLOT_LIST(X)                                                        \
    X(TITLE, TEXT, NULL)                                                             \
    X(WORD, WORD, NULL)                                                              \
    X(WORLD, CHOICE, "sim live postfix")                                             \
    X(VALUE, VALUE, NULL)                                                            \
    X(TIME, TIME, NULL)                                                              \
    X(PERIOD, TIME, NULL)                                                            \
    X(TOLERANCE, TOLERANCE, NULL)                                                    \
    X(CONTRACT, CHOICE, "posix-min ext4 postfix")                                    \
    X(PROGRAM, WORD, NULL)                                                           \
    X(HOST, WORD, NULL)                                                              \
    X(IP, IP, NULL)                                                                  \
    X(ADDRESS, WORD, NULL)                                                           \
    X(MESSAGE, LABEL, NULL)                                                          \
    X(SENDER, PATH, NULL)                                                            \
    X(RECIPIENT, PATH, NULL)                                                         \
    X(PROTOCOL, CHOICE, "smtp qmqp")                                                 \
    X(SIZE, NUMBER, NULL)                                                            \
    X(NUMBER, NUMBER, NULL)                                                          \
    X(COUNT, COUNT, NULL)                                                            \
    X(REPLY, REPLY_CODE, NULL)                                                       \
    X(STATUS, STATUS_CODE, NULL)                                                     \
    X(TEXT, TEXT, NULL)                                                              \
    X(RESULT, CHOICE, "sent deferred bounced")                                       \
    X(PEER, WORD, NULL)                                                              \
    X(EXCUSE, CHOICE, "lost-final-reply power-cut kill")                             \
    X(QUEUE, CHOICE, "incoming active deferred hold corrupt bounce defer")           \
    X(SIDE, CHOICE, "mta peer")                                                      \
    X(FIELD, CHOICE,                                                                 \
      "action status final-recipient original-recipient remote-mta diagnostic-code " \
      "reporting-mta arrival-date returned")

/* A context is what a line may stand below. */
enum scenario_context {
    SCENARIO_TOP,
    SCENARIO_MTA,
    SCENARIO_SCRIPT, /* below `at` */
    SCENARIO_WHEN,   /* below `when accepted`: also every expectation of the top */
    SCENARIO_DSN,    /* below `expect dsn to` */
    SCENARIO_ZONE,   /* records */
    SCENARIO_PEER,   /* rules */
    SCENARIO_NOTHING,
};

/*   form              context  below it  line */
#define SCENARIO_FORM_LIST(X)                                                                     \
    X(SCENARIO, TOP, NOTHING, "scenario TITLE")                                                   \
    X(TAGS, TOP, NOTHING, "tags WORD...")                                                         \
    X(WORLDS, TOP, NOTHING, "worlds WORLD...")                                                    \
    X(FOR, TOP, NOTHING, "for WORD in VALUE...")                                                  \
    X(LATENCY, TOP, NOTHING, "latency TIME")                                                      \
    X(LIMIT, TOP, NOTHING, "limit TIME")                                                          \
    X(DISK, TOP, NOTHING, "disk CONTRACT")                                                        \
    X(SWEEP, TOP, NOTHING, "sweep power-cut at every call of PROGRAM...")                         \
    X(MTA, TOP, MTA, "mta HOST IP...")                                                            \
    X(ZONE, TOP, ZONE, "zone HOST")                                                               \
    X(PEER, TOP, PEER, "peer HOST IP...")                                                         \
    X(AT, TOP, SCRIPT, "at TIME")                                                                 \
    X(WHEN, TOP, WHEN, "when accepted MESSAGE")                                                   \
                                                                                                  \
    X(STARTED, MTA, NOTHING, "started TIME")                                                      \
    X(MAILBOX, MTA, NOTHING, "mailbox ADDRESS")                                                   \
    X(SET, MTA, NOTHING, "set WORD = [ VALUE... ]")                                               \
    X(FILE, MTA, NOTHING, "file WORD TEXT...")                                                    \
                                                                                                  \
    X(SUBMIT, SCRIPT, NOTHING,                                                                    \
      "submit MESSAGE from SENDER to RECIPIENT... [ by PROTOCOL ] [ size SIZE ] [ count COUNT ] " \
      "[ body TEXT... ]")                                                                         \
    X(FLUSH, SCRIPT, NOTHING, "flush")                                                            \
    X(RELOAD, SCRIPT, NOTHING, "reload")                                                          \
    X(STOP, SCRIPT, NOTHING, "stop")                                                              \
    X(START, SCRIPT, NOTHING, "start")                                                            \
    X(KILL, SCRIPT, NOTHING, "kill PROGRAM")                                                      \
    X(POWER_CUT, SCRIPT, NOTHING, "power-cut")                                                    \
                                                                                                  \
    X(EXPECT_ACCEPTED, WHEN, NOTHING, "expect MESSAGE accepted [ at TIME [ TOLERANCE ] ]")        \
    X(EXPECT_REFUSED, WHEN, NOTHING, "expect MESSAGE refused [ REPLY [ STATUS ] [ TEXT ] ]")      \
    X(EXPECT_ATTEMPTS_AT, WHEN, NOTHING,                                                          \
      "expect MESSAGE attempts at TIME... [ then every PERIOD ]")                                 \
    X(EXPECT_ATTEMPTS_COUNT, WHEN, NOTHING, "expect MESSAGE attempts count COUNT")                \
    X(EXPECT_ATTEMPT, WHEN, NOTHING,                                                              \
      "expect MESSAGE attempt NUMBER at TIME [ TOLERANCE ] [ to IP ] [ TEXT ]")                   \
    X(EXPECT_RESULT, WHEN, NOTHING,                                                               \
      "expect MESSAGE to RECIPIENT RESULT [ STATUS ] [ at TIME [ TOLERANCE ] ] [ via PEER ] "     \
      "[ TEXT ]")                                                                                 \
    X(EXPECT_RECIPIENT_REFUSED, WHEN, NOTHING,                                                    \
      "expect MESSAGE to RECIPIENT refused [ REPLY [ STATUS ] [ TEXT ] ]")                        \
    X(EXPECT_DELIVERED, WHEN, NOTHING,                                                            \
      "expect MESSAGE to RECIPIENT delivered count COUNT [ because EXCUSE ]")                     \
    X(EXPECT_DSN, WHEN, DSN, "expect dsn to RECIPIENT count COUNT [ because EXCUSE ]")            \
    X(EXPECT_DSN_COUNT, WHEN, NOTHING, "expect dsn count COUNT [ because EXCUSE ]")               \
    X(EXPECT_QUEUE_COUNT, WHEN, NOTHING, "expect queue QUEUE NUMBER at TIME")                     \
    X(EXPECT_QUEUE_EMPTY, WHEN, NOTHING, "expect queue empty at TIME")                            \
    X(EXPECT_QUEUE_END, WHEN, NOTHING, "expect queue empty at end")                               \
    X(EXPECT_LOG, WHEN, NOTHING, "expect log TEXT count COUNT")                                   \
    X(EXPECT_DIALOGUE_END, WHEN, NOTHING, "expect dialogue PEER connection NUMBER ends by SIDE")  \
    X(EXPECT_DIALOGUE_COUNT, WHEN, NOTHING, "expect dialogue PEER connections count COUNT")       \
    X(EXPECT_DIALOGUE_SEES, WHEN, NOTHING, "expect dialogue PEER sees TEXT count COUNT")          \
                                                                                                  \
    X(DSN_FIELD, DSN, NOTHING, "FIELD VALUE")

enum scenario_slot {
#define X(name, kind, choices) SCENARIO_SLOT_##name,
    SCENARIO_SLOT_LIST(X)
#undef X
        SCENARIO_SLOT_COUNT
};

enum scenario_form {
#define X(name, context, below, pattern) SCENARIO_FORM_##name,
    SCENARIO_FORM_LIST(X)
#undef X
        SCENARIO_FORM_RECORD, /* of a zone, in the language of peer/zone.h */
    SCENARIO_FORM_RULE,       /* of a peer, in the language of peer/peer_script.h */
};

extern const struct syntax_language scenario_language;

/* What may stand below a line of that form. */
enum scenario_context scenario_below(enum scenario_form form);

#endif
