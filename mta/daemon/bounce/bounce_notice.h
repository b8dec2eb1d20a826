// SPDX-License-Identifier: ISC
/* bounce/bounce_notice - one delivery status notification, composed and queued
 *
 * Grammar   multipart/report of RFC 6522: text for people, message/delivery-status of RFC 3464,
 *           the message or its header. What others wrote is folded and in printable ASCII, and
 *           cannot start a line. The boundary begins no line of the message; a part with bytes
 *           above 127 says so, and the whole then too. About a message that asked for SMTPUTF8
 *           the notice does too: it is in UTF-8, with the types of RFC 6533.
 * Limits    lines of BOUNCE_ORIGINAL_LINE_MAX bytes
 * Blocks    for the disk and the cleanup service
 */
#ifndef BOUNCE_BOUNCE_NOTICE_H
#define BOUNCE_BOUNCE_NOTICE_H

#include "bounce/bounce_original.h"
#include "bounce/bounce_selection.h"
#include "bounce/bounce_state.h"

struct bounce_notice {
    struct bounce_state *state;
    enum notice_kind kind;
    struct str queue_id; /* of the message reported on */
    struct queue_message *message;
    const struct queue_envelope *envelope;
    struct bounce_selection selection;
    struct str recipient; /* of the notice, internal form */
    bool to_postmaster;   /* from the double-bounce address, else from nobody */
    bool returns_whole;
};

/* 0 when it is durably queued; otherwise the log says why not. */
MUST_USE int bounce_notice_send(const struct bounce_notice *notice, struct arena *arena);

#endif
