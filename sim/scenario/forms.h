// SPDX-License-Identifier: ISC
/* sim/scenario/forms - every kind of line of a scenario file, once
 *
 * docs/SCENARIOS.md explains each; zone records and peer rules have languages of their own
 * (peer/zone.h, peer/peer_script.h).
 */
#ifndef SCENARIO_FORMS_H
#define SCENARIO_FORMS_H

#include "syntax/syntax.h"

#define SCENARIO_QUEUES "maildrop incoming active deferred hold corrupt bounce defer trace"

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
    X(WAY, CHOICE, "power-cut kill fail hang")                                       \
    X(PROGRAM, WORD, NULL)                                                           \
    X(HOST, WORD, NULL)                                                              \
    X(IP, IP, NULL)                                                                  \
    X(ADDRESS, WORD, NULL)                                                           \
    X(MEMBER, WORD, NULL)                                                            \
    X(MESSAGE, LABEL, NULL)                                                          \
    X(SENDER, PATH, NULL)                                                            \
    X(RECIPIENT, PATH, NULL)                                                         \
    X(RECIPIENTS, PATHS, NULL)                                                       \
    X(PROTOCOL, CHOICE, "smtp qmqp sendmail")                                        \
    X(SIZE, NUMBER, NULL)                                                            \
    X(NUMBER, NUMBER, NULL)                                                          \
    X(COUNT, COUNT, NULL)                                                            \
    X(MANNER, CHOICE, "together")                                                    \
    X(REPLY, REPLY_CODE, NULL)                                                       \
    X(STATUS, STATUS_CODE, NULL)                                                     \
    X(TEXT, TEXT, NULL)                                                              \
    X(RESULT, CHOICE, "sent deferred bounced")                                       \
    X(PEER, WORD, NULL)                                                              \
    X(EXCUSE, CHOICE, "lost-final-reply power-cut kill hang fault")                  \
    X(CALL, CHOICE, fault_call_names)                                                \
    X(FAILURE, CHOICE, fault_result_words)                                           \
    X(QUEUE, CHOICE, SCENARIO_QUEUES)                                                \
    X(OTHER, CHOICE, SCENARIO_QUEUES)                                                \
    X(MODE, MODE, NULL)                                                              \
    X(UID, NUMBER, NULL)                                                             \
    X(NEW, TEXT, NULL)                                                               \
    X(STATE, TEXT, NULL)                                                             \
    X(SIDE, CHOICE, "mta peer")                                                      \
    X(RET, VALUE, NULL)                                                              \
    X(ENVID, VALUE, NULL)                                                            \
    X(NOTIFY, VALUE, NULL)                                                           \
    X(ORCPT, VALUE, NULL)                                                            \
    X(DELIMITERS, TEXT, NULL)                                                        \
    X(USER, WORD, NULL)                                                              \
    X(SITE, WORD, NULL)                                                              \
    X(MACHINE, WORD, NULL)                                                           \
    X(INDEX, NUMBER, NULL)                                                           \
    X(FIELD, CHOICE,                                                                 \
      "action status final-recipient original-recipient remote-mta diagnostic-code " \
      "reporting-mta arrival-date original-envelope-id will-retry-until returned")

/* Where a line may stand: a set of these. */
enum scenario_context {
    SCENARIO_NOWHERE = 0,
    SCENARIO_TOP = 1,
    SCENARIO_MTA = 2,
    SCENARIO_ZONE = 4,    /* records */
    SCENARIO_PEER = 8,    /* rules */
    SCENARIO_SCRIPT = 16, /* below `at` */
    SCENARIO_WHEN = 32,   /* below `when accepted` */
    SCENARIO_DSN = 64,    /* below `expect dsn to` */
    SCENARIO_SUBMIT = 128,
};
#define SCENARIO_EXPECT (SCENARIO_TOP | SCENARIO_WHEN)

/*   form              where    below it  line */
#define SCENARIO_FORM_LIST(X)                                                                      \
    X(SCENARIO, TOP, NOWHERE, "scenario TITLE")                                                    \
    X(TAGS, TOP, NOWHERE, "tags WORD...")                                                          \
    X(WORLDS, TOP, NOWHERE, "worlds WORLD...")                                                     \
    X(FOR, TOP, NOWHERE, "for WORD in VALUE...")                                                   \
    X(LATENCY, TOP, NOWHERE, "latency TIME")                                                       \
    X(LIMIT, TOP, NOWHERE, "limit TIME")                                                           \
    X(DISK, TOP, NOWHERE, "disk CONTRACT")                                                         \
    X(SYNC, TOP, NOWHERE, "sync TIME")                                                             \
    X(DRAW, TOP, NOWHERE, "draw SITE MACHINE INDEX VALUE")                                         \
    X(SWEEP, TOP, NOWHERE, "sweep WAY at every call of PROGRAM...")                                \
    X(MTA, TOP, MTA, "mta HOST IP...")                                                             \
    X(ZONE, TOP, ZONE, "zone HOST")                                                                \
    X(PEER, TOP, PEER, "peer HOST IP...")                                                          \
    X(AT, TOP, SCRIPT, "at TIME")                                                                  \
    X(WHEN, TOP, WHEN, "when accepted MESSAGE")                                                    \
                                                                                                   \
    X(STARTED, MTA, NOWHERE, "started TIME")                                                       \
    X(MAILBOX, MTA, NOWHERE, "mailbox ADDRESS")                                                    \
    X(ALIAS, MTA, NOWHERE, "alias ADDRESS to MEMBER...")                                           \
    X(SET, MTA, NOWHERE, "set WORD = [ VALUE... ]")                                                \
    X(FILE, MTA, NOWHERE, "file WORD TEXT...")                                                     \
                                                                                                   \
    X(SUBMIT, SCRIPT, SUBMIT,                                                                      \
      "submit MESSAGE from SENDER to RECIPIENTS... [ by PROTOCOL ] [ size SIZE ] "                 \
      "[ count COUNT [ MANNER ] ] [ ret RET ] [ envid ENVID ] [ notify NOTIFY ] [ orcpt ORCPT ] "  \
      "[ verp DELIMITERS ] [ body TEXT... ]")                                                      \
    X(SUBMIT_TO, SUBMIT, NOWHERE, "to RECIPIENTS... [ notify NOTIFY ] [ orcpt ORCPT ]")            \
    X(FLUSH, SCRIPT, NOWHERE, "flush")                                                             \
    X(RELOAD, SCRIPT, NOWHERE, "reload")                                                           \
    X(STOP, SCRIPT, NOWHERE, "stop")                                                               \
    X(START, SCRIPT, NOWHERE, "start")                                                             \
    X(FAIL, SCRIPT, NOWHERE,                                                                       \
      "fail CALL [ NUMBER ] of PROGRAM [ on TEXT ] with FAILURE [ count COUNT ]")                  \
    X(KILL, SCRIPT, NOWHERE, "kill PROGRAM [ at CALL [ NUMBER ] [ on TEXT ] ]")                    \
    X(HANG, SCRIPT, NOWHERE, "hang PROGRAM [ at CALL [ NUMBER ] [ on TEXT ] ] [ for PERIOD ]")     \
    X(DISK_FULL, SCRIPT, NOWHERE, "disk full")                                                     \
    X(DISK_FREE, SCRIPT, NOWHERE, "disk free SIZE")                                                \
    X(DISK_QUOTA, SCRIPT, NOWHERE, "disk quota SIZE")                                              \
    X(DISK_READ_ONLY, SCRIPT, NOWHERE, "disk read-only")                                           \
    X(DISK_SLOW, SCRIPT, NOWHERE, "disk slow PERIOD")                                              \
    X(DESCRIPTORS, SCRIPT, NOWHERE, "descriptors NUMBER [ of PROGRAM ]")                           \
    X(MEMORY, SCRIPT, NOWHERE, "memory SIZE [ of PROGRAM ]")                                       \
    X(CLOCK_STEP, SCRIPT, NOWHERE, "clock TIME")                                                   \
    X(CLOCK_GAIN, SCRIPT, NOWHERE, "clock gains TIME every PERIOD")                                \
    X(TIMER_GAIN, SCRIPT, NOWHERE, "timer gains TIME every PERIOD")                                \
    X(TIME_ZONE, SCRIPT, NOWHERE, "time-zone TIME")                                                \
    X(REPAIR, SCRIPT, NOWHERE, "repair")                                                           \
    X(COMMAND, SCRIPT, NOWHERE, "[ as USER ] command VALUE...")                                    \
    X(PLANT, SCRIPT, NOWHERE, "plant WORD in QUEUE TEXT...")                                       \
    X(PLANT_UNFINISHED, SCRIPT, NOWHERE, "plant unfinished WORD in QUEUE TEXT...")                 \
    X(PLANT_DIRECTORY, SCRIPT, NOWHERE, "plant directory WORD in QUEUE")                           \
    X(TRUNCATE, SCRIPT, NOWHERE, "truncate WORD [ in QUEUE ] to SIZE")                             \
    X(ZERO, SCRIPT, NOWHERE, "zero WORD [ in QUEUE ] from SIZE")                                   \
    X(OVERWRITE, SCRIPT, NOWHERE, "overwrite WORD [ in QUEUE ] TEXT with NEW")                     \
    X(LINK, SCRIPT, NOWHERE, "link WORD [ in QUEUE ] to OTHER")                                    \
    X(MOVE, SCRIPT, NOWHERE, "move WORD [ in QUEUE ] to OTHER")                                    \
    X(DATE, SCRIPT, NOWHERE, "date WORD [ in QUEUE ] ahead TIME")                                  \
    X(MODE, SCRIPT, NOWHERE, "mode WORD [ in QUEUE ] MODE")                                        \
    X(OWNER, SCRIPT, NOWHERE, "owner WORD [ in QUEUE ] UID")                                       \
    X(FEED, SCRIPT, NOWHERE, "[ as USER ] feed TEXT... to VALUE...")                               \
    X(TALK, SCRIPT, NOWHERE, "talk TEXT...")                                                       \
    X(POWER_CUT, SCRIPT, NOWHERE,                                                                  \
      "power-cut [ at CALL [ NUMBER ] of PROGRAM [ on TEXT ] ] [ leaving STATE ]")                 \
                                                                                                   \
    X(EXPECT_ACCEPTED, EXPECT, NOWHERE, "expect MESSAGE accepted [ at TIME [ TOLERANCE ] ]")       \
    X(EXPECT_REFUSED, EXPECT, NOWHERE, "expect MESSAGE refused [ REPLY [ STATUS ] ] [ TEXT ]")     \
    X(EXPECT_ATTEMPTS_AT, EXPECT, NOWHERE,                                                         \
      "expect MESSAGE attempts at TIME... [ then every PERIOD ]")                                  \
    X(EXPECT_ATTEMPTS_COUNT, EXPECT, NOWHERE, "expect MESSAGE attempts count COUNT")               \
    X(EXPECT_ATTEMPT, EXPECT, NOWHERE,                                                             \
      "expect MESSAGE attempt NUMBER at TIME [ TOLERANCE ] [ to IP ] [ TEXT ]")                    \
    X(EXPECT_RESULT, EXPECT, NOWHERE,                                                              \
      "expect MESSAGE to RECIPIENT RESULT [ STATUS ] [ at TIME [ TOLERANCE ] ] [ via PEER ] "      \
      "[ TEXT ]")                                                                                  \
    X(EXPECT_RECIPIENT_REFUSED, EXPECT, NOWHERE,                                                   \
      "expect MESSAGE to RECIPIENT refused [ REPLY [ STATUS ] [ TEXT ] ]")                         \
    X(EXPECT_DELIVERED, EXPECT, NOWHERE,                                                           \
      "expect MESSAGE to RECIPIENT delivered count COUNT [ because EXCUSE ]")                      \
    X(EXPECT_DSN, EXPECT, DSN, "expect dsn to RECIPIENT count COUNT [ because EXCUSE ]")           \
    X(EXPECT_DSN_COUNT, EXPECT, NOWHERE, "expect dsn count COUNT [ because EXCUSE ]")              \
    X(EXPECT_QUEUE_COUNT, EXPECT, NOWHERE, "expect queue QUEUE NUMBER at TIME")                    \
    X(EXPECT_FILES, EXPECT, NOWHERE, "expect files QUEUE NUMBER at TIME")                          \
    X(EXPECT_QUEUE_EMPTY, EXPECT, NOWHERE, "expect queue empty at TIME")                           \
    X(EXPECT_QUEUE_END, EXPECT, NOWHERE, "expect queue empty at end")                              \
    X(EXPECT_RECOVERY, EXPECT, NOWHERE, "expect recovery")                                         \
    X(EXPECT_LOG, EXPECT, NOWHERE, "expect log TEXT count COUNT")                                  \
    X(EXPECT_OUTPUT, EXPECT, NOWHERE, "expect output TEXT count COUNT")                            \
    X(EXPECT_EXIT, EXPECT, NOWHERE, "expect exit NUMBER count COUNT")                              \
    X(EXPECT_FILE, EXPECT, NOWHERE, "expect file WORD holds TEXT count COUNT")                     \
    X(EXPECT_MAIL, EXPECT, NOWHERE, "expect mail to RECIPIENT holds TEXT count COUNT")             \
    X(EXPECT_DIALOGUE_END, EXPECT, NOWHERE, "expect dialogue PEER connection NUMBER ends by SIDE") \
    X(EXPECT_DIALOGUE_COUNT, EXPECT, NOWHERE, "expect dialogue PEER connections count COUNT")      \
    X(EXPECT_DIALOGUE_SEES, EXPECT, NOWHERE, "expect dialogue PEER sees TEXT count COUNT")         \
                                                                                                   \
    X(DSN_FIELD, DSN, NOWHERE, "FIELD VALUE")

enum scenario_slot {
#define X(name, kind, choices) SCENARIO_SLOT_##name,
    SCENARIO_SLOT_LIST(X)
#undef X
        SCENARIO_SLOTS
};

enum scenario_form {
#define X(name, where, below, pattern) SCENARIO_FORM_##name,
    SCENARIO_FORM_LIST(X)
#undef X
        SCENARIO_FORM_RECORD, /* of a zone, in the language of peer/zone.h */
    SCENARIO_FORM_RULE,       /* of a peer, in the language of peer/peer_script.h */
};

extern const struct syntax_language scenario_language;

/* What may stand below a line of that form. */
enum scenario_context scenario_below(enum scenario_form form);

#endif
