// SPDX-License-Identifier: ISC
/* mail/arrival - what the receiving daemons write about a message besides what the client sent
 *
 *     arrival_put_envelope(&arrival, message);
 *     arrival_put_recipient(message, address, notify, orcpt) ...
 *     arrival_put_content(&arrival, message, conf);
 *     cleanup_client_put_text(message, QUEUE_RECORD_LINE, line) ...
 *     status = arrival_end(message, arena, &reason);
 *
 * Blocks    all, as cleanup_client_put() and cleanup_client_end() do
 */
#ifndef MAIL_ARRIVAL_H
#define MAIL_ARRIVAL_H

#include "conf/conf.h"
#include "mail/cleanup_client.h"
#include "mail/peer.h"

struct arrival {
    const struct peer *client;
    struct str protocol; /* SMTP, ESMTP, QMQP */
    struct str helo;     /* empty: none was given */
    struct str sender;   /* internal form */
    int64_t wall_ns;
    struct str only_recipient; /* external form; empty when there are several */
    int ret;                   /* enum queue_ret */
    bool smtputf8;             /* the client has declared it */
    struct str envelope_id;
    struct str verp_delimiters;
};

/* Time, attributes, sender. */
void arrival_put_envelope(const struct arrival *arrival, struct cleanup_message *message);
/* address in internal form; notify: a sum of enum queue_notify, or 0; orcpt may be empty. */
void arrival_put_recipient(struct cleanup_message *message, struct str address, int notify,
                           struct str orcpt);
/* Ends the envelope and begins the content with the Received header. */
void arrival_put_content(const struct arrival *arrival, struct cleanup_message *message,
                         const struct conf *conf);
/* Ends the content: enum cleanup_status bits, 0 when the message is durably queued. */
MUST_USE int64_t arrival_end(struct cleanup_message *message, struct arena *arena);

#endif
