// SPDX-License-Identifier: ISC
/* proto/notice_template - the file with the texts of notices, bounce_template_file
 *
 * Grammar   name "_template = <<" WORD, lines, WORD alone on a line. name is failure, delay,
 *           success or verify. The lines are headers, an empty line, text; without a header, text
 *           alone. Headers: Charset, From, Subject, Postmaster-Subject, each on one line, case
 *           ignored, printable ASCII. Outside, empty lines and lines beginning with "#" say
 *           nothing. Blanks at the beginning of a line are part of the text.
 *           A text that has bytes above 127 needs a Charset other than us-ascii.
 * Limits    NOTICE_TEMPLATE_HEADER_MAX bytes of a header's value, NOTICE_TEMPLATE_LINE_MAX of a
 *           line (RFC 5322 2.1.1)
 * Errors    one for each bad template; reading goes on behind it
 * Memory    views into the input
 * Blocks    never; pure
 */
#ifndef PROTO_NOTICE_TEMPLATE_H
#define PROTO_NOTICE_TEMPLATE_H

#include "base/attribute.h"
#include "base/buf.h"
#include "base/str.h"

enum { NOTICE_TEMPLATE_HEADER_MAX = 900, NOTICE_TEMPLATE_LINE_MAX = 998 };

enum notice_kind { NOTICE_FAILURE, NOTICE_DELAY, NOTICE_SUCCESS, NOTICE_VERIFY, NOTICE_KINDS };

struct notice_template {
    struct str charset; /* data NULL, here and below: not given */
    struct str from;
    struct str subject;
    struct str postmaster_subject;
    struct str text; /* lines, each with its LF; $names are not replaced */
};

struct notice_template_reader {
    struct str rest; /* begins as the whole file */
    int line;        /* of the file, begins as 0 */
};

struct notice_template_problem {
    const char *text; /* "unknown header" */
    struct str what;  /* that header; may be empty */
    int line;
};

/* The name of a kind: "failure". */
const char *notice_template_name(enum notice_kind kind);

/* The next template: 1 with kind and template; 0 at the end; -ERR_SYNTAX with problem. */
MUST_USE int notice_template_next(struct notice_template_reader *reader, enum notice_kind *kind,
                                  struct notice_template *template,
                                  struct notice_template_problem *problem);

/* As it stands in a file; every member but postmaster_subject is given. */
void notice_template_write(enum notice_kind kind, const struct notice_template *template,
                           struct buf *out);

#endif
