// SPDX-License-Identifier: ISC
/* sim/peer/peer_script - what a scripted SMTP server does, as a list of rules
 *
 *     rcpt <bob@far.test> => 450 4.2.0 "greylisted"   until first + 299s
 *     end-of-data         => accept then reset        connection 1
 *
 * At each stage the first rule that applies decides; without one the peer is an ordinary server.
 *
 * Grammar   docs/SCENARIOS.md, "What a peer does"; the forms are in peer_script.c
 * Units     times are nanoseconds after time 0 of the scenario
 * Limits    PEER_RULES_MAX rules, PEER_REPLY_LINES_MAX lines in a reply
 * Memory    rules live in the arena of the parse
 * Blocks    never
 */
#ifndef PEER_PEER_SCRIPT_H
#define PEER_PEER_SCRIPT_H

#include "syntax/syntax.h"

enum { PEER_RULES_MAX = 200, PEER_REPLY_LINES_MAX = 20 };

/* In the order of the choices of the slot STAGE. */
enum peer_stage {
    PEER_STAGE_CONNECT, /* before the connection exists */
    PEER_STAGE_BANNER,
    PEER_STAGE_EHLO,
    PEER_STAGE_HELO,
    PEER_STAGE_MAIL,
    PEER_STAGE_RCPT,
    PEER_STAGE_DATA,
    PEER_STAGE_END_OF_DATA,
    PEER_STAGE_RSET,
    PEER_STAGE_NOOP,
    PEER_STAGE_VRFY,
    PEER_STAGE_QUIT,
};

enum peer_action {
    PEER_ACTION_REPLY,
    PEER_ACTION_RAW,          /* text as it stands, no line end added */
    PEER_ACTION_OFFER,        /* 250 to EHLO with these keywords instead of the usual ones */
    PEER_ACTION_REFUSE,       /* connect: nobody listens */
    PEER_ACTION_BLACKHOLE,    /* connect: no answer ever */
    PEER_ACTION_RESET,        /* RST instead of a reply */
    PEER_ACTION_CLOSE,        /* FIN instead of a reply */
    PEER_ACTION_SILENCE,      /* reads on, never replies */
    PEER_ACTION_ACCEPT_RESET, /* keeps the message, then RST instead of the reply */
    PEER_ACTION_ACCEPT_CLOSE,
    PEER_ACTION_ACCEPT_SILENCE,
};

struct peer_rule {
    struct peer_rule *next;
    enum peer_stage stage;
    struct str path; /* of MAIL or RCPT; * stands for any text; data NULL: any path */
    enum peer_action action;
    int code;          /* of a reply */
    struct str status; /* 4.2.0, or empty */
    struct str lines[PEER_REPLY_LINES_MAX];
    int line_count;
    int64_t delay_ns;         /* before the reply */
    int64_t byte_interval_ns; /* between two bytes of the reply; 0: all at once */
    int64_t from_ns;
    int64_t until_ns;
    bool from_first; /* the time counts from `first` */
    bool until_first;
    int64_t connection_low;
    int64_t connection_high;
    int64_t open_low;
    int64_t open_high;
    bool keep_open;

    /* State: when this rule's command was first seen; INT64_MAX before. */
    int64_t first_ns;
};

struct peer_script {
    struct peer_rule *rules; /* in order of the file */
    int count;
};

void peer_script_init(struct peer_script *script);

/* Appends the rule of one line. False after a problem. */
MUST_USE bool peer_script_add(struct peer_script *script, const struct syntax_line *line,
                              struct arena *arena, struct syntax_problems *problems);

/* Where a conversation stands. */
struct peer_situation {
    int64_t now_ns;
    int64_t connection; /* its number */
    int64_t open_count; /* connections there are now, this one included */
};

/* The rule that decides, or NULL. path is empty except for MAIL and RCPT. Notes the first time
 * that each matching command is seen. */
const struct peer_rule *peer_script_find(struct peer_script *script, enum peer_stage stage,
                                         struct str path, const struct peer_situation *at);

/* The next time after now at which a `connect` rule begins or ends to hold; INT64_MAX: never. */
int64_t peer_script_next_change(const struct peer_script *script, int64_t now_ns);

/* The name of a stage as scripts write it. */
struct str peer_stage_name(enum peer_stage stage);

#endif
