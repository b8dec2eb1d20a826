// SPDX-License-Identifier: ISC
/* proto/smtp_command - one SMTP command line: verb and argument, path and ESMTP parameters
 *
 * A line comes from the stream without its line ending. Any line is a command: what is no known
 * verb is SMTP_VERB_UNKNOWN, and the caller answers 500 or 502.
 *
 * Grammar   RFC 5321 4.1.1, 4.1.2, RFC 6531 3.3 (whether it is UTF-8 is for the caller); tolerated: space after "FROM:" and "TO:", spaces and tabs
 *           around arguments, an address without angle brackets, "=" in a parameter's value
 * Limits    SMTP_PARAMETERS_MAX parameters; the line's own limit is the reader's
 * Memory    none: all views point into the line
 * Blocks    never
 */
#ifndef PROTO_SMTP_COMMAND_H
#define PROTO_SMTP_COMMAND_H

#include "base/attribute.h"
#include "base/str.h"

/*  verb, in the order in which a session's commands are counted in the log */
#define SMTP_VERB_LIST(X) \
    X(HELO)               \
    X(EHLO)               \
    X(LHLO)               \
    X(XCLIENT)            \
    X(XFORWARD)           \
    X(STARTTLS)           \
    X(AUTH)               \
    X(MAIL)               \
    X(RCPT)               \
    X(DATA)               \
    X(BDAT)               \
    X(RSET)               \
    X(NOOP)               \
    X(VRFY)               \
    X(EXPN)               \
    X(ETRN)               \
    X(HELP)               \
    X(QUIT)

enum smtp_verb {
    SMTP_VERB_UNKNOWN,
#define X(verb) SMTP_VERB_##verb,
    SMTP_VERB_LIST(X)
#undef X
        SMTP_VERB_COUNT
};

struct smtp_command {
    enum smtp_verb verb;
    struct str name;     /* the verb as it was written */
    struct str argument; /* all after the verb, without blanks at both ends; may be empty */
};

void smtp_command_parse(struct str line, struct smtp_command *command);
const char *smtp_command_verb_name(enum smtp_verb verb); /* upper case; "UNKNOWN" */

enum { SMTP_PARAMETERS_MAX = 32 };

struct smtp_parameter {
    struct str name;
    struct str value; /* data is NULL when there is no "=" */
};

/* The argument of MAIL and RCPT. */
struct smtp_path {
    struct str address; /* with its angle brackets when it was written with them */
    struct smtp_parameter parameters[SMTP_PARAMETERS_MAX];
    int parameter_count;
};

/* Takes apart "FROM:<a@b> SIZE=1" where keyword is "FROM". The address itself is for
 * address_parse_path().
 * -ERR_SYNTAX  the keyword, its colon or the address is missing, or a bracket or quote is open
 * -ERR_INVALID a parameter is malformed: esmtp-param of RFC 5321 4.1.2
 * -ERR_LIMIT   more than SMTP_PARAMETERS_MAX parameters
 */
MUST_USE int smtp_command_parse_path(struct str argument, struct str keyword,
                                     struct smtp_path *path);

#endif
