// SPDX-License-Identifier: ISC
/* smtp/smtp_failure - reasons, and what they mean for the recipients
 *
 * Memory    failures live in the request's arena
 * Blocks    those that end recipients: for the bounce service
 */
#ifndef SMTP_SMTP_FAILURE_H
#define SMTP_SMTP_FAILURE_H

#include <stdarg.h>

#include "base/attribute.h"
#include "proto/smtp_reply.h"
#include "smtp/smtp_state.h"

/* A reason of our own. Instant. */
struct smtp_failure *smtp_failure_make(struct smtp_delivery *delivery, struct str relay,
                                       const char *status, const char *format, ...)
    PRINTF_LIKE(4, 5);
struct smtp_failure *smtp_failure_vmake(struct smtp_delivery *delivery, struct str relay,
                                        const char *status, const char *format, va_list arguments);

/* The host's reply is the reason: its enhanced status counts when it fits its code. Format gives
 * the whole sentence. Instant. */
struct smtp_failure *smtp_failure_of_reply(struct smtp_delivery *delivery, struct str relay,
                                           struct str host, const struct smtp_reply *reply,
                                           const char *format, ...) PRINTF_LIKE(5, 6);

/* The reply's text on one line, cut when it is long. Instant. */
struct str smtp_failure_reply_text(struct smtp_delivery *delivery, const struct smtp_reply *reply);
/* The status of a reply for the log: "2.0.0", "5.1.1". Instant. */
struct str smtp_failure_status(struct smtp_delivery *delivery, const struct smtp_reply *reply);

bool smtp_failure_is_final(const struct smtp_failure *failure);
/* The same failure with another status. Instant. */
struct smtp_failure *smtp_failure_with_status(struct smtp_delivery *delivery,
                                              const struct smtp_failure *failure,
                                              const char *status);

/* A host is tried: what earlier hosts said about recipients does not count any more. Instant. */
void smtp_failure_forget(struct smtp_delivery *delivery);

/* Ends the recipient when the failure is final, else it waits for another host; with soft_bounce
 * nothing is final. */
void smtp_failure_of_recipient(struct smtp_delivery *delivery, int index,
                               const struct smtp_failure *failure);
/* The same for all recipients with neither an outcome nor a failure since smtp_failure_forget(). */
void smtp_failure_of_rest(struct smtp_delivery *delivery, const struct smtp_failure *failure);
/* All recipients without an outcome wait with this failure, even when it is final: there may be
 * another destination. Instant. */
void smtp_failure_wait(struct smtp_delivery *delivery, const struct smtp_failure *failure);
/* Logs why recipients go on to another host. Instant. */
void smtp_failure_log_pending(struct smtp_delivery *delivery);
/* No host is left: recipients without an outcome get that of their last failure. */
void smtp_failure_end(struct smtp_delivery *delivery);

bool smtp_failure_left(const struct smtp_delivery *delivery); /* a recipient without outcome */

#endif
