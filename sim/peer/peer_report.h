// SPDX-License-Identifier: ISC
/* sim/peer/peer_report - what peers tell about what they see, as lines of the log
 *
 *     report mx.far.test connection 1 opened from 198.51.100.1
 *     report mx.far.test connection 1 keeps "messages/1" from <a@our.test> to <b@far.test>
 *     report client A copy 1 accepted "250 2.0.0 Ok: queued as 4X"
 *
 * Grammar   the forms below, in the notation of syntax/syntax.h
 * Limits    PEER_REPORT_MAX bytes a line; longer texts are cut
 * Blocks    never
 */
#ifndef PEER_PEER_REPORT_H
#define PEER_PEER_REPORT_H

#include "syntax/syntax.h"
#include "sys/sys.h"

enum { PEER_REPORT_MAX = 65536, PEER_REPORT_TEXT_MAX = 400 };

/*   slot          kind         choices */
#define PEER_REPORT_SLOT_LIST(X) \
    X(PEER, WORD, NULL)          \
    X(NUMBER, NUMBER, NULL)      \
    X(IP, WORD, NULL)            \
    X(TEXT, TEXT, NULL)          \
    X(SENDER, PATH, NULL)        \
    X(RECIPIENT, PATH, NULL)     \
    X(SIDE, CHOICE, "mta peer")  \
    X(MESSAGE, WORD, NULL)       \
    X(COPY, NUMBER, NULL)

/*   form           line */
#define PEER_REPORT_FORM_LIST(X)                                                     \
    X(OPENED, "report PEER connection NUMBER opened from IP")                        \
    X(COMMAND, "report PEER connection NUMBER reads TEXT")                           \
    X(REPLY, "report PEER connection NUMBER says TEXT")                              \
    X(KEEPS, "report PEER connection NUMBER keeps TEXT from SENDER to RECIPIENT...") \
    X(ENDS, "report PEER connection NUMBER ends by SIDE")                            \
    X(ANSWERS, "report PEER answers TEXT")                                           \
    X(ACCEPTED, "report client MESSAGE copy COPY accepted TEXT")                     \
    X(REFUSED, "report client MESSAGE copy COPY refused TEXT")                       \
    X(LOST, "report client MESSAGE copy COPY lost TEXT")                             \
    X(RECIPIENT_REFUSED, "report client MESSAGE copy COPY to RECIPIENT refused TEXT")

enum peer_report_slot {
#define X(name, kind, choices) PEER_REPORT_SLOT_##name,
    PEER_REPORT_SLOT_LIST(X)
#undef X
        PEER_REPORT_SLOTS
};

enum peer_report_form {
#define X(name, pattern) PEER_REPORT_##name,
    PEER_REPORT_FORM_LIST(X)
#undef X
        PEER_REPORT_FORMS
};

/* Logs "report " and what the format gives. A text goes in by peer_quoted(). Instant. */
void peer_report(struct sys *sys, const char *format, ...) PRINTF_LIKE(2, 3);

/* The text in quotes, cut to PEER_REPORT_TEXT_MAX, for "%s" of peer_report(). */
enum { PEER_QUOTED_MAX = 2 * PEER_REPORT_TEXT_MAX + 3 };
const char *peer_quoted(struct str text, char quoted[PEER_QUOTED_MAX]);

/* False when the line is no report. */
MUST_USE bool peer_report_parse(struct arena *arena, struct str line, struct syntax_match *match);

#endif
