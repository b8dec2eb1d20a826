// SPDX-License-Identifier: ISC
/* mail/dsn - what became of one recipient, in the terms of delivery status notifications
 *
 * Grammar   RFC 3464 2.3: Action, Status, Remote-MTA, Diagnostic-Code
 * Memory    views; whoever fills the struct keeps the text alive
 * Blocks    never
 */
#ifndef MAIL_DSN_H
#define MAIL_DSN_H

#include "base/str.h"

struct dsn {
    struct str status;    /* "4.4.1" */
    struct str action;    /* failed, delayed, delivered, relayed, expanded; may be empty */
    struct str diag_type; /* "smtp" for a remote host's reply, "x-unix"; empty: a reason of ours */
    struct str diag_text; /* that reply */
    struct str mta_type;  /* "dns", or empty when no host spoke */
    struct str mta_name;  /* the host */
    struct str reason;    /* for people and for the log */
};

#endif
