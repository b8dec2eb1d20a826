// SPDX-License-Identifier: ISC
/* mail/transcript - an SMTP conversation, kept in case the postmaster wants to see it
 *
 *     transcript_init(&transcript, mem, conf);
 *     transcript_out(&transcript, STR("220 mx.our.test ESMTP"));
 *     transcript_in(&transcript, STR("MAIL FROM:<>"));
 *     transcript_mark(&transcript, TRANSCRIPT_PROTOCOL);
 *     ...
 *     transcript_send(&transcript, cleanup, conf, log, "SMTP server: errors from x[192.0.2.1]");
 *
 * Goes to error_notice_recipient, from the double-bounce address, when what went wrong is of a
 * class that notify_classes names; of the class bounce alone, to bounce_notice_recipient.
 *
 * Shape     " Out: " and " In:  " before what this system and what the other side said; bytes that
 *           are not printable ASCII are "?"
 * Limits    TRANSCRIPT_BYTES_MAX, TRANSCRIPT_LINE_MAX bytes of a line; the rest is left out
 * Memory    the text, on the heap given; none when notify_classes has no class that could come up
 * Blocks    send only
 */
#ifndef MAIL_TRANSCRIPT_H
#define MAIL_TRANSCRIPT_H

#include "conf/conf.h"
#include "log/log.h"
#include "mail/cleanup_client.h"

enum { TRANSCRIPT_BYTES_MAX = 64 * 1024, TRANSCRIPT_LINE_MAX = 900 };

/* What went wrong; names as in notify_classes. */
#define TRANSCRIPT_CLASS_LIST(X)                                      \
    X(BOUNCE, 1, "bounce")      /* a recipient does not exist */      \
    X(DATA, 2, "data")          /* a table could not be asked */      \
    X(POLICY, 4, "policy")      /* refused by a rule */               \
    X(PROTOCOL, 8, "protocol")  /* what is no SMTP, or out of turn */ \
    X(RESOURCE, 16, "resource") /* disk */                            \
    X(SOFTWARE, 32, "software") /* a service of ours failed */

enum transcript_class {
#define X(name, bit, word) TRANSCRIPT_##name = bit,
    TRANSCRIPT_CLASS_LIST(X)
#undef X
};

struct transcript {
    struct buf text;
    unsigned wanted; /* set of enum transcript_class */
    unsigned marked;
};

void transcript_init(struct transcript *transcript, struct mem *mem, const struct conf *conf);
void transcript_done(struct transcript *transcript);

/* One line or several, of this system; of the other side. */
void transcript_out(struct transcript *transcript, struct str lines);
void transcript_in(struct transcript *transcript, struct str lines);
void transcript_mark(struct transcript *transcript, unsigned classes);
/* All went well in the end: nobody needs to hear of what was before. */
void transcript_forget(struct transcript *transcript);

/* Sends it when one is due. subject follows the name of the mail system. What cannot be sent is
 * logged. */
void transcript_send(struct transcript *transcript, struct cleanup_client *client,
                     const struct conf *conf, struct log *log, struct str subject);

#endif
