// SPDX-License-Identifier: ISC
/* sendmail/sendmail_message - from the message on standard input to postdrop's records
 *
 * Errors    end the process with status 75, after a line on standard error; postdrop then keeps
 *           nothing
 * Blocks    for whoever writes the message, and for postdrop
 */
#ifndef SENDMAIL_SENDMAIL_MESSAGE_H
#define SENDMAIL_SENDMAIL_MESSAGE_H

#include "base/attribute.h"
#include "conf/conf.h"
#include "sys/sys.h"

struct sendmail_envelope {
    const char *sender;    /* as given; NULL: the user's name */
    const char *full_name; /* NULL: none */
    const char *notify;    /* as after -N; NULL: nothing is wanted */
    const char *ret;       /* as after -R */
    const char *envid;
    const char *body;        /* as after -B */
    bool smtputf8;           /* is requested, needed or not */
    const char *verp;        /* two delimiters; NULL: no VERP */
    char *const *recipients; /* as given; ends with NULL */
    bool from_header;        /* recipients of the header too */
    bool dot_is_text;
};

/* Submits the message through postdrop. The exit status. */
MUST_USE int sendmail_message(struct sys *sys, const struct conf *conf,
                              const char *config_directory,
                              const struct sendmail_envelope *envelope);

#endif
