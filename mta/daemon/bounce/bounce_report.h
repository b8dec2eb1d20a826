// SPDX-License-Identifier: ISC
/* bounce/bounce_report - sends what is to be said of the records of one message
 *
 * Who hears   the sender, of the recipients that asked to be reported on (RFC 3461 4.1), in one
 *             notice, or with VERP in one for each of them; the postmaster, where notify_classes
 *             says so, of all recipients.
 *             A message from nobody, a notice itself, goes to the postmaster alone, where
 *             notify_classes has bounce or 2bounce. A failed message from the double-bounce
 *             address, which is such a notice, is dropped with a warning.
 * Order       all notices are durably queued before the records go
 */
#ifndef BOUNCE_BOUNCE_REPORT_H
#define BOUNCE_BOUNCE_REPORT_H

#include "bounce/bounce_state.h"

struct bounce_order {
    enum notice_kind kind;
    struct str queue_name;
    struct str queue_id;
    struct str sender;          /* internal form; empty: null sender */
    struct str verp_delimiters; /* empty: no VERP */
    bool keeps_records;
};

/* 0: what is due is queued, and the records are gone unless they are to be kept. Otherwise the
 * records are as before, and the log says why. Blocks for the disk and the cleanup service. */
MUST_USE int bounce_report(struct bounce_state *state, struct arena *arena,
                           const struct bounce_order *order);

#endif
